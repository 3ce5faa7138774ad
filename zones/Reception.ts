import {
  Closable,
  ZonebridgeError,
  errorText,
  termination,
  type Log,
  type Termination,
} from '#kernel/index.ts';
import type { Call, RefusedAttempt } from '#signaling/call.ts';
import { decide, type VideoNeed } from './admission.ts';
import { askToLogIn } from './askToLogIn.ts';
import { terminationOf } from './causes.ts';
import { Conferences, type ConferencesOptions } from './Conferences.ts';
import type { Conference } from './Conference.ts';
import type { RoomUse } from './roomUse.ts';
import type { PersonEvidence } from './identity/contract.ts';
import { StrangerLog } from './StrangerLog.ts';

type ReceptionOptions = Omit<ConferencesOptions, 'isDraining'>;

/** Where the calls of a zone arrive, whatever they came by: each is brought into its room or refused. */
export class Reception extends Closable {
  readonly #options: ReceptionOptions;
  readonly #log: Log;
  readonly #conferences: Conferences;
  readonly #strangers: StrangerLog;
  #state: 'serving' | 'draining' = 'serving';

  constructor(options: ReceptionOptions) {
    super();
    this.#options = options;
    this.#log = options.log;
    this.#conferences = this.own(
      new Conferences({ ...options, isDraining: () => this.#state === 'draining' }),
    );
    const { policy } = options.services;
    this.#strangers = new StrangerLog(options.services, options.log);
    policy.on('changed', (why) => this.decideAgain(why));
  }

  get state(): 'serving' | 'draining' {
    return this.#state;
  }

  /** People in the room, those still joining included. */
  occupancy(room: string): number {
    return this.#conferences.occupancy(room);
  }

  /** Of the rooms that somebody is in. */
  get use(): readonly RoomUse[] {
    return this.#conferences.use;
  }

  /** JPEG of a view of a room. Throws `not-found`. */
  snapshot(room: string, view: string): Promise<Uint8Array> {
    return this.#conferences.snapshot(room, view);
  }

  /** The room's conference, made if nobody is there. Throws `not-found`. */
  conference(room: string): Conference {
    const config = this.#options.services.zone.rooms.find(({ name }) => name === room);
    if (config === undefined) throw new ZonebridgeError('not-found', `the zone has no room ${room}`);
    return this.#conferences.of(config);
  }

  /** Calls somebody into a room. Resolves with a sentence about it. Throws `not-found`. */
  async dial(room: string, uri: string): Promise<string> {
    const conference = this.conference(room);
    const result = await conference.outgoing.call(uri);
    if (conference.size === 0) await conference.close('empty');
    return result;
  }

  /** Resolves when the call is established, refused, or has failed. Never rejects. */
  async take(call: Call): Promise<void> {
    const { rooms, media } = this.#options.services.zone;
    const decision = decide({
      zoneState: this.#state,
      room: rooms.find(({ name }) => name === call.room),
      video: this.#videoOf(call),
      whenVideoFull: media.video.when_full,
    });
    if (!decision.admitted) return this.#refuseStranger(call, decision.termination);
    try {
      await this.#conferences.of(decision.room).join(call, decision.allowVideo);
    } catch (error) {
      this.#log.error({ error: errorText(error) }, 'a call could not be taken');
      await this.#refuse(call, terminationOf(error));
    }
  }

  /** Signaling has refused somebody by itself. */
  refused(attempt: RefusedAttempt): void {
    void this.#strangers.refused(attempt, attempt.because);
  }

  /** His session at the identity provider is over, and so are his calls. */
  loggedOut(isHim: (person: PersonEvidence) => boolean): void {
    this.#conferences.loggedOut(({ visitor }) => {
      const { person } = visitor.evidence;
      return person !== undefined && isHim(person);
    });
  }

  /** Takes no new call from now on; those it has go on. */
  drain(): void {
    this.#state = 'draining';
  }

  /** Takes no new call, and ends those it has properly. */
  async end(because: Termination): Promise<void> {
    this.drain();
    await this.#conferences.endAll(because);
  }

  protected release(): void {
    this.drain();
  }

  /** Something that decisions rest on has changed. */
  decideAgain(why: string): void {
    this.#log.info({ why }, 'every call is decided again');
    this.#conferences.decideAgain().catch((error: unknown) => {
      this.#log.error({ error: errorText(error) }, 'calls could not be decided again');
    });
  }

  #videoOf({ protocol, offer }: Call): VideoNeed {
    const { services, media } = this.#options;
    if (!services.zone.media.video.enabled) return { asked: false, fits: false };
    const asked = offer === undefined || offer.video !== undefined;
    const kind = protocol === 'web' ? 'browser' : 'phone';
    return { asked, fits: asked ? media.reserveVideo(kind) : media.videoFits(kind) };
  }

  /** A room that does not exist looks like one that takes nobody without a login. */
  async #refuseStranger(call: Call, because: Termination): Promise<void> {
    const { zone } = this.#options.services;
    const asked =
      because.cause === 'not-found' ? await askToLogIn(zone, call).catch(() => undefined) : undefined;
    await this.#refuse(call, asked === undefined ? because : termination(asked.cause, because.detail));
  }

  async #refuse(call: Call, because: Termination): Promise<void> {
    if (call.ended) return;
    this.#options.observer.refused(call, because);
    this.#log.info({ protocol: call.protocol, cause: because.cause }, 'refused');
    await this.#strangers.refused(call, because);
    await call.refuse(because).catch((error: unknown) => {
      this.#log.warn({ error: errorText(error) }, 'a refusal could not be sent');
    });
  }
}
