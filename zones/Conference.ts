import { Closable, termination, type Log, type Termination } from '#kernel/index.ts';
import type { ConferenceMedia } from '#media/index.ts';
import type { Call } from '#signaling/call.ts';
import type { RoomConfig } from './config/schema.ts';
import { Participant } from './Participant.ts';

/** Nothing at all from a phone for this long means that it is gone (its signaling may hang for hours). */
const mediaTimeoutMs = 60_000;

const rosterIntervalMs = 100;

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
    this.#media.on('reoffer', (legId) => void this.#participants.get(legId)?.restoreMedia());
    this.#media.on('stalled', (legId, silentMs) => {
      if (silentMs >= mediaTimeoutMs)
        void this.#participants.get(legId)?.hangup(termination('media-timeout'));
    });
  }

  /** People in the room, those still joining included. */
  get size(): number {
    return this.#participants.size;
  }

  /** Brings an admitted call in. Resolves when the call is established; rejects when it failed, with the call ended. */
  async join(call: Call): Promise<void> {
    const participant = this.#add(call);
    const legOptions = { id: participant.participantId, allowPlainRtp: this.#options.allowPlainRtp };
    try {
      const leg =
        call.offer === undefined
          ? await this.#media.offer(call.protocol === 'web' ? 'browser' : 'phone', legOptions)
          : await this.#media.answer(call.offer, legOptions);
      if (participant.closed || call.ended) {
        await leg.close('cancelled');
        await participant.close('cancelled');
        return;
      }
      await participant.join(leg);
    } catch (error) {
      await participant.close('failed');
      throw error;
    }
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
    }, rosterIntervalMs);
  }
}
