import type { ZoneConfig } from '../config/schema.ts';
import type { PolicyRequest } from './contract.ts';

/** The domain that is called; empty when the request names none. */
export function dialDomainOf({ caller }: Pick<PolicyRequest, 'caller'>): string {
  return caller.domain ?? '';
}

/** Whether the configuration lets the zone call a domain at all; `domain` is in small letters. */
export function mayDial(
  { zone, linkedDomains }: { readonly zone: ZoneConfig; readonly linkedDomains: readonly string[] },
  domain: string,
): boolean {
  const { domains } = zone.dial_out;
  return isOneOf(domain, linkedDomains) || domains === 'any' || isOneOf(domain, domains);
}

/** Domains are compared without regard to case (RFC 4343). */
export function isOneOf(domain: string, domains: readonly string[]): boolean {
  return domains.some((each) => each.toLowerCase() === domain);
}
