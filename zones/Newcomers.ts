import { randomUUID } from 'node:crypto';
import type { Log, Termination } from '#kernel/index.ts';
import type { Call } from '#signaling/call.ts';
import type { CallObserver } from './CallObserver.ts';
import type { RoomConfig } from './config/schema.ts';
import type { DialledCall } from './DialOut.ts';
import { Entrance } from './Entrance.ts';
import type { HostDesk } from './HostDesk.ts';
import { LegJournal } from './LegJournal.ts';
import type { Meeting } from './Meeting.ts';
import { Participant } from './Participant.ts';
import type { PolicyRequest } from './policy/contract.ts';
import type { StageControl } from './StageControl.ts';
import { Visitor } from './Visitor.ts';
import type { ZoneServices } from './ZoneServices.ts';

interface NewcomersOptions {
  readonly room: RoomConfig;
  readonly services: ZoneServices;
  readonly conferenceId: string;
  readonly meeting: Meeting;
  readonly stage: StageControl;
  readonly desk: HostDesk;
  readonly observer: CallObserver;
  /** People in the room but for this one. */
  readonly occupancy: (participantId: string) => PolicyRequest['occupancy'];
  readonly takePlace: (participant: Participant) => Termination | undefined;
  readonly onHeld: (participant: Participant) => void;
  readonly onJoined: (participant: Participant) => void;
  /** Something that the roster shows has changed. */
  readonly onChange: () => void;
  readonly log: Log;
}

/** Makes participants of the calls that come to one conference: who it is, which way he comes in, and what is written of it. */
export class Newcomers {
  readonly #options: NewcomersOptions;

  constructor(options: NewcomersOptions) {
    this.#options = options;
  }

  /** `dialled`: of a call of the zone's own. */
  of(call: Call, dialled?: DialledCall): Participant {
    const { room, services, conferenceId, stage, desk, observer, log } = this.#options;
    const { takePlace, onHeld, onJoined, onChange } = this.#options;
    const participantId = randomUUID();
    const { judgeSystem, policy, records, prompts, zone } = services;
    const partyOf = policy.partyOf.bind(policy);
    const visitor = new Visitor({ call, legId: participantId, judgeSystem, partyOf });
    const journal = new LegJournal({ records, visitor, legId: participantId, conferenceId, log });
    return new Participant({
      participantId,
      visitor,
      entrance: this.#entrance(participantId, visitor, journal, dialled),
      journal,
      log,
      roomTitle: room.title ?? room.name,
      zoneName: zone.name,
      stage,
      desk,
      prompts,
      observer,
      takePlace,
      onHeld,
      onJoined,
      onChange,
    });
  }

  #entrance(
    participantId: string,
    visitor: Visitor,
    journal: LegJournal,
    dialled: DialledCall | undefined,
  ): Entrance {
    const { room, services, meeting, occupancy } = this.#options;
    const { policy, zone } = services;
    return new Entrance({
      visitor,
      room,
      meeting,
      policy,
      pins: services.pinsOf(room),
      journal,
      participantId,
      ...(dialled === undefined ? {} : { dialled }),
      zone,
      phonesLogIn: zone.identity.digest?.required === true,
      showParty: (party) => namesOf(zone, party) !== 'opaque',
      occupancy: () => occupancy(participantId),
    });
  }
}

/** The rule by which the people of a party are named to others. */
function namesOf({ names, partners }: ZoneServices['zone'], party: string): typeof names {
  return partners.find(({ name }) => name === party)?.names ?? names;
}
