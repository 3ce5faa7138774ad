import { Closable, termination, type Log, type Termination } from '#kernel/index.ts';
import type { ConferenceMedia, MediaLeg } from '#media/index.ts';
import type { Call } from '#signaling/call.ts';
import type { RoomConfig } from './config/schema.ts';
import { Participant } from './Participant.ts';

/** Nothing at all from a phone for this long means that it is gone (its signaling may hang for hours). */
const mediaTimeoutMs = 60_000;

/** A roster names everybody and goes to everybody, so a large room is told of changes less often. */
const rosterPace = { perPersonMs: 2.5, minMs: 100, maxMs: 2000 };

export function rosterIntervalMs(people: number): number {
  const { perPersonMs, minMs, maxMs } = rosterPace;
  return Math.min(maxMs, Math.max(minMs, people * perPersonMs));
}

export interface ConferenceOptions {
  readonly room: RoomConfig;
  readonly zoneName: string;
  readonly media: ConferenceMedia;
  /** RTP without SRTP is allowed by the zone's config. */
  readonly allowPlainRtp: boolean;
  readonly log: Log;
  /** The last participant has left. */
  readonly onEmpty: () => void;
}

/** Who is in a room: membership and nothing else. */
export class Conference extends Closable {
  readonly #options: ConferenceOptions;
  readonly #media: ConferenceMedia;
  readonly #log: Log;
  readonly #participants = new Map<string, Participant>();
  #rosterTimer: NodeJS.Timeout | undefined;

  constructor(options: ConferenceOptions) {
    super();
    this.#options = options;
    this.#log = options.log;
    this.#media = this.own(options.media);
    this.#media.on('speaking', (legIds) => this.#speaking(legIds));
    this.#media.on('digit', (legId, digit) => this.#participants.get(legId)?.digit(digit));
    this.#media.on('reoffer', (legId) => this.#participants.get(legId)?.reofferWanted());
    this.#media.on('stalled', (legId, silentMs) => {
      if (silentMs >= mediaTimeoutMs) this.#participants.get(legId)?.end(termination('media-timeout'));
    });
  }

  /** People in the room, those still joining included. */
  get size(): number {
    return this.#participants.size;
  }

  /** Brings an admitted call in. Resolves when it is established, or has ended because that failed. */
  async join(call: Call): Promise<void> {
    const participant = this.#add(call);
    await participant.join(() => this.#makeLeg(call, participant.participantId));
    this.#showRoster();
  }

  /** Ends every call in the room and closes. */
  async end(because: Termination): Promise<void> {
    await Promise.allSettled(
      [...this.#participants.values()].map((participant) => participant.hangup(because)),
    );
    await this.close(because.cause);
  }

  protected release(): void {
    clearTimeout(this.#rosterTimer);
  }

  #makeLeg({ offer, protocol }: Call, id: string): Promise<MediaLeg> {
    const options = { id, allowPlainRtp: this.#options.allowPlainRtp };
    if (offer !== undefined) return this.#media.answer(offer, options);
    return this.#media.offer(protocol === 'web' ? 'browser' : 'phone', options);
  }

  #add(call: Call): Participant {
    const { room, zoneName } = this.#options;
    const participant = this.own(
      new Participant({
        call,
        log: this.#log,
        roomTitle: room.title ?? room.name,
        zoneName,
        onChange: () => this.#showRoster(),
      }),
    );
    const id = participant.participantId;
    this.#participants.set(id, participant);
    void participant.whenClosed.then(() => {
      this.#participants.delete(id);
      if (this.#participants.size === 0 && !this.closed) this.#options.onEmpty();
      else this.#showRoster();
    });
    return participant;
  }

  #speaking(legIds: readonly string[]): void {
    for (const [id, participant] of this.#participants) participant.speaking = legIds.includes(id);
    this.#showRoster();
  }

  /** Tells everyone who is here; changes that come close together are told once. */
  #showRoster(): void {
    if (this.closed) return;
    this.#rosterTimer ??= setTimeout(() => {
      this.#rosterTimer = undefined;
      const joined = [...this.#participants.values()].filter((participant) => participant.joined);
      const roster = joined.map((participant) => participant.rosterEntry);
      for (const participant of joined) participant.showRoster(roster);
    }, rosterIntervalMs(this.size));
  }
}
