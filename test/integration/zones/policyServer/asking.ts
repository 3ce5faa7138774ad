import type { PolicyDecision, PolicyRequest } from '#zones/policy/contract.ts';
import { createPolicyServer, type PolicyServer, type ServerVerdict } from '#zones/policy/server/index.ts';
import type { MisbehavingServer } from './MisbehavingServer.ts';

type Config = Parameters<typeof createPolicyServer>[0];

export const request: PolicyRequest = {
  action: 'join',
  room: 'welcome',
  direction: 'in',
  protocol: 'sip',
  caller: { name: 'Ann Example', uri: 'sip:ann@acme.example', domain: 'acme.example' },
  evidence: { possession: [] },
  device: { class: 'softphone', product: 'baresip' },
  transport: { kind: 'tls' },
  source: { address: '198.51.100.7' },
  party: 'guest',
  backend: { kind: 'endpoint', evidence: [], confidence: 'medium' },
  occupancy: { total: 2, hosts: 0, byParty: { guest: 2 } },
  atMs: Date.parse('2026-11-26T10:00:00Z'),
};

export const allowed: PolicyDecision = {
  id: '00000000-0000-4000-8000-000000000000',
  effect: 'allow',
  obligations: { role: 'host', lobby: false, audioOnly: false },
  policies: ['everybody'],
  revision: 'r',
  decidedBy: 'cedar',
  reason: 'allowed',
};

export const quick = { timeout_ms: 300, retries: 0 } as const;

export function policyServer(
  server: Pick<MisbehavingServer, 'url'>,
  config: Partial<Config>,
): Promise<PolicyServer> {
  return createPolicyServer(
    {
      protocol: 'json',
      url: server.url,
      timeout_ms: 2_000,
      retries: 0,
      on_failure: 'deny',
      on_failure_during_call: 'end',
      ...config,
    },
    { zone: 'meetme', nodeAddress: 'https://meet.example.org:8443' },
  );
}

/** One verdict, by a client of its own. */
export async function verdictOf(
  server: Pick<MisbehavingServer, 'url'>,
  config: Partial<Config>,
  asked: PolicyRequest = request,
): Promise<ServerVerdict> {
  await using client = await policyServer(server, config);
  return await client.decide(asked, allowed);
}
