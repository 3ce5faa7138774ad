import { randomUUID } from 'node:crypto';
import { errorText, type Log, type Termination } from '#kernel/index.ts';
import type { CallerFacts } from '#signaling/call.ts';
import type { PolicyDecision } from './policy/contract.ts';
import { Visitor } from './Visitor.ts';
import type { ZoneServices } from './ZoneServices.ts';

/** Writes of those who were refused before policy was asked: no such room, no call that could be one, the zone stops. */
export class StrangerLog {
  readonly #services: ZoneServices;
  readonly #log: Log;

  constructor(services: ZoneServices, log: Log) {
    this.#services = services;
    this.#log = log;
  }

  /** Never rejects: a refusal stands whether or not it could be written. */
  async refused(call: CallerFacts, because: Termination): Promise<void> {
    const { judgeSystem, policy, records } = this.#services;
    try {
      const visitor = new Visitor({
        call,
        legId: randomUUID(),
        judgeSystem,
        partyOf: (of) => policy.partyOf(of),
      });
      const leg = visitor.legRecord(undecided(policy.revision, because));
      const detail = because.detail === undefined ? {} : { detail: because.detail };
      await records.write({ type: 'attempt-refused', leg, cause: because.cause, ...detail });
    } catch (error) {
      this.#log.error({ error: errorText(error) }, 'a call record could not be written');
    }
  }
}

/** Not policy decided it, but the state of the zone. */
function undecided(revision: string, { cause }: Termination): PolicyDecision {
  return {
    id: randomUUID(),
    effect: 'deny',
    obligations: { role: 'guest', lobby: false, audioOnly: false },
    policies: [`zone: ${cause}`],
    revision,
    decidedBy: 'zone',
    reason: cause,
  };
}
