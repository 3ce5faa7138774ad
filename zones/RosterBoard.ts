import { Closable } from '#kernel/index.ts';
import type { RosterEntry } from '#signaling/call.ts';
import type { ZoneConfig } from './config/schema.ts';
import type { Participant } from './Participant.ts';
import { NameRule } from './rooms/names.ts';
import { tellIntervalMs } from './tellIntervalMs.ts';

interface RosterBoardOptions {
  readonly zone: ZoneConfig;
  /** Those who are established. */
  readonly people: () => readonly Participant[];
}

/** Tells everyone in a room who is there, each party by the names that it may know. */
export class RosterBoard extends Closable {
  readonly #options: RosterBoardOptions;
  readonly #names: NameRule;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RosterBoardOptions) {
    super();
    this.#options = options;
    const { names, partners } = options.zone;
    const byPartner = partners.map(({ name, names: rule = names }) => [name, rule] as const);
    this.#names = new NameRule(names, Object.fromEntries(byPartner));
  }

  /** Changes that come close together are told once. */
  changed(): void {
    if (this.closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, tellIntervalMs(this.#options.people().length));
  }

  /** On the picture, which all parties see. */
  tileLabel(participant: Participant): string {
    const name = this.#names.tileLabel(named(participant));
    const { label } = participant.entrance;
    return label === undefined ? name : `${name} (${label})`;
  }

  /** For a host, who has to know whom he lets in: one of the zone's owner by the own name, another as in the roster. */
  nameAtDoor(person: Participant, viewer: Participant): string {
    const { party } = viewer.visitor;
    const who = named(person);
    return party === 'own' && !who.wantsPrivacy ? who.name : this.#names.shown(who, party);
  }

  protected release(): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    const people = this.#options.people();
    const rosters = new Map<string, readonly RosterEntry[]>();
    for (const viewer of people) {
      const { party } = viewer.visitor;
      const roster = rosters.get(party) ?? this.#rosterFor(party, people);
      rosters.set(party, roster);
      viewer.view.showRoster(roster);
    }
  }

  #rosterFor(party: string, people: readonly Participant[]): readonly RosterEntry[] {
    return people.map((participant) => participant.rosterEntry(this.#names.shown(named(participant), party)));
  }
}

function named({
  participantId: id,
  visitor,
  entrance,
  isHost,
}: Participant): Parameters<NameRule['tileLabel']>[0] {
  const { call, party } = visitor;
  return {
    id,
    name: entrance.displayName ?? call.displayName,
    party,
    role: isHost ? 'host' : 'guest',
    wantsPrivacy: call.origin.wantsPrivacy,
  };
}
