import { expect, test } from 'vitest';
import { testZone } from '#test/support/zoneServices.ts';
import type { Evidence } from '#zones/identity/contract.ts';
import type { PolicyRequest } from '#zones/policy/contract.ts';
import { Grounds } from '#zones/policy/grounds.ts';
import { deadlines } from '#zones/policy/overdue.ts';
import { asking } from './asking.ts';

const print = Array.from({ length: 32 }, () => 'AB').join(':');
const otherPrint = Array.from({ length: 32 }, () => 'CD').join(':');
const acme = {
  name: 'acme',
  domains: ['Acme.example'],
  contact: 'a@acme.example',
  agreement: '17',
  expires: '2026-12-31',
};
const pinned = { ...acme, name: 'pinned', domains: ['pinned.example'], certificates: [print] };
const issuer = 'https://login.example';
const config = {
  time_zone: 'Europe/Berlin',
  networks: ['192.0.2.0/24', '2001:db8::/32'],
  partners: [acme, pinned],
  identity: { oidc: { issuer, client_id: 'zone' } },
};
const outside = '198.51.100.7';

function groundsOf(more: object = {}): Grounds {
  return new Grounds(testZone([{ name: 'welcome' }], { ...config, ...more }));
}

function system(domain: string, fingerprint256 = print): Evidence {
  return { possession: [], system: { domains: [domain], fingerprint256, issuer: 'CN=CA' } };
}

function person(of: string): Evidence {
  return { possession: [], person: { method: 'oidc', issuer: of, subject: '7', groups: [] } };
}

test.each<[string, Evidence, string, string]>([
  ['nobody known is a guest', { possession: [] }, outside, 'guest'],
  ['a PIN makes nobody anything else', { possession: ['host-pin'] }, outside, 'guest'],
  ['an address of the zone’s networks is its own', { possession: [] }, '192.0.2.9', 'own'],
  ['the same of IPv6', { possession: [] }, '2001:db8::9', 'own'],
  ['an address beside them is not', { possession: [] }, '192.0.3.1', 'guest'],
  ['a login of the zone’s provider is its own', person(issuer), outside, 'own'],
  ['a login of another provider is a guest', person('https://other.example'), outside, 'guest'],
  ['a partner is known by the domain of his certificate', system('acme.example'), outside, 'acme'],
  ['a partner in the zone’s network stays the partner', system('acme.example'), '192.0.2.9', 'acme'],
  ['a domain below a partner’s is not his', system('sub.acme.example'), outside, 'guest'],
  ['a partner with named certificates is known by one of them', system('pinned.example'), outside, 'pinned'],
  ['and not by another of the same domain', system('pinned.example', otherPrint), outside, 'guest'],
])('%s', (_what, evidence, address, party) => {
  expect(groundsOf().partyOf({ evidence, source: { address } })).toBe(party);
});

test('a name that a caller gives himself makes no partner of him', () => {
  const { evidence, source } = asking({
    caller: { name: 'Acme', uri: 'sip:a@acme.example', domain: 'acme.example' },
  });
  expect(groundsOf().partyOf({ evidence, source })).toBe('guest');
});

test('an agreement ends with its last day in the time zone of the zone', () => {
  const at = (time: string): unknown => {
    const ground = groundsOf().judge(asking({ party: 'acme', atMs: Date.parse(time) }));
    return ground.pass || ground.policy;
  };
  expect(at('2026-12-31T22:59:59Z')).toBe(true);
  expect(at('2026-12-31T23:00:00Z')).toBe('partner acme: expired');
});

test('a partner who is not in the configuration is denied', () => {
  expect(groundsOf().judge(asking({ party: 'gone' }))).toMatchObject({
    pass: false,
    policy: 'partner gone: unknown',
  });
});

test('calls that the zone makes are bound by a partner’s agreement, not by the choice of guests and networks', () => {
  const grounds = groundsOf({
    kind: 'core',
    guests: { model: 'deny', owner: 'x@example.org', review_by: '2020-01-01' },
  });
  const dial = { action: 'dial', direction: 'out' } as const;
  expect(grounds.judge(asking({ ...dial }))).toEqual({ pass: true, lobby: false });
  const late = { atMs: Date.parse('2027-06-01T00:00:00Z') };
  expect(grounds.judge(asking({ ...dial, ...late, party: 'acme' }))).toMatchObject({
    policy: 'partner acme: expired',
  });
});

test.each<[string, Partial<PolicyRequest>, string]>([
  ['without anything', {}, 'guests: identity required'],
  ['with a PIN', { evidence: { possession: ['guest-pin'] } }, 'guests: identity required'],
  ['approved by a host', { evidence: { possession: ['approved'] } }, 'guests: identity required'],
  ['logged in', { evidence: person('https://other.example') }, ''],
  ['with a certificate', { evidence: system('someone.example') }, ''],
])('where guests must show who they are, one %s is judged by that', (_what, changes, policy) => {
  const guests = { model: 'lobby', owner: 'x@example.org', review_by: '2099-12-31', identity_required: true };
  const ground = groundsOf({ guests }).judge(asking(changes));
  expect(ground.pass ? '' : ground.policy).toBe(policy);
  if (ground.pass) expect(ground.lobby).toBe(true);
});

test('the review counts to the end of its day, and says nothing of those who are no guests', () => {
  const guests = { model: 'allow', owner: 'x@example.org', review_by: '2026-11-26' };
  const grounds = groundsOf({ guests });
  const last = Date.parse('2026-11-26T22:59:59Z');
  expect(grounds.judge(asking({ atMs: last })).pass).toBe(true);
  expect(grounds.judge(asking({ atMs: last + 1_000 }))).toMatchObject({
    policy: 'guests: review date passed',
  });
  expect(grounds.judge(asking({ atMs: last + 1_000, party: 'acme' })).pass).toBe(true);
  const zone = testZone([{ name: 'welcome' }], { ...config, guests });
  const overdue = (atMs: number): string[] =>
    deadlines(zone, atMs).flatMap(({ cause, overdue }) => (overdue ? [cause] : []));
  expect(overdue(last)).toEqual([]);
  expect(overdue(last + 1_000)).toEqual(['review of guests']);
});
