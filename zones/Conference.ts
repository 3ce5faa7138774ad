import { randomUUID } from 'node:crypto';
import { Closable, errorText, termination, type Log, type Termination } from '#kernel/index.ts';
import type { ConferenceMedia, MediaLeg, Slate } from '#media/index.ts';
import type { Call } from '#signaling/call.ts';
import type { CallObserver } from './CallObserver.ts';
import { ConferenceJournal } from './ConferenceJournal.ts';
import type { RoomConfig } from './config/schema.ts';
import type { DialledCall } from './DialOut.ts';
import type { Door } from './Door.ts';
import { Meeting } from './Meeting.ts';
import { Newcomers } from './Newcomers.ts';
import { occupancyOf } from './occupancyOf.ts';
import { OutgoingCalls } from './OutgoingCalls.ts';
import type { Participant } from './Participant.ts';
import type { PolicyRequest } from './policy/contract.ts';
import { PolicyWatch } from './PolicyWatch.ts';
import { RoomDesk } from './RoomDesk.ts';
import { useOf, type RoomUse } from './roomUse.ts';
import { RosterBoard } from './RosterBoard.ts';
import { StageControl } from './StageControl.ts';
import type { ZoneServices } from './ZoneServices.ts';

/** Nothing at all from a phone for this long means that it is gone (its signaling may hang for hours). */
const mediaTimeoutMs = 60_000;
/** Of saying goodbye when a room closes. */
const mostRounds = 20;

export interface ConferenceOptions {
  readonly room: RoomConfig;
  readonly services: ZoneServices;
  readonly media: ConferenceMedia;
  readonly log: Log;
  readonly observer: CallObserver;
  /** Where those wait who are in no room of the zone yet. */
  readonly door: Door;
  /** The zone takes no new calls, and makes none. */
  readonly isDraining: () => boolean;
  /** Whether a call that the zone makes may have video; what it needs is kept for it then. */
  readonly reserveVideo: () => boolean;
  /** How many are in other than by calls of the zone's own, whenever somebody comes or goes. */
  readonly onOccupied: (callers: number) => void;
  /** The last participant has left. */
  readonly onEmpty: () => void;
}

/** Who is in a room: membership and nothing else. */
export class Conference extends Closable {
  /** Calls that the zone makes into the room. */
  readonly outgoing: OutgoingCalls;
  readonly #options: ConferenceOptions;
  readonly #media: ConferenceMedia;
  readonly #participants = new Map<string, Participant>();
  readonly #journal: ConferenceJournal;
  readonly #board: RosterBoard;
  readonly #stage: StageControl;
  readonly #meeting: Meeting;
  readonly #watch: PolicyWatch;
  readonly #newcomers: Newcomers;
  /** Whom the zone has called. */
  readonly #called = new Set<string>();
  /** What is written on whose tile. */
  readonly #tiles = new WeakMap<Participant, string>();
  /** Who has shown all that he must, and has a place. */
  readonly #placed = new Set<Participant>();

  constructor(options: ConferenceOptions) {
    super();
    this.#options = options;
    const { media, room, services, log } = options;
    const conferenceId = randomUUID();
    const { records } = services;
    this.#journal = new ConferenceJournal({ records, conferenceId, room: room.name, log });
    this.#media = this.own(media);
    this.#board = this.own(new RosterBoard({ zone: services.zone, people: () => this.#joined }));
    this.#stage = this.own(this.#makeStage());
    this.#meeting = this.own(this.#makeMeeting());
    this.#watch = this.own(this.#makeWatch());
    this.outgoing = this.#makeOutgoing();
    this.#newcomers = this.#makeNewcomers(conferenceId);
    this.#listen(media);
  }

  /** People in the room, those still joining and those in the lobby included. */
  get size(): number {
    return this.#participants.size;
  }

  get use(): RoomUse {
    return useOf(this.#options.room.name, this.#joined, this.#meeting, this.#stage);
  }

  /** How many are in other than by calls of the zone's own. */
  get callers(): number {
    return this.#joined.filter(({ participantId }) => !this.#called.has(participantId)).length;
  }

  /** JPEG of a view, as ConferenceMedia names them. Throws `not-found`. */
  snapshot(view: string): Promise<Uint8Array> {
    return this.#media.snapshot(view);
  }

  /**
   * Takes a call to its place by policy, PIN and lobby. Resolves when it is established, or has ended because it was refused or that
   * failed.
   */
  async join(call: Call, allowVideo: boolean): Promise<void> {
    await this.#join(this.#add(call), allowVideo);
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

  protected async release(): Promise<void> {
    await this.#journal.end();
  }

  get #joined(): readonly Participant[] {
    return [...this.#participants.values()].filter((participant) => participant.joined);
  }

  #makeStage(): StageControl {
    const { media, room, log } = this.#options;
    return new StageControl({
      media,
      layout: room.layout,
      people: () => this.#joined,
      onChange: () => this.#board.changed(),
      log,
    });
  }

  #makeMeeting(): Meeting {
    const { media, room, log } = this.#options;
    return new Meeting({
      room,
      people: () => this.#joined,
      nameOf: (id, viewerId) => this.#nameOf(id, viewerId),
      notice: (text) => media.setNotice(text),
      end: (because) => this.#endByRule(because),
      log,
    });
  }

  #makeWatch(): PolicyWatch {
    const { services, log } = this.#options;
    return new PolicyWatch({
      services,
      participant: (id) => this.#participants.get(id),
      occupancy: (id) => this.#occupancy(id),
      onWarned: (people) => this.#meeting.warned(people),
      onRole: (participant) => this.#roleChanged(participant),
      onAllowed: (participant) => this.#follow(participant),
      log,
    });
  }

  #makeOutgoing(): OutgoingCalls {
    const { services, room, log } = this.#options;
    return new OutgoingCalls({
      room,
      dialOut: services.dialOut,
      occupancy: () => occupancyOf(this.#joined),
      add: (dialled) => this.#add(dialled.call, dialled),
      obstacle: () => this.#obstacle,
      join: (participant) => this.#join(participant, this.#options.reserveVideo()),
      log,
    });
  }

  #makeNewcomers(conferenceId: string): Newcomers {
    const { room, services, observer, log } = this.#options;
    const [meeting, stage] = [this.#meeting, this.#stage];
    const desk = new RoomDesk({
      meeting,
      outgoing: this.outgoing,
      participant: (id) => this.#participants.get(id),
      end: (because) => this.#endByRule(because),
    });
    return new Newcomers({
      ...{ room, services, conferenceId, meeting, stage, desk, observer, log },
      occupancy: (id) => this.#occupancy(id),
      takePlace: (participant) => this.#takePlace(participant),
      onHeld: (participant) => this.#options.door.hold(participant),
      onJoined: (participant) => this.#entered(participant),
      onChange: () => this.#board.changed(),
    });
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

  /** `dialled`: of a call of the zone's own. */
  #add(call: Call, dialled?: DialledCall): Participant {
    const participant = this.own(this.#newcomers.of(call, dialled));
    const { participantId: id } = participant;
    this.#participants.set(id, participant);
    if (dialled === undefined) this.#options.door.enter(participant);
    else this.#called.add(id);
    void participant.whenClosed.then(() => this.#left(participant));
    return participant;
  }

  get #obstacle(): string | undefined {
    const { room, isDraining } = this.#options;
    if (isDraining()) return 'The server is being shut down and calls nobody any more';
    return this.#placed.size >= room.capacity ? 'The meeting is full' : undefined;
  }

  #takePlace(participant: Participant): Termination | undefined {
    const { capacity } = this.#options.room;
    if (this.#placed.size >= capacity) return termination('busy', `the room holds ${capacity}`);
    this.#placed.add(participant);
    this.#options.door.leave(participant);
    return undefined;
  }

  async #join(participant: Participant, allowVideo: boolean): Promise<void> {
    await participant.join((held) => this.#makeLeg(participant, allowVideo, held));
    this.#board.changed();
  }

  #makeLeg(participant: Participant, allowVideo: boolean, held?: Slate): Promise<MediaLeg> {
    const { participantId: id, kind, visitor, entrance } = participant;
    const { offer } = visitor.call;
    const label = this.#board.tileLabel(participant);
    this.#tiles.set(participant, label);
    const options = {
      id,
      label,
      allowPlainRtp: this.#options.services.zone.media.plain_rtp !== undefined,
      allowVideo: allowVideo && entrance.allowsVideo,
      ...(held === undefined ? {} : { held }),
    };
    return offer === undefined ? this.#media.offer(kind, options) : this.#media.answer(offer, options);
  }

  #entered(participant: Participant): void {
    this.#journal.joined(this.#joined.length);
    this.#meeting.joined(participant);
    this.#watch.add(participant.participantId);
    // It may have come in by another decision than the one that its leg was made by.
    this.#follow(participant);
    this.#options.onOccupied(this.callers);
  }

  #roleChanged(participant: Participant): void {
    participant.view.showRole(participant.isHost);
    this.#meeting.roleOf(participant);
    this.#board.changed();
  }

  /** What policy says of somebody who is in. */
  #follow(participant: Participant): void {
    if (!participant.entrance.allowsVideo) participant.dropVideo();
    const tile = this.#board.tileLabel(participant);
    if (this.#tiles.get(participant) === tile) return;
    this.#tiles.set(participant, tile);
    void participant.relabel(tile);
    this.#board.changed();
  }

  #left(participant: Participant): void {
    const { participantId: id } = participant;
    this.#options.door.leave(participant);
    this.#placed.delete(participant);
    this.#participants.delete(id);
    this.#called.delete(id);
    this.#watch.remove(id);
    this.#meeting.left(id);
    this.#options.onOccupied(this.callers);
    if (this.#participants.size === 0 && !this.closed) this.#options.onEmpty();
    else this.#board.changed();
  }

  async #endAll(because: Termination): Promise<void> {
    const said = because.cause === 'conference-ended' || because.cause === 'duration-over';
    if (said) await this.#endEach((participant) => participant.takeLeave(because));
    // Those too who come while others are told, until nobody is left in the turn in which the room closes.
    for (let round = 0; round < mostRounds && this.#participants.size > 0; round += 1) {
      await this.#endEach((participant) => participant.hangup(because));
    }
  }

  /** Nobody waits for it. */
  async #endByRule(because: Termination): Promise<void> {
    await this.end(because).catch((error: unknown) => {
      this.#options.log.error({ error: errorText(error) }, 'ending a conference failed');
    });
  }

  async #endEach(end: (participant: Participant) => Promise<void>): Promise<void> {
    await Promise.allSettled([...this.#participants.values()].map(end));
  }

  /** Of those who are in, but for this one. */
  #occupancy(id: string): PolicyRequest['occupancy'] {
    return occupancyOf(this.#joined.filter(({ participantId }) => participantId !== id));
  }

  /** Of one who waits, for a host. */
  #nameOf(id: string, viewerId: string): string {
    const [person, viewer] = [id, viewerId].map((each) => this.#participants.get(each));
    return person === undefined || viewer === undefined ? '' : this.#board.nameAtDoor(person, viewer);
  }

  #keyFrameWanted(legId: string): void {
    const participant = this.#participants.get(legId);
    if (participant?.joined === true) participant.view.askForKeyFrame();
  }

  #speaking(legIds: readonly string[]): void {
    for (const [id, participant] of this.#participants) participant.speaking = legIds.includes(id);
    this.#board.changed();
  }
}
