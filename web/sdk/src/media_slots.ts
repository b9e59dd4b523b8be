// The media lines of one pair. A slot is "the first audio line", "the second video line", …: both sides count the
// same lines, so a track can come, go or be replaced without renegotiating, whoever made the line.

export const SLOTS = ['microphone', 'camera', 'screen', 'screen_audio'] as const;
export type Slot = (typeof SLOTS)[number];

const PLACE: Record<Slot, { kind: 'audio' | 'video'; index: number }> = {
  microphone: { kind: 'audio', index: 0 },
  camera: { kind: 'video', index: 0 },
  screen: { kind: 'video', index: 1 },
  screen_audio: { kind: 'audio', index: 1 },
};

/** Offered even while empty, so that turning a camera on later is instant. */
const ALWAYS: readonly Slot[] = ['microphone', 'camera'];

export type LocalTracks = ReadonlyMap<Slot, MediaStreamTrack>;

/** The order of media lines in a description: what both sides agree on. */
export function midsInOrder(sdp: string): string[] {
  return [...sdp.matchAll(/^a=mid:(\S+)/gm)].map((match) => match[1] ?? '');
}

export class MediaSlots {
  readonly #connection: RTCPeerConnection;
  readonly #tracks: LocalTracks;
  #videoBitsPerSecond: number | undefined;
  /** What the camera's line was limited to, as long as no description has come since that may have changed the line. */
  #limitedTo: number | undefined;

  constructor(connection: RTCPeerConnection, tracks: LocalTracks) {
    this.#connection = connection;
    this.#tracks = tracks;
  }

  /** Adds the lines that we want to exist: the ordinary ones when we offer first, and any that we have a track for. */
  offer(first: boolean): void {
    for (const slot of SLOTS) {
      const track = this.#tracks.get(slot);
      if (!track && !(first && ALWAYS.includes(slot))) continue;
      if (this.transceiver(slot)) continue;
      this.#connection.addTransceiver(track ?? PLACE[slot].kind, { direction: 'sendrecv' });
    }
  }

  /** After a remote offer was applied: send on the lines it brought, and drop our own that lost to them. */
  async adopt(): Promise<void> {
    const used = new Set<RTCRtpTransceiver>();
    for (const slot of SLOTS) {
      const transceiver = this.transceiver(slot);
      if (!transceiver) continue;
      used.add(transceiver);
      if (transceiver.direction !== 'sendrecv') transceiver.direction = 'sendrecv';
      await transceiver.sender.replaceTrack(this.#tracks.get(slot) ?? null);
    }
    for (const transceiver of this.#connection.getTransceivers()) {
      if (transceiver.mid === null && !used.has(transceiver) && transceiver.direction !== 'stopped') {
        transceiver.stop();
      }
    }
  }

  /** Puts what `tracks` holds now onto its line, making the line if there is none yet. */
  async refresh(slot: Slot): Promise<void> {
    const track = this.#tracks.get(slot) ?? null;
    const transceiver = this.transceiver(slot);
    if (transceiver) await transceiver.sender.replaceTrack(track);
    else if (track) this.offer(false);
    this.described();
    await this.limitVideo(this.#videoBitsPerSecond);
  }

  transceiver(slot: Slot): RTCRtpTransceiver | undefined {
    const { kind, index } = PLACE[slot];
    return this.#lines().filter((line) => line.receiver.track.kind === kind)[index];
  }

  /** A description was applied: the lines may be others. */
  described(): void {
    this.#limitedTo = undefined;
  }

  /** Shares the uplink: everybody in a mesh gets their own copy of our camera. */
  async limitVideo(bitsPerSecond: number | undefined): Promise<void> {
    this.#videoBitsPerSecond = bitsPerSecond;
    if (bitsPerSecond === undefined || bitsPerSecond === this.#limitedTo) return;
    const sender = this.transceiver('camera')?.sender;
    if (!sender?.track) return;
    // Waits for the browser's media threads, so it is not asked every second whether something is to be done.
    const parameters = sender.getParameters();
    const encoding = parameters.encodings?.[0];
    if (!encoding) return;
    encoding.maxBitrate = bitsPerSecond;
    // Refused while a negotiation is under way; the next tick of the room sets it again.
    this.#limitedTo = bitsPerSecond;
    await sender.setParameters(parameters).catch(() => this.described());
  }

  /** Live lines, negotiated ones first and in the order of the description. */
  #lines(): RTCRtpTransceiver[] {
    const description = this.#connection.remoteDescription ?? this.#connection.localDescription;
    const order = midsInOrder(description?.sdp ?? '');
    const rank = (line: RTCRtpTransceiver): number => {
      const place = line.mid === null ? -1 : order.indexOf(line.mid);
      return place < 0 ? order.length : place;
    };
    return this.#connection
      .getTransceivers()
      .filter((line) => line.direction !== 'stopped' && line.currentDirection !== 'stopped')
      .map((line, made) => ({ line, made }))
      .sort((a, b) => rank(a.line) - rank(b.line) || a.made - b.made)
      .map(({ line }) => line);
  }
}
