import { randomUUID } from 'node:crypto';
import {
  ZonebridgeError,
  type AudioDescription,
  type SessionDescription,
  type Stage,
  type Termination,
  type VideoDescription,
} from '#kernel/index.ts';
import type {
  Call,
  CallOrigin,
  CallOwner,
  Endpoint,
  Gate,
  RoomState,
  RosterEntry,
  WaitingEntry,
} from '#signaling/call.ts';
import { waitFor } from '#test/support/waitFor.ts';

interface CallStandInOptions {
  readonly name: string;
  readonly protocol?: Call['protocol'];
  readonly room?: string;
  /** Absent: the zone makes the offer. */
  readonly offer?: SessionDescription;
  /** What the far end answers to an offer of the zone; it may take its time, or throw. */
  readonly answer?: (offer: SessionDescription) => SessionDescription | Promise<SessionDescription>;
  /** Joins muted. */
  readonly muted?: boolean;
  /** Joins with its camera on; browsers only. */
  readonly camera?: boolean;
  /** What else is known of where it comes from. */
  readonly origin?: Partial<CallOrigin>;
  /** What is typed at the gates, one after the other. */
  readonly codes?: readonly string[];
}

/** A far end without signaling: does what it is told and keeps what the zone says to it. */
export class CallStandIn implements Call {
  readonly id = randomUUID();
  readonly protocol: Call['protocol'];
  readonly room: string;
  readonly displayName: string;
  readonly direction = 'in';
  readonly origin: CallOrigin;
  readonly offer?: SessionDescription;
  readonly rosters: (readonly RosterEntry[])[] = [];
  /** How the zone ended it: `refused busy`, `hung up server-stopping`. */
  readonly told: string[] = [];
  /** Offers of the zone, the first included. */
  readonly offers: SessionDescription[] = [];
  readonly stages: Stage[] = [];
  /** Gates that it was shown. */
  readonly gates: Gate[] = [];
  waiting: readonly WaitingEntry[] = [];
  roomState: RoomState | undefined;
  readonly notices: string[] = [];
  /** What it was told to be during the call. */
  readonly roles: ('host' | 'guest')[] = [];
  /** How often a host has muted it. */
  mutedByHost = 0;
  pass?: NonNullable<Call['pass']>;
  /** How often it was told to stop sharing. */
  sharesStopped = 0;
  /** How often it was asked for a key frame. */
  keyFrameRequests = 0;
  readonly #options: CallStandInOptions;
  readonly #codes: string[];
  readonly #gone = Promise.withResolvers<never>();
  #owner: CallOwner | undefined;
  #endpoint: Endpoint | undefined;
  #ended = false;

  constructor(options: CallStandInOptions) {
    this.#options = options;
    this.protocol = options.protocol ?? (options.offer === undefined ? 'web' : 'sip');
    this.room = options.room ?? 'welcome';
    this.displayName = options.name;
    this.#codes = [...(options.codes ?? [])];
    this.origin = {
      transport: 'tls',
      remoteAddress: '127.0.0.1',
      remotePort: 9,
      signs: [],
      wantsPrivacy: false,
      ...options.origin,
    };
    if (this.protocol === 'web') this.pass = (gate) => this.#passGate(gate);
    if (options.offer !== undefined) this.offer = options.offer;
    this.#gone.promise.catch(() => undefined);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The zone, once it has begun to answer. */
  get owner(): CallOwner {
    if (this.#owner === undefined) throw new Error(`${this.displayName} was not answered`);
    return this.#owner;
  }

  get roster(): readonly RosterEntry[] {
    return this.rosters.at(-1) ?? [];
  }

  async admit(endpoint: Endpoint, owner: CallOwner): Promise<void> {
    this.#owner = owner;
    this.#endpoint = endpoint;
    if (this.#options.muted === true) owner.setMuted(true);
    if (this.#options.camera === true) owner.setCamera(true);
    try {
      if (this.offer === undefined) await this.#negotiate(endpoint);
    } catch (error) {
      this.#end({ cause: error instanceof ZonebridgeError ? 'not-acceptable' : 'failed' });
      throw error;
    }
  }

  refuse(because: Termination): Promise<void> {
    return this.#tell('refused', because);
  }

  hangup(because: Termination): Promise<void> {
    return this.#tell('hung up', because);
  }

  reoffer(endpoint: Endpoint): Promise<void> {
    return this.#negotiate(endpoint);
  }

  showRoster(_selfId: string, roster: readonly RosterEntry[]): void {
    this.rosters.push(roster);
  }

  showStage(_selfId: string, stage: Stage): void {
    this.stages.push(stage);
  }

  showWaiting(waiting: readonly WaitingEntry[]): void {
    this.waiting = waiting;
  }

  showRoomState(state: RoomState): void {
    this.roomState = state;
  }

  showRole(isHost: boolean): void {
    this.roles.push(isHost ? 'host' : 'guest');
  }

  showMuted(): void {
    this.mutedByHost += 1;
  }

  showNotice(text: string): void {
    this.notices.push(text);
  }

  stopSharing(): void {
    this.sharesStopped += 1;
  }

  requestKeyFrame(): void {
    this.keyFrameRequests += 1;
  }

  /** A re-INVITE. */
  async offerAgain(offer: SessionDescription): Promise<SessionDescription> {
    if (this.#endpoint === undefined) throw new Error(`${this.displayName} was not answered`);
    return this.#endpoint.renegotiate(offer);
  }

  /** The far end goes, before or after it was answered. */
  leave(cause: Termination['cause'] = 'remote-hangup'): void {
    this.#end({ cause });
  }

  /**
   * Resolves when this is who it sees in the room, by name and what else is so of them, in this order: `muted`, `speaking`,
   * `camera`, `sharing`, `pinned`, `spotlight`.
   */
  sees(...people: readonly string[]): Promise<unknown> {
    const wanted = [...people].sort().join(', ');
    return waitFor(
      `${this.displayName} sees ${wanted}`,
      () => this.roster.map(described).sort().join(', ') === wanted,
    );
  }

  async #passGate(gate: Gate): Promise<string> {
    this.gates.push(gate);
    if (gate.kind !== 'pin') return '';
    return this.#codes.shift() ?? this.#gone.promise;
  }

  async #negotiate(endpoint: Endpoint): Promise<void> {
    const { answer } = this.#options;
    if (answer === undefined) throw new Error(`${this.displayName} cannot answer`);
    this.offers.push(endpoint.local);
    await endpoint.accept(await Promise.race([answer(endpoint.local), this.#gone.promise]));
  }

  #tell(how: string, because: Termination): Promise<void> {
    this.told.push(`${how} ${because.cause}`);
    this.#end(because);
    return Promise.resolve();
  }

  #end(because: Termination): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#gone.reject(new ZonebridgeError('closed', `${this.displayName} is gone`));
    this.#owner?.ended(because);
  }
}

function described({ name, camera, ...entry }: RosterEntry): string {
  const marks = [
    entry.muted && 'muted',
    entry.speaking && 'speaking',
    camera === 'on' && 'camera',
    entry.sharing && 'sharing',
    entry.pinned && 'pinned',
    entry.spotlight && 'spotlight',
  ];
  return [name, ...marks.filter((mark) => mark !== false)].join(' ');
}

/** What a browser answers to all sections; its media never comes. */
export function browserAnswer({ audio, video, screen, alternate }: SessionDescription): SessionDescription {
  return {
    audio: { ...sectionAnswer(audio), codecs: audio.codecs, ssrc: 4711 },
    ...(video === undefined ? {} : { video: { ...videoAnswer(video), rids: video.rids ?? [] } }),
    ...(screen === undefined ? {} : { screen: { ...videoAnswer(screen), ssrc: 4712 } }),
    ...(alternate === undefined ? {} : { alternate: { ...videoAnswer(alternate), direction: 'recvonly' } }),
  };
}

function videoAnswer(section: VideoDescription): VideoDescription {
  return { ...sectionAnswer(section), codecs: section.codecs };
}

function sectionAnswer({
  mid,
  headerExtensions,
}: AudioDescription | VideoDescription): Omit<AudioDescription, 'codecs'> {
  return {
    ...(mid === undefined ? {} : { mid }),
    direction: 'sendrecv',
    security: {
      kind: 'dtls',
      setup: 'active',
      fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'CD').join(':') }],
    },
    ice: { usernameFragment: 'abcd', password: 'abcdefghijklmnopqrstuvwx', lite: false, candidates: [] },
    address: '0.0.0.0',
    port: 9,
    rtcpMux: true,
    headerExtensions,
  };
}
