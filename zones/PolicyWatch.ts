import { Closable, ZonebridgeError, errorCodeOf, errorText, termination, type Log } from '#kernel/index.ts';
import type { Participant } from './Participant.ts';
import type { PolicyDecision, PolicyRequest } from './policy/contract.ts';
import { Recheck, type RecheckEvent } from './rooms/Recheck.ts';
import type { ZoneServices } from './ZoneServices.ts';

interface PolicyWatchOptions {
  readonly services: Pick<ZoneServices, 'policy' | 'zone' | 'turns'>;
  readonly participant: (id: string) => Participant | undefined;
  /** People in the room but for this one. */
  readonly occupancy: (id: string) => PolicyRequest['occupancy'];
  /** Those who have been warned are more or fewer. */
  readonly onWarned: (people: number) => void;
  /** Somebody may direct the room now, or no longer. */
  readonly onRole: (participant: Participant) => void;
  /** Somebody may stay; what is written on his tile may be something else now. */
  readonly onAllowed: (participant: Participant) => void;
  readonly log: Log;
}

/** Decides again about those who are in a room. Who may no longer be there is warned, and then taken leave of. */
export class PolicyWatch extends Closable {
  readonly #options: PolicyWatchOptions;
  readonly #recheck: Recheck;
  readonly #warned = new Set<string>();

  constructor(options: PolicyWatchOptions) {
    super();
    this.#options = options;
    const { recheck_seconds: every, warning_seconds: warning } = options.services.zone.policy;
    this.#recheck = this.own(
      new Recheck({
        everyMs: every * 1000,
        warningMs: warning * 1000,
        turns: options.services.turns,
        decide: (id) => this.#decide(id),
        emit: (event) => this.#follow(event),
        failed: (_id, error) => this.#failed(error),
      }),
    );
  }

  add(participantId: string): void {
    this.#recheck.add(participantId);
  }

  remove(participantId: string): void {
    this.#recheck.remove(participantId);
    this.#unwarn(participantId);
  }

  /** Something that decisions rest on has changed. */
  async trigger(): Promise<void> {
    await this.#recheck.trigger();
  }

  protected release(): void {
    this.#warned.clear();
  }

  async #decide(id: string): Promise<PolicyDecision> {
    const { participant: find, occupancy, services } = this.#options;
    const participant = find(id);
    if (participant === undefined) throw new ZonebridgeError('closed', 'the participant has just left');
    await participant.observe();
    const { visitor, journal } = participant;
    // What the zone does itself is its own to allow, at its end as at its beginning.
    const action = visitor.call.direction === 'out' ? 'dial' : 'stay';
    const request = { ...visitor.request(action, occupancy(id)), inCall: true };
    const decision = await services.policy.decide(request);
    if (decision.effect === 'allow') this.#allowed(participant, decision);
    // Records that cannot be written keep nobody in.
    else journal.decided(decision, request).catch((error: unknown) => this.#failed(error));
    return decision;
  }

  #allowed(participant: Participant, decision: PolicyDecision): void {
    const { isHost, entrance } = participant;
    entrance.decidedAgain(decision);
    if (participant.isHost !== isHost) this.#options.onRole(participant);
    this.#options.onAllowed(participant);
  }

  #failed(error: unknown): void {
    if (errorCodeOf(error) === 'closed') return;
    this.#options.log.error({ error: errorText(error) }, 'a call was not decided again, or not written of');
  }

  #follow({ type, id, decision }: RecheckEvent): void {
    const participant = this.#options.participant(id);
    if (participant === undefined) return;
    const following = {
      warn: () => this.#warn(id, participant, decision),
      relent: () => this.#relent(id, participant, decision),
      end: () => this.#end(participant, decision),
    }[type]();
    following.catch((error: unknown) =>
      this.#options.log.warn({ error: errorText(error) }, 'a decision could not be followed'),
    );
  }

  async #warn(id: string, participant: Participant, decision: PolicyDecision): Promise<void> {
    this.#warned.add(id);
    this.#options.onWarned(this.#warned.size);
    // Begun before what it is of, and waited for after: a store that hangs holds up no warning and no end.
    const written = participant.journal.changed('warned', decision);
    const seconds = this.#options.services.zone.policy.warning_seconds;
    await participant.warn(
      `Your time in this meeting is over. You will be disconnected in ${seconds} seconds`,
    );
    await written;
  }

  async #relent(id: string, participant: Participant, decision: PolicyDecision): Promise<void> {
    this.#unwarn(id);
    await participant.journal.changed('allowed again', decision);
  }

  async #end(participant: Participant, decision: PolicyDecision): Promise<void> {
    const written = participant.journal.changed('no longer allowed', decision);
    const cause = decision.decidedBy === 'partner' ? 'window-ended' : 'policy-ended';
    await participant.hangup(termination(cause, [...decision.policies, decision.reason].join(', ')));
    await written;
  }

  #unwarn(id: string): void {
    if (this.#warned.delete(id)) this.#options.onWarned(this.#warned.size);
  }
}
