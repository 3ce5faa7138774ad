import { isListed, networkList } from '#kernel/index.ts';
import type { ZoneConfig } from '../config/schema.ts';
import { isInWindow, momentAt } from './calendar.ts';
import { partyKindOf } from './cedarContext.ts';
import type { PolicyDecision, PolicyEngine, PolicyRequest } from './contract.ts';

/** What the zone's configuration says of a request before its policies are asked. */
export type Ground =
  | { readonly pass: true; readonly lobby: boolean }
  | {
      readonly pass: false;
      readonly decidedBy: PolicyDecision['decidedBy'];
      readonly policy: string;
      readonly reason: string;
    };

type GroundsConfig = Pick<
  ZoneConfig,
  'kind' | 'networks' | 'partners' | 'guests' | 'time_zone' | 'holidays' | 'identity'
>;

/** Networks, partners and guests of one zone. Pure. */
export class Grounds {
  readonly #config: GroundsConfig;
  readonly #own: ReturnType<typeof networkList>;

  constructor(config: GroundsConfig) {
    this.#config = config;
    this.#own = networkList(config.networks ?? []);
  }

  /** `own` by network or by the zone's own login, a partner by certificate, else `guest`. */
  partyOf({ evidence, source }: Parameters<PolicyEngine['partyOf']>[0]): string {
    const { partners, identity } = this.#config;
    const { system, person } = evidence;
    // Accounts of phones are the zone's own.
    if (person?.method === 'digest') return 'own';
    if (person !== undefined && person.issuer === identity.oidc?.issuer) return 'own';
    const partner = partners.find(
      ({ domains, certificates }) =>
        system?.domains.some((domain) => lowerCase(domains).includes(domain)) === true &&
        (certificates.length === 0 || certificates.includes(system.fingerprint256)),
    );
    if (partner !== undefined) return partner.name;
    return isListed(this.#own, source.address) ? 'own' : 'guest';
  }

  judge(request: PolicyRequest): Ground {
    const { party, direction } = request;
    const kind = partyKindOf(party);
    const network = direction === 'in' ? this.#judgeNetwork(request) : undefined;
    if (network !== undefined) return network;
    if (kind === 'partner') return this.#judgePartner(request);
    // Whom the zone calls itself is its own choice; policies have their say.
    if (direction === 'out') return { pass: true, lobby: false };
    return kind === 'guest' ? this.#judgeGuest(request) : { pass: true, lobby: false };
  }

  #judgeNetwork({ party, source }: PolicyRequest): Ground | undefined {
    if (this.#config.kind !== 'core' || isListed(this.#own, source.address)) return undefined;
    return {
      pass: false,
      decidedBy: 'network',
      policy: 'networks',
      reason: `a core zone takes no call from outside of its networks (party ${party})`,
    };
  }

  #judgePartner({ party, atMs }: PolicyRequest): Ground {
    const { partners, time_zone: timeZone, holidays } = this.#config;
    const partner = partners.find(({ name }) => name === party);
    const denied = (what: string, reason: string): Ground => ({
      pass: false,
      decidedBy: 'partner',
      policy: `partner ${party}: ${what}`,
      reason,
    });
    if (partner === undefined) return denied('unknown', `there is no partner ${party} in the configuration`);
    const now = momentAt(atMs, timeZone, holidays);
    const { agreement, expires, windows } = partner;
    if (now.date > expires) {
      return denied('expired', `agreement ${agreement} with partner ${party} has expired on ${expires}`);
    }
    if (windows.length > 0 && !windows.some((window) => isInWindow(now, window))) {
      return denied('window', 'it is outside of the hours agreed with this partner');
    }
    return { pass: true, lobby: false };
  }

  #judgeGuest({ evidence, atMs }: PolicyRequest): Ground {
    const { guests, time_zone: timeZone, holidays } = this.#config;
    const denied = (what: string, reason: string): Ground => ({
      pass: false,
      decidedBy: 'guests',
      policy: `guests: ${what}`,
      reason,
    });
    if (guests.model === 'deny') return denied('deny', 'the zone takes no guests');
    const { date } = momentAt(atMs, timeZone, holidays);
    if (date > guests.review_by) {
      const { review_by: reviewBy, owner } = guests;
      return denied('review date passed', `${owner} has not reviewed the guest policy by ${reviewBy}`);
    }
    if (guests.identity_required && evidence.person === undefined && evidence.system === undefined) {
      return denied('identity required', 'guests must log in or show a certificate');
    }
    const lobby = guests.model === 'lobby' && !evidence.possession.includes('approved');
    return { pass: true, lobby };
  }
}

/** A certificate's names are in lower case; what people write in a configuration may not be. */
function lowerCase(domains: readonly string[]): readonly string[] {
  return domains.map((domain) => domain.toLowerCase());
}
