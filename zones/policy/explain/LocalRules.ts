import type { ZoneConfig } from '../../config/schema.ts';
import type { PolicyRequest } from '../contract.ts';
import { Grounds } from '../grounds.ts';
import { localDecision, type LocalDecision } from '../localDecision.ts';
import { PolicySet } from '../PolicySet.ts';
import { dialDomainOf, mayDial } from '../dialReach.ts';
import { policyPlaces } from './policyPlaces.ts';

export interface ZoneRules {
  readonly zone: ZoneConfig;
  /** Domains of the zones in its `links`. */
  readonly linkedDomains: readonly string[];
  /** Text of its policies, and its file for messages. */
  readonly policy: { readonly file: string; readonly text: string };
}

/** Decides as a zone would, without one that runs and without its policy server. */
export class LocalRules {
  readonly rules: ZoneRules;
  readonly #policies: PolicySet;
  readonly #places: ReadonlyMap<string, number>;

  /** Throws `config-invalid` with every fault of the policies. */
  constructor(rules: ZoneRules) {
    this.rules = rules;
    this.#policies = PolicySet.of(rules.policy.file, rules.policy.text);
    this.#places = policyPlaces(rules.policy.text);
  }

  get revision(): string {
    return this.#policies.revision;
  }

  /** `zone`: its configuration if it were another. */
  decide(request: PolicyRequest, zone: ZoneConfig = this.rules.zone): LocalDecision {
    const unreachable = request.action === 'dial' ? this.#unreachable(request, zone) : undefined;
    if (unreachable !== undefined) return unreachable;
    const calendar = { timeZone: zone.time_zone, holidays: zone.holidays };
    return localDecision({ zone, grounds: new Grounds(zone), policies: this.#policies, calendar }, request);
  }

  partyOf(request: Pick<PolicyRequest, 'evidence' | 'source'>): string {
    return new Grounds(this.rules.zone).partyOf(request);
  }

  /** `meetme.policy.cedar:12`; nothing for what is no policy of the file. */
  placeOf(policy: string): string | undefined {
    const line = this.#places.get(policy);
    return line === undefined ? undefined : `${this.rules.policy.file}:${line}`;
  }

  /** Asked before policy, when the zone is told to call somebody. */
  #unreachable(request: PolicyRequest, zone: ZoneConfig): LocalDecision | undefined {
    const domain = dialDomainOf(request);
    if (mayDial({ ...this.rules, zone }, domain)) return undefined;
    return {
      effect: 'deny',
      obligations: { role: 'guest', lobby: false, audioOnly: false },
      policies: ['dial_out.domains'],
      decidedBy: 'zone',
      reason: `${domain} is neither of a linked zone nor in dial_out.domains`,
    };
  }
}
