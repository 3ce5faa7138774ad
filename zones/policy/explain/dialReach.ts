import type { ZoneConfig } from '../../config/schema.ts';
import type { PolicyRequest } from '../contract.ts';

/** The domain that is called; empty when the request names none. */
export function dialDomainOf({ caller }: Pick<PolicyRequest, 'caller'>): string {
  return caller.domain ?? '';
}

/** Whether the configuration lets the zone call a domain at all. */
export function mayDial(
  { zone, linkedDomains }: { readonly zone: ZoneConfig; readonly linkedDomains: readonly string[] },
  domain: string,
): boolean {
  const { domains } = zone.dial_out;
  return linkedDomains.includes(domain) || domains === 'any' || domains.includes(domain);
}
