import type { Context } from '@cedar-policy/cedar-wasm/nodejs';
import { plainAddress } from '#kernel/index.ts';
import type { Evidence } from '../identity/contract.ts';
import { momentAt } from './calendar.ts';
import type { PolicyRequest } from './contract.ts';

export interface Calendar {
  readonly timeZone: string;
  readonly holidays: readonly string[];
}

/** A request in the words of `schema.ts`. */
export function cedarContext(request: PolicyRequest, { timeZone, holidays }: Calendar): Context {
  const { party, direction, protocol, caller, device, transport, evidence, backend, occupancy } = request;
  const { system, person } = evidence;
  return {
    party,
    partyKind: partyKindOf(party),
    direction,
    protocol,
    name: caller.name,
    ...(caller.domain === undefined ? {} : { domain: caller.domain }),
    device: { class: device.class, product: device.product },
    transport: { ...transport },
    assurance: assuranceOf(evidence),
    possession: [...evidence.possession],
    ...(system === undefined
      ? {}
      : {
          system: {
            domains: [...system.domains],
            fingerprint: system.fingerprint256,
            issuer: system.issuer,
          },
        }),
    ...(person === undefined ? {} : { person: personContext(person) }),
    source: { __extn: { fn: 'ip', arg: plainAddress(request.source.address) } },
    backend: { kind: backend.kind, confidence: backend.confidence },
    occupancy: {
      total: occupancy.total,
      hosts: occupancy.hosts,
      parties: Object.entries(occupancy.byParty).map(([name, people]) => ({ party: name, people })),
    },
    utc: { ...momentAt(request.atMs, 'UTC', holidays) },
    local: { ...momentAt(request.atMs, timeZone, holidays) },
  };
}

export function partyKindOf(party: string): 'own' | 'partner' | 'guest' {
  return party === 'own' || party === 'guest' ? party : 'partner';
}

function assuranceOf({ system, person, possession }: Evidence): string[] {
  return [
    ...(system === undefined ? [] : ['system']),
    ...(person === undefined ? [] : ['person']),
    ...(possession.length === 0 ? [] : ['possession']),
  ];
}

function personContext({
  method,
  issuer,
  subject,
  name,
  email,
  groups,
}: NonNullable<Evidence['person']>): Context {
  return {
    method,
    issuer,
    subject,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    groups: [...groups],
  };
}
