// The <video> and <audio> elements that play a track. Pictures are always muted, so that they start without being
// asked; sound may be refused until somebody taps, and says so.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface VideoProps {
  track: MediaStreamTrack;
  mirrored?: boolean;
  whole?: boolean;
  label: string;
}

export function Video({ track, mirrored = false, whole = false, label }: VideoProps): JSX.Element {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    video.srcObject = new MediaStream([track]);
    // A picture that is paused by the system (a phone call, a sleeping tab) starts again by itself.
    const play = (): void => void video.play().catch(() => undefined);
    play();
    video.addEventListener('pause', play);
    return () => {
      video.removeEventListener('pause', play);
      video.srcObject = null;
    };
  }, [track]);
  const classes = ['video', mirrored && 'mirrored', whole && 'whole'].filter(Boolean).join(' ');
  return <video ref={element} class={classes} muted autoplay playsInline aria-label={label} />;
}

const PLAY_ALL = 'beeline-play-sound';

/** Called from a tap: everything that was refused may play now. */
export function playSound(): void {
  dispatchEvent(new Event(PLAY_ALL));
}

export function Sound({ track, onBlocked }: { track: MediaStreamTrack; onBlocked: () => void }): JSX.Element {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    audio.srcObject = new MediaStream([track]);
    const play = (): void => {
      audio.play().catch((error: unknown) => {
        if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked();
      });
    };
    play();
    addEventListener(PLAY_ALL, play);
    return () => {
      removeEventListener(PLAY_ALL, play);
      audio.srcObject = null;
    };
  }, [track]);
  return <audio ref={element} autoplay class="unseen" />;
}
