import type { Evidence } from '../../identity/contract.ts';
import { isListed, networkList, ZonebridgeError } from '#kernel/index.ts';
import type { ZoneConfig } from '../../config/schema.ts';
import type { PolicyRequest } from '../contract.ts';
import type { Asked } from './askedSchema.ts';
import { partnerSystem, personOf, possessionOf } from './shownEvidence.ts';
import type { LocalRules } from './LocalRules.ts';

/** What a certificate that was read is worth, by `certificateEvidence`. */
export type SystemShown = Pick<Evidence, 'system' | 'systemFault'>;

/** Addresses for documentation (RFC 5737): somebody on the internet. */
const strangers = ['203.0.113.1', '198.51.100.1', '192.0.2.1'];

/**
 * The request that the zone would make of a question. Throws `not-found` for rooms and partners that the zone does not have,
 * and `invalid-argument` for evidence that nobody could show there.
 */
export function requestOf(rules: LocalRules, asked: Asked, shown: SystemShown = {}): PolicyRequest {
  const { zone } = rules.rules;
  if (!zone.rooms.some(({ name }) => name === asked.room)) {
    const rooms = zone.rooms.map(({ name }) => name).join(', ');
    throw new ZonebridgeError(
      'not-found',
      `zone ${zone.name} has no room ${asked.room}; its rooms are ${rooms}`,
    );
  }
  const called = asked.action === 'dial';
  const evidence = evidenceOf(zone, asked, shown);
  const source = { address: called ? '0.0.0.0' : (asked.source ?? addressOutside(zone)) };
  const caller = callerOf(asked);
  return {
    action: asked.action,
    room: asked.room,
    direction: called ? 'out' : 'in',
    protocol: asked.protocol,
    caller,
    evidence,
    device: { class: asked.device, product: 'unknown' },
    transport: { kind: asked.protocol === 'web' ? 'ws' : 'tls', tlsVersion: 'TLSv1.3' },
    source,
    party: called ? partyCalled(zone, caller.domain) : rules.partyOf({ evidence, source }),
    backend: { kind: called ? 'unknown' : asked.backend, evidence: [], confidence: 'low' },
    occupancy: { total: asked.people, hosts: 0, byParty: asked.people === 0 ? {} : { own: asked.people } },
    atMs: Date.parse(asked.at),
  };
}

/** An address that is in none of the zone's networks. */
export function addressOutside({ networks = [] }: Pick<ZoneConfig, 'networks'>): string {
  const own = networkList(networks);
  return strangers.find((address) => !isListed(own, address)) ?? '203.0.113.1';
}

/** As `DialOut` names those whom it calls. */
function partyCalled({ partners }: ZoneConfig, domain: string): string {
  return partners.find(({ domains }) => domains.includes(domain))?.name ?? 'guest';
}

function evidenceOf(zone: ZoneConfig, asked: Asked, shown: SystemShown): Evidence {
  if (asked.action === 'dial') {
    if (asked.person === undefined && asked.partner === undefined && asked.pins.length === 0)
      return { possession: [] };
    throw new ZonebridgeError('invalid-argument', 'who is called shows nothing before the call is made');
  }
  const system = asked.partner === undefined ? shown : { system: partnerSystem(zone, asked.partner) };
  const person =
    asked.person === undefined ? {} : { person: personOf(zone, { ...asked, subject: asked.person }) };
  return { ...system, ...person, possession: possessionOf(zone, asked.room, asked.pins) };
}

function callerOf({ from, name }: Asked): PolicyRequest['caller'] & { readonly domain: string } {
  const domain = /@(\[[^\]]+\]|[^:;>?]+)/.exec(from)?.[1]?.toLowerCase() ?? '';
  return { name: name ?? '', uri: from, domain };
}
