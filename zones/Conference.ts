import { Closable, termination, type LayoutName, type Log, type Termination } from '#kernel/index.ts';
import type { ConferenceMedia, MediaLeg } from '#media/index.ts';
import type { Call } from '#signaling/call.ts';
import type { CallObserver } from './CallObserver.ts';
import type { RoomConfig } from './config/schema.ts';
import { Participant } from './Participant.ts';
import { StageControl } from './StageControl.ts';
import { tellIntervalMs } from './tellIntervalMs.ts';

/** Nothing at all from a phone for this long means that it is gone (its signaling may hang for hours). */
const mediaTimeoutMs = 60_000;

export interface ConferenceOptions {
  readonly room: RoomConfig;
  readonly zoneName: string;
  readonly media: ConferenceMedia;
  /** RTP without SRTP is allowed by the zone's config. */
  readonly allowPlainRtp: boolean;
  readonly log: Log;
  readonly observer: CallObserver;
  /** The last participant has left. */
  readonly onEmpty: () => void;
}

/** How a room is used, without a word about who uses it. */
export interface RoomUse {
  readonly room: string;
  readonly browsers: number;
  readonly phones: number;
  /** Cameras that are on. */
  readonly cameras: number;
  readonly sharing: boolean;
  readonly layout: LayoutName;
}

/** Who is in a room: membership and nothing else. */
export class Conference extends Closable {
  readonly #options: ConferenceOptions;
  readonly #media: ConferenceMedia;
  readonly #log: Log;
  readonly #participants = new Map<string, Participant>();
  readonly #stage: StageControl;
  #rosterTimer: NodeJS.Timeout | undefined;

  constructor(options: ConferenceOptions) {
    super();
    this.#options = options;
    this.#log = options.log;
    this.#media = this.own(options.media);
    this.#stage = this.own(
      new StageControl({
        media: options.media,
        layout: options.room.layout,
        people: () => this.#joined,
        onChange: () => this.#showRoster(),
        log: options.log,
      }),
    );
    this.#media.on('speaking', (legIds) => this.#speaking(legIds));
    this.#media.on('digit', (legId, digit) => this.#participants.get(legId)?.digit(digit));
    this.#media.on('reoffer', (legId) => this.#participants.get(legId)?.reofferWanted());
    this.#media.on('keyFrameWanted', (legId) => this.#participants.get(legId)?.askForKeyFrame());
    this.#media.on('stalled', (legId, silentMs) => {
      if (silentMs >= mediaTimeoutMs) this.#participants.get(legId)?.end(termination('media-timeout'));
    });
  }

  /** People in the room, those still joining included. */
  get size(): number {
    return this.#participants.size;
  }

  get use(): RoomUse {
    const { room } = this.#options;
    const roster = this.#joined.map((participant) => participant.rosterEntry);
    const browsers = roster.filter(({ kind }) => kind === 'browser').length;
    return {
      room: room.name,
      browsers,
      phones: roster.length - browsers,
      cameras: roster.filter(({ camera }) => camera === 'on').length,
      sharing: this.#stage.sharing,
      layout: this.#stage.layout,
    };
  }

  /** JPEG of a view, as ConferenceMedia names them. Throws `not-found`. */
  snapshot(view: string): Promise<Uint8Array> {
    return this.#media.snapshot(view);
  }

  /** Brings an admitted call in. Resolves when it is established, or has ended because that failed. */
  async join(call: Call, allowVideo: boolean): Promise<void> {
    const participant = this.#add(call);
    await participant.join(() => this.#makeLeg(call, participant, allowVideo));
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

  get #joined(): readonly Participant[] {
    return [...this.#participants.values()].filter((participant) => participant.joined);
  }

  #makeLeg(
    { offer, displayName: label }: Call,
    { participantId: id, kind }: Participant,
    allowVideo: boolean,
  ): Promise<MediaLeg> {
    const { allowPlainRtp } = this.#options;
    const options = { id, label, allowPlainRtp, allowVideo };
    return offer === undefined ? this.#media.offer(kind, options) : this.#media.answer(offer, options);
  }

  #add(call: Call): Participant {
    const { room, zoneName, observer } = this.#options;
    const participant = this.own(
      new Participant({
        call,
        log: this.#log,
        roomTitle: room.title ?? room.name,
        zoneName,
        isHost: call.protocol === 'web' && room.hosts === 'everyone',
        stage: this.#stage,
        observer,
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
      const joined = this.#joined;
      const roster = joined.map((participant) => participant.rosterEntry);
      for (const participant of joined) participant.showRoster(roster);
    }, tellIntervalMs(this.size));
  }
}
