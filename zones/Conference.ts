import { randomUUID } from 'node:crypto';
import {
  Closable,
  ZonebridgeError,
  errorText,
  termination,
  terminationTexts,
  type LayoutName,
  type Log,
  type Termination,
} from '#kernel/index.ts';
import type { ConferenceMedia, MediaLeg, Slate } from '#media/index.ts';
import type { Call } from '#signaling/call.ts';
import type { CallObserver } from './CallObserver.ts';
import type { RoomConfig } from './config/schema.ts';
import { Entrance } from './Entrance.ts';
import type { HostDesk } from './HostDesk.ts';
import { loginPath } from './identity/oidc/index.ts';
import { LegJournal } from './LegJournal.ts';
import { Meeting } from './Meeting.ts';
import { Participant } from './Participant.ts';
import type { PolicyDecision, PolicyRequest } from './policy/contract.ts';
import { PolicyWatch } from './PolicyWatch.ts';
import { RosterBoard } from './RosterBoard.ts';
import { StageControl } from './StageControl.ts';
import { Visitor } from './Visitor.ts';
import type { ZoneServices } from './ZoneServices.ts';

/** Nothing at all from a phone for this long means that it is gone (its signaling may hang for hours). */
const mediaTimeoutMs = 60_000;

export interface ConferenceOptions {
  readonly room: RoomConfig;
  readonly services: ZoneServices;
  readonly media: ConferenceMedia;
  readonly log: Log;
  readonly observer: CallObserver;
  /** How many are here other than by calls of the zone's own, whenever somebody comes or goes. */
  readonly onOccupied: (callers: number) => void;
  /** The last participant has left. */
  readonly onEmpty: () => void;
}

/** How a room is used, without a word about who uses it. */
export interface RoomUse {
  readonly room: string;
  readonly browsers: number;
  readonly phones: number;
  /** People in the lobby. */
  readonly waiting: number;
  readonly locked: boolean;
  /** Cameras that are on. */
  readonly cameras: number;
  readonly sharing: boolean;
  readonly layout: LayoutName;
}

/** Who is in a room: membership and nothing else. */
export class Conference extends Closable implements HostDesk {
  readonly #options: ConferenceOptions;
  readonly #id = randomUUID();
  readonly #media: ConferenceMedia;
  readonly #log: Log;
  readonly #participants = new Map<string, Participant>();
  readonly #stage: StageControl;
  readonly #meeting: Meeting;
  readonly #watch: PolicyWatch;
  readonly #board: RosterBoard;
  /** Whom the zone has called. */
  readonly #outgoing = new Set<string>();
  #legs = 0;
  #most = 0;

  constructor(options: ConferenceOptions) {
    super();
    this.#options = options;
    const { media, room, services, log } = options;
    this.#log = log;
    this.#media = this.own(media);
    this.#board = this.own(new RosterBoard({ zone: services.zone, people: () => this.#joined }));
    this.#stage = this.own(
      new StageControl({
        media,
        layout: room.layout,
        people: () => this.#joined,
        onChange: () => this.#board.changed(),
        log,
      }),
    );
    this.#meeting = this.own(
      new Meeting({
        room,
        people: () => this.#joined,
        notice: (text) => media.setNotice(text),
        end: (because) => this.#endAll(because),
        log,
      }),
    );
    this.#watch = this.own(
      new PolicyWatch({
        services,
        participant: (id) => this.#participants.get(id),
        occupancy: (id) => this.#occupancy(id),
        onWarned: (people) => this.#meeting.warned(people),
        onRole: (participant) => this.#roleChanged(participant),
        log,
      }),
    );
    this.#listen(media);
  }

  /** People in the room, those still joining and those in the lobby included. */
  get size(): number {
    return this.#participants.size;
  }

  get use(): RoomUse {
    const { room } = this.#options;
    const roster = this.#joined.map((participant) => participant.rosterEntry(''));
    const browsers = roster.filter(({ kind }) => kind === 'browser').length;
    return {
      room: room.name,
      browsers,
      phones: roster.length - browsers,
      waiting: this.#meeting.waiting,
      locked: this.#meeting.locked,
      cameras: roster.filter(({ camera }) => camera === 'on').length,
      sharing: this.#stage.sharing,
      layout: this.#stage.layout,
    };
  }

  /** JPEG of a view, as ConferenceMedia names them. Throws `not-found`. */
  snapshot(view: string): Promise<Uint8Array> {
    return this.#media.snapshot(view);
  }

  /**
   * Takes a call to its place by policy, PIN and lobby. Resolves when it is established, or has ended because it was refused or that
   * failed. `decided`: the decision that a call of the zone's own was made by.
   */
  async join(call: Call, allowVideo: boolean, decided?: PolicyDecision): Promise<void> {
    const participant = this.#add(call, decided);
    await participant.join((held) => this.#makeLeg(participant, allowVideo, held));
    this.#board.changed();
  }

  /** Something that decisions rest on has changed. */
  async decideAgain(): Promise<void> {
    await this.#watch.trigger();
  }

  /** The person has logged out where he logged in. */
  loggedOut(isHim: (participant: Participant) => boolean): void {
    for (const participant of this.#participants.values()) {
      if (isHim(participant)) participant.end(termination('logged-out'));
    }
  }

  /** Ends every call in the room and closes. */
  async end(because: Termination): Promise<void> {
    await this.#endAll(because);
    await this.close(because.cause);
  }

  // HostDesk: what a host wishes.

  admitWaiting(participantId: string, admit: boolean): void {
    this.#meeting.admit(participantId, admit);
  }

  admitAll(): void {
    this.#meeting.admitAll();
  }

  setLocked(locked: boolean): void {
    this.#meeting.setLocked(locked);
  }

  removeParticipant(participantId: string): void {
    this.#participants.get(participantId)?.end(termination('removed'));
  }

  muteParticipant(participantId: string): void {
    this.#participants.get(participantId)?.muteByHost();
  }

  endConference(): void {
    void this.#endAll(termination('conference-ended', 'a host ended it'));
  }

  dial(uri: string, tell: (text: string) => void): void {
    this.call(uri)
      .then(tell)
      .catch((error: unknown) => {
        this.#log.error({ error: errorText(error) }, 'a call could not be made');
        tell('The call could not be made');
      });
  }

  /** Calls somebody into the room. Resolves with a sentence that says what came of it, once he has answered or not. */
  async call(uri: string): Promise<string> {
    const called = await this.#callOut(uri);
    if ('refused' in called) return called.refused;
    const { displayName } = called.visitor.call;
    return called.joined
      ? `${displayName} is in the room`
      : `${displayName}: ${terminationTexts[called.cause]}`;
  }

  /** The same for a call that stands: resolves when it is over, rejects when it did not come about. */
  async stand(uri: string, established: () => void, signal: AbortSignal): Promise<void> {
    const called = await this.#callOut(uri, signal);
    if ('refused' in called) throw new ZonebridgeError('forbidden', called.refused);
    if (!called.joined) throw new ZonebridgeError('unreachable', terminationTexts[called.cause]);
    established();
    await called.whenClosed;
  }

  /** How many are here other than by calls of the zone's own. */
  get callers(): number {
    return [...this.#participants.keys()].filter((id) => !this.#outgoing.has(id)).length;
  }

  protected async release(): Promise<void> {
    if (this.#legs === 0) return;
    const { records } = this.#options.services;
    await records
      .write({
        type: 'conference-end',
        conferenceId: this.#id,
        legs: this.#legs,
        most: this.#most,
      })
      .catch((error: unknown) => this.#recordFailed(error));
  }

  get #joined(): readonly Participant[] {
    return [...this.#participants.values()].filter((participant) => participant.joined);
  }

  #listen(media: ConferenceMedia): void {
    media.on('speaking', (legIds) => this.#speaking(legIds));
    media.on('digit', (legId, digit) => this.#participants.get(legId)?.wishes.digit(digit));
    media.on('reoffer', (legId) => this.#participants.get(legId)?.reofferWanted());
    media.on('keyFrameWanted', (legId) => this.#keyFrameWanted(legId));
    media.on('stalled', (legId, silentMs) => {
      if (silentMs >= mediaTimeoutMs) this.#participants.get(legId)?.end(termination('media-timeout'));
    });
  }

  #makeLeg(participant: Participant, allowVideo: boolean, held?: Slate): Promise<MediaLeg> {
    const { participantId: id, kind, visitor, entrance } = participant;
    const { offer } = visitor.call;
    const options = {
      id,
      label: this.#board.tileLabel(participant),
      allowPlainRtp: this.#options.services.zone.media.plain_rtp !== undefined,
      allowVideo: allowVideo && !entrance.decision.obligations.audioOnly,
      ...(held === undefined ? {} : { held }),
    };
    return offer === undefined ? this.#media.offer(kind, options) : this.#media.answer(offer, options);
  }

  #add(call: Call, decided?: PolicyDecision): Participant {
    const { room, services, observer } = this.#options;
    const participantId = randomUUID();
    const { judgeSystem, policy, records } = services;
    const visitor = new Visitor({
      call,
      legId: participantId,
      judgeSystem,
      partyOf: (of) => policy.partyOf(of),
    });
    const log = this.#log;
    const journal = new LegJournal({ records, visitor, legId: participantId, conferenceId: this.#id, log });
    const entrance = new Entrance({
      visitor,
      room,
      meeting: this.#meeting,
      policy,
      pins: services.pinsOf(room),
      journal,
      participantId,
      ...(decided === undefined ? {} : { decided }),
      ...(services.zone.identity.oidc === undefined ? {} : { loginPath: loginPath(room.name) }),
      phonesLogIn: services.zone.identity.digest?.required === true,
      showParty: services.zone.names !== 'opaque',
      occupancy: () => this.#occupancy(participantId),
    });
    const participant = this.own(
      new Participant({
        participantId,
        visitor,
        entrance,
        journal,
        log,
        roomTitle: room.title ?? room.name,
        zoneName: services.zone.name,
        stage: this.#stage,
        desk: this,
        prompts: services.prompts,
        observer,
        onJoined: (joined) => this.#entered(joined),
        onChange: () => this.#board.changed(),
      }),
    );
    this.#participants.set(participantId, participant);
    if (decided !== undefined) this.#outgoing.add(participantId);
    this.#options.onOccupied(this.callers);
    void participant.whenClosed.then(() => this.#left(participantId));
    return participant;
  }

  #entered(participant: Participant): void {
    const { participantId: id } = participant;
    this.#legs += 1;
    this.#most = Math.max(this.#most, this.#joined.length);
    if (this.#legs === 1) this.#began();
    this.#meeting.joined(participant);
    this.#watch.add(id);
  }

  #roleChanged(participant: Participant): void {
    participant.view.showRole(participant.isHost);
    this.#meeting.roleOf(participant);
    this.#board.changed();
  }

  #keyFrameWanted(legId: string): void {
    const participant = this.#participants.get(legId);
    if (participant?.joined === true) participant.view.askForKeyFrame();
  }

  #began(): void {
    const { services, room } = this.#options;
    services.records
      .write({ type: 'conference-start', conferenceId: this.#id, room: room.name })
      .catch((error: unknown) => this.#recordFailed(error));
  }

  #left(id: string): void {
    this.#participants.delete(id);
    this.#outgoing.delete(id);
    this.#watch.remove(id);
    this.#meeting.left(id);
    this.#options.onOccupied(this.callers);
    if (this.#participants.size === 0 && !this.closed) this.#options.onEmpty();
    else this.#board.changed();
  }

  async #callOut(uri: string, signal?: AbortSignal): Promise<Participant | { readonly refused: string }> {
    const { services, room } = this.#options;
    const made = await services.dialOut.call(uri, room, occupancyOf(this.#joined));
    if ('refused' in made) return made;
    const participant = this.#add(made.call, made.decision);
    const giveUp = (): void => participant.end(termination('local-hangup'));
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    await participant.join((held) => this.#makeLeg(participant, true, held));
    this.#board.changed();
    return participant;
  }

  async #endAll(because: Termination): Promise<void> {
    const said = because.cause === 'conference-ended' || because.cause === 'duration-over';
    if (said) await this.#endEach((participant) => participant.takeLeave(because));
    // Those too who came while others were told.
    await this.#endEach((participant) => participant.hangup(because));
  }

  async #endEach(end: (participant: Participant) => Promise<void>): Promise<void> {
    await Promise.allSettled([...this.#participants.values()].map(end));
  }

  /** Of those who are in, but for this one. */
  #occupancy(id: string): PolicyRequest['occupancy'] {
    const others = this.#joined.filter(({ participantId }) => participantId !== id);
    return occupancyOf(others);
  }

  #speaking(legIds: readonly string[]): void {
    for (const [id, participant] of this.#participants) participant.speaking = legIds.includes(id);
    this.#board.changed();
  }

  #recordFailed(error: unknown): void {
    this.#log.error({ error: errorText(error) }, 'a call record could not be written');
  }
}

function occupancyOf(people: readonly Participant[]): PolicyRequest['occupancy'] {
  const byParty: Record<string, number> = {};
  for (const { visitor } of people) byParty[visitor.party] = (byParty[visitor.party] ?? 0) + 1;
  return { total: people.length, hosts: people.filter(({ isHost }) => isHost).length, byParty };
}
