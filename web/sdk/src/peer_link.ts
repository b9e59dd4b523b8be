// One link to one remote member: its peer connection, perfect negotiation, trickled candidates, restart and reset.
// What the path is and why is in link_story.ts; who the members are is in room.ts.

import { CandidateBatch } from './candidate_batch.ts';
import { LinkChannels, type TalkPorts } from './link_channels.ts';
import { LinkStory, type Explanation } from './link_story.ts';
import { MediaSlots, SLOTS, type LocalTracks, type Slot } from './media_slots.ts';
import { Negotiation } from './negotiation.ts';
import { OfferTurn } from './offer_turn.ts';
import type { RelayItem } from './protocol.ts';
import { Recovery, type Remedy } from './recovery.ts';
import { SecondLook, type Surroundings } from './second_look.ts';

export interface LinkPorts {
  self: string;
  peer: string;
  /** True when we came later and therefore offer first. */
  offersFirst: boolean;
  tracks: LocalTracks;
  send(items: RelayItem[]): void;
  servers(): RTCIceServer[];
  /** Resolves when fresh ICE servers have arrived, or after a few seconds without. */
  renew(): Promise<void>;
  relayOnly(): boolean;
  /** Why the path is as it is, with what is known of both members. */
  explain(): Explanation | null;
  /** False while a restart could not reach the other side anyway. */
  reachable(): boolean;
  changed(): void;
  track(slot: Slot, track: MediaStreamTrack): void;
  /** The data channels are open: everything may be said. */
  channelsOpen(): void;
  talk: TalkPorts;
}

/** The one that waits for an offer makes one itself after this long. */
const OFFER_WAIT_MS = 8_000;
/** An offer that got no answer is sent again: either may have been lost with a broken signaling connection. */
const ANSWER_WAIT_MS = 6_000;
/** Chromium answers getStats() from a reading up to 50 ms old, which may be from before there was a path. */
const STALE_STATS_MS = 60;

export class PeerLink {
  readonly #ports: LinkPorts;
  readonly #negotiation: Negotiation;
  readonly #turn: OfferTurn;
  readonly #batch: CandidateBatch;
  readonly #recovery: Recovery;
  #story: LinkStory;
  #secondLook: SecondLook;
  #connection: RTCPeerConnection | null = null;
  #slots: MediaSlots | null = null;
  #channels: LinkChannels | null = null;
  #inbox: Promise<void> = Promise.resolve();
  #resetUnanswered = false;
  #restarting = false;
  #videoBitsPerSecond: number | undefined;
  #offerTimer: ReturnType<typeof setTimeout> | undefined;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
    this.#negotiation = new Negotiation(ports.self, ports.peer);
    this.#turn = new OfferTurn({
      polite: this.#negotiation.polite,
      established: () => !!this.#connection?.currentRemoteDescription,
      quiet: () => this.#connection?.signalingState === 'stable' && !this.#negotiation.makingOffer,
      offer: () => void this.#offer(),
      send: (kind) => ports.send([{ kind }]),
    });
    this.#batch = new CandidateBatch((items) => ports.send(items));
    this.#recovery = new Recovery(this.#negotiation.polite, (remedy) => void this.#remedy(remedy));
    this.#secondLook = new SecondLook(this.#negotiation.polite);
    this.#story = new LinkStory(ports.offersFirst ? 'welcome' : 'joined', ports.peer);
    if (ports.offersFirst) this.start();
    else this.#offerTimer = setTimeout(() => this.start(), OFFER_WAIT_MS);
  }

  get story(): LinkStory {
    return this.#story;
  }

  get chatOpen(): boolean {
    return this.#channels?.chat.open ?? false;
  }

  get polite(): boolean {
    return this.#negotiation.polite;
  }

  get connection(): RTCPeerConnection | null {
    return this.#connection;
  }

  /** Connected, with nothing left to agree on. */
  get settled(): boolean {
    if (this.#restarting) return false;
    return this.#connection?.connectionState === 'connected' && this.#connection.signalingState === 'stable';
  }

  /** Offers, unless there is a connection already. */
  start(): void {
    if (this.#closed || this.#connection) return;
    this.#open();
    this.#slots?.offer(true);
  }

  /** Takes what the other side relayed, strictly in order. */
  receive(items: RelayItem[]): void {
    for (const item of items) {
      this.#inbox = this.#inbox.then(() => this.#take(item)).catch((error: unknown) => this.#refused(item, error));
    }
  }

  /** What can be said to this member now; null while there is no connection. */
  get channels(): LinkChannels | null {
    return this.#channels;
  }

  async refreshTrack(slot: Slot): Promise<void> {
    await this.#slots?.refresh(slot);
  }

  async limitVideo(bitsPerSecond: number): Promise<void> {
    this.#videoBitsPerSecond = bitsPerSecond;
    await this.#slots?.limitVideo(bitsPerSecond);
  }

  /** New ICE servers or another transport policy: they count from the next gathering on. */
  reconfigure(): void {
    try {
      this.#connection?.setConfiguration(this.#configuration());
    } catch {
      // Refused by a closed connection, which needs none.
    }
  }

  /** Gathers anew with fresh servers and finds the best path again; media goes on meanwhile. */
  async restart(): Promise<void> {
    this.#restarting = true;
    await this.#ports.renew();
    this.#restarting = false;
    if (this.#closed) return;
    const connection = this.#connection;
    if (!connection) return this.start();
    this.reconfigure();
    connection.restartIce();
    // With an offer still open no new one is made: the open one is repeated instead.
    if (connection.signalingState === 'have-local-offer') this.#sendDescription();
  }

  /** Throws the connection away on both sides and begins anew. */
  reset(): void {
    if (this.#closed) return;
    this.#batch.clear();
    this.#ports.send([{ kind: 'reset' }]);
    this.#resetUnanswered = true;
    this.#dispose();
    this.start();
  }

  /** The signaling connection came back: what was on the way may be lost. */
  resumed(): void {
    if (this.#connection?.signalingState === 'have-local-offer') this.#sendDescription();
  }

  /**
   * The server was restarted and this member is back. An open offer may be lost, and so are relayed paths, whose relay
   * died with it; one side is enough to restart them.
   */
  restored(): void {
    this.resumed();
    if (this.#ports.explain()?.path !== 'direct' && !this.#negotiation.polite) void this.restart();
  }

  async poll(): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    const report = await connection.getStats();
    if (connection !== this.#connection) return;
    this.#story.read(report);
    this.#shareSteps();
    if (this.settled && this.#ports.reachable() && this.#secondLook.due(this.#surroundings())) void this.restart();
    if (this.#videoBitsPerSecond !== undefined) await this.#slots?.limitVideo(this.#videoBitsPerSecond);
  }

  close(): void {
    this.#closed = true;
    this.#batch.clear();
    this.#dispose();
  }

  /** A new state is shown with the statistics that explain it; else a badge says "looking" beside a moving picture for up to a second. */
  async #pollNow(): Promise<void> {
    await this.poll().catch(() => undefined);
    if (this.#connection?.connectionState === 'connected' && !this.#story.stats?.selected) {
      await new Promise((resolve) => setTimeout(resolve, STALE_STATS_MS));
      await this.poll().catch(() => undefined);
    }
    if (!this.#closed) this.#ports.changed();
  }

  // --- the connection -------------------------------------------------------------------------------------------------

  #configuration(): RTCConfiguration {
    return {
      iceServers: this.#ports.servers(),
      iceTransportPolicy: this.#ports.relayOnly() ? 'relay' : 'all',
      bundlePolicy: 'max-bundle',
    };
  }

  #surroundings(): Surroundings {
    const { code, local } = this.#ports.explain() ?? {};
    const localCandidates = this.#story.stats?.localCandidates ?? [];
    return { nowMs: performance.now(), code, local, localCandidates, servers: this.#ports.servers() };
  }

  #open(): RTCPeerConnection {
    clearTimeout(this.#offerTimer);
    const connection = new RTCPeerConnection(this.#configuration());
    this.#connection = connection;
    this.#slots = new MediaSlots(connection, this.#ports.tracks);
    this.#channels = new LinkChannels(connection, this.#ports.talk, {
      opened: () => {
        this.#shareSteps();
        this.#ports.channelsOpen();
        this.#ports.changed();
      },
      changed: () => this.#ports.changed(),
      steps: (steps) => {
        this.#story.theirSteps = steps;
        this.#ports.changed();
      },
    });
    this.#listen(connection);
    this.#recovery.observe('connecting');
    return connection;
  }

  #listen(connection: RTCPeerConnection): void {
    const current = (): boolean => connection === this.#connection;
    connection.onnegotiationneeded = () => {
      if (current()) this.#turn.want();
    };
    connection.onicecandidate = ({ candidate }) => {
      if (!current()) return;
      // An empty candidate ends one generation of one media line; the null after it ends them all.
      if (candidate?.candidate === '') return;
      if (candidate) this.#story.localCandidate(candidate.candidate);
      this.#batch.add(candidate ? candidate.toJSON() : null);
    };
    connection.onicecandidateerror = (event) => {
      if (current()) this.#story.relayTrouble(event.url ?? '', event.errorCode);
    };
    connection.ontrack = () => {
      if (current()) this.#announceTracks();
    };
    connection.oniceconnectionstatechange = () => {
      if (!current()) return;
      this.#story.iceState(connection);
      void this.#pollNow();
    };
    connection.onconnectionstatechange = () => {
      if (!current()) return;
      this.#story.connectionState(connection.connectionState);
      this.#recovery.observe(connection.connectionState);
      this.#shareSteps();
      this.#ports.changed();
      void this.#pollNow();
    };
  }

  #dispose(): void {
    clearTimeout(this.#offerTimer);
    clearTimeout(this.#answerTimer);
    this.#recovery.stop();
    this.#turn.reset();
    const connection = this.#connection;
    this.#connection = null;
    this.#slots = null;
    this.#channels?.files.interrupt();
    this.#channels = null;
    connection?.close();
    if (!this.#closed) this.#story = new LinkStory('reset', this.#ports.peer);
    this.#secondLook = new SecondLook(this.#negotiation.polite);
    this.#negotiation.makingOffer = false;
    this.#negotiation.applyingAnswer = false;
    this.#negotiation.ignoredOffer = false;
  }

  // --- negotiation ----------------------------------------------------------------------------------------------------

  async #offer(): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    try {
      this.#negotiation.makingOffer = true;
      await connection.setLocalDescription();
      if (connection === this.#connection) this.#sendDescription();
    } catch {
      // The other side's offer came first; negotiationneeded fires again if something is still to be said.
    } finally {
      if (connection === this.#connection) this.#negotiation.makingOffer = false;
    }
  }

  #sendDescription(): void {
    const description = this.#connection?.localDescription;
    if (!description) return;
    this.#batch.flush();
    const { type, sdp } = description;
    this.#ports.send([{ kind: 'description', description: { type, sdp } }]);
    this.#story.description('local', description);
    clearTimeout(this.#answerTimer);
    if (type === 'offer') this.#answerTimer = setTimeout(() => this.#repeatOffer(), ANSWER_WAIT_MS);
  }

  #repeatOffer(): void {
    if (this.#connection?.signalingState !== 'have-local-offer') return;
    if (this.#ports.reachable()) this.#sendDescription();
    else this.#answerTimer = setTimeout(() => this.#repeatOffer(), ANSWER_WAIT_MS);
  }

  async #take(item: RelayItem): Promise<void> {
    if (this.#closed) return;
    switch (item.kind) {
      case 'description':
        return this.#takeDescription(item.description);
      case 'candidate':
        return this.#takeCandidate(item.candidate);
      case 'ask':
        return this.#turn.asked();
      case 'go':
        return this.#turn.granted();
      case 'reset':
        if (!this.#negotiation.obeysReset(this.#resetUnanswered)) return;
        this.#resetUnanswered = false;
        this.#batch.clear();
        this.#dispose();
        this.#offerTimer = setTimeout(() => this.start(), OFFER_WAIT_MS);
        this.#ports.changed();
    }
  }

  async #takeDescription(description: { type: RTCSdpType; sdp: string }): Promise<void> {
    if (!this.#connection && description.type !== 'offer') return;
    const connection = this.#connection ?? this.#open();
    const negotiation = this.#negotiation;
    if (negotiation.judge(description.type, connection.signalingState) !== 'apply') return;
    // The other side did not wait for its turn. Rolling back would cost us its video for good (offer_turn.ts).
    if (description.type === 'offer' && connection.signalingState === 'have-local-offer' && connection.currentRemoteDescription) {
      return this.reset();
    }
    this.#resetUnanswered = false;
    negotiation.applyingAnswer = description.type === 'answer';
    try {
      await connection.setRemoteDescription(description);
    } finally {
      negotiation.applyingAnswer = false;
    }
    this.#story.description('remote', description);
    if (description.type === 'offer') {
      await this.#slots?.adopt();
      if (connection !== this.#connection) return;
      await connection.setLocalDescription();
      this.#sendDescription();
      // Lines that only we need, a shared screen for example, become an offer of our own.
      this.#slots?.offer(false);
    } else {
      clearTimeout(this.#answerTimer);
    }
    this.#slots?.described();
    this.#announceTracks();
    this.#story.exchanged(connection);
    this.#turn.settled();
    this.#ports.changed();
  }

  async #takeCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    if (!this.#connection) return;
    if (candidate) this.#story.remoteCandidate(candidate.candidate ?? '');
    try {
      await this.#connection.addIceCandidate(candidate ?? undefined);
    } catch {
      // Of an ignored offer, of a generation that a restart ended, or of a kind this browser does not know:
      // losing one candidate never ends a connection.
    }
  }

  #refused(item: RelayItem, error: unknown): void {
    if (item.kind !== 'description' || this.#closed) return;
    // The connection may have been replaced under our feet; then the error belongs to the old one.
    if (error instanceof DOMException && error.name === 'InvalidStateError') return;
    this.#story.incompatible = 'session description';
    this.#ports.changed();
  }

  #announceTracks(): void {
    for (const slot of SLOTS) {
      const transceiver = this.#slots?.transceiver(slot);
      if (transceiver?.mid) this.#ports.track(slot, transceiver.receiver.track);
    }
  }

  async #remedy(remedy: Remedy): Promise<void> {
    if (this.#closed || !this.#ports.reachable()) return;
    if (remedy === 'reset') this.reset();
    else await this.restart();
  }

  #shareSteps(): void {
    const chat = this.#channels?.chat;
    if (chat && this.#story.stepsToShare && chat.sendSteps(this.#story.steps)) this.#story.shared();
  }
}
