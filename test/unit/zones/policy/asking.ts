import type { PolicyRequest } from '#zones/policy/contract.ts';

export const berlin = { timeZone: 'Europe/Berlin', holidays: ['2026-12-25'] };

/** A guest who wants in on a Thursday. */
export function asking(changes: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    action: 'join',
    room: 'welcome',
    direction: 'in',
    protocol: 'sip',
    caller: { name: 'Ann' },
    evidence: { possession: [] },
    device: { class: 'softphone', product: 'baresip' },
    transport: { kind: 'tls' },
    source: { address: '198.51.100.7' },
    party: 'guest',
    backend: { kind: 'endpoint', evidence: [], confidence: 'medium' },
    occupancy: { total: 0, hosts: 0, byParty: {} },
    // A Thursday, 11:00 in Berlin.
    atMs: Date.parse('2026-11-26T10:00:00Z'),
    ...changes,
  };
}
