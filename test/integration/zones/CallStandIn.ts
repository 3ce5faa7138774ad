import { randomUUID } from 'node:crypto';
import { ZonebridgeError, type AudioDescription, type Termination } from '#kernel/index.ts';
import type { Call, CallOrigin, CallOwner, Endpoint, RosterEntry } from '#signaling/call.ts';
import { waitFor } from '#test/support/waitFor.ts';

interface CallStandInOptions {
  readonly name: string;
  readonly protocol?: Call['protocol'];
  readonly room?: string;
  /** Absent: the zone makes the offer. */
  readonly offer?: AudioDescription;
  /** What the far end answers to an offer of the zone; it may take its time, or throw. */
  readonly answer?: (offer: AudioDescription) => AudioDescription | Promise<AudioDescription>;
  /** Joins muted. */
  readonly muted?: boolean;
}

/** A far end without signaling: does what it is told and keeps what the zone says to it. */
export class CallStandIn implements Call {
  readonly id = randomUUID();
  readonly protocol: Call['protocol'];
  readonly room: string;
  readonly displayName: string;
  readonly origin: CallOrigin = { transport: 'tls', remoteAddress: '127.0.0.1', remotePort: 9 };
  readonly offer?: AudioDescription;
  readonly rosters: (readonly RosterEntry[])[] = [];
  /** How the zone ended it: `refused busy`, `hung up server-stopping`. */
  readonly told: string[] = [];
  /** Offers of the zone, the first included. */
  readonly offers: AudioDescription[] = [];
  readonly #options: CallStandInOptions;
  readonly #gone = Promise.withResolvers<never>();
  #owner: CallOwner | undefined;
  #ended = false;

  constructor(options: CallStandInOptions) {
    this.#options = options;
    this.protocol = options.protocol ?? (options.offer === undefined ? 'web' : 'sip');
    this.room = options.room ?? 'welcome';
    this.displayName = options.name;
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
    if (this.#options.muted === true) owner.setMuted(true);
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

  /** The far end goes, before or after it was answered. */
  leave(cause: Termination['cause'] = 'remote-hangup'): void {
    this.#end({ cause });
  }

  /** Resolves when this is who it sees in the room, by `name`, `name muted` or `name speaking`. */
  sees(...people: readonly string[]): Promise<unknown> {
    const wanted = [...people].sort().join(', ');
    return waitFor(
      `${this.displayName} sees ${wanted}`,
      () => this.roster.map(described).sort().join(', ') === wanted,
    );
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

function described({ name, muted, speaking }: RosterEntry): string {
  return `${name}${muted ? ' muted' : ''}${speaking ? ' speaking' : ''}`;
}

/** What a browser answers; its media never comes. */
export function browserAnswer(offer: AudioDescription): AudioDescription {
  return {
    direction: 'sendrecv',
    codecs: offer.codecs,
    security: {
      kind: 'dtls',
      setup: 'active',
      fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'CD').join(':') }],
    },
    ice: { usernameFragment: 'abcd', password: 'abcdefghijklmnopqrstuvwx', lite: false, candidates: [] },
    address: '0.0.0.0',
    port: 9,
    rtcpMux: true,
    ssrc: 4711,
    headerExtensions: offer.headerExtensions,
  };
}
