// Everything that two members say to each other over one connection's data channels, together: it lives and dies with
// that connection.

import { ChatChannel, type Remembered } from './chat_channel.ts';
import { FileChannel, type FileNews } from './file_channel.ts';
import type { Step } from './timeline.ts';
import { fingerprintIn, Verification } from './verification.ts';

/** What a link tells its room about what was said. */
export interface TalkPorts {
  text(id: string, text: string, sentMs: number): void;
  acknowledged(id: string): void;
  typing(): void;
  /** What was said before this member came, oldest first; told when it asks. */
  remembered(): readonly Remembered[];
  history(entries: Remembered[]): void;
  file(news: FileNews): void;
}

/** What the link itself wants to know. */
export interface ChannelPorts {
  opened(): void;
  changed(): void;
  steps(steps: Step[]): void;
}

export class LinkChannels {
  readonly chat: ChatChannel;
  readonly files: FileChannel;
  readonly verification: Verification;

  constructor(connection: RTCPeerConnection, talk: TalkPorts, own: ChannelPorts) {
    this.verification = new Verification({
      send: (kind, value) => this.chat.sendVerification(kind, value),
      fingerprints: () => {
        const ours = fingerprintIn(connection.localDescription?.sdp);
        const theirs = fingerprintIn(connection.remoteDescription?.sdp);
        return ours && theirs ? [ours, theirs] : null;
      },
      changed: () => own.changed(),
    });
    this.chat = new ChatChannel(connection, {
      opened: () => {
        this.verification.begin();
        own.opened();
      },
      text: (id, text, sentMs) => talk.text(id, text, sentMs),
      acknowledged: (id) => talk.acknowledged(id),
      typing: () => talk.typing(),
      historyAsked: () => this.chat.sendHistory(talk.remembered()),
      history: (entries) => talk.history(entries),
      verification: (kind, value) => this.verification.take(kind, value),
      steps: (steps) => own.steps(steps),
    });
    this.files = new FileChannel(connection, (news) => talk.file(news));
  }
}
