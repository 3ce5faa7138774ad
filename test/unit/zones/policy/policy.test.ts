import { expect, test } from 'vitest';
import { testZone } from '#test/support/zoneServices.ts';
import { momentAt } from '#zones/policy/calendar.ts';
import type { PolicyRequest } from '#zones/policy/contract.ts';
import { defaultPolicy } from '#zones/policy/defaultPolicy.ts';
import { Grounds } from '#zones/policy/grounds.ts';
import { nextChangeMs } from '#zones/policy/nextChange.ts';
import { policyFaults, PolicySet } from '#zones/policy/PolicySet.ts';
import { asking, berlin } from './asking.ts';

test.each(['core', 'meetme', 'external'] as const)('the default policy of a %s zone is valid', (kind) => {
  expect(policyFaults(defaultPolicy(kind))).toEqual([]);
});

test.each([
  ['permit (principal action, resource);', /^p:1:\d+: failed to parse/],
  ['@id("a")\npermit (principal, action, resource) when { context.foo == 1 };', /^p:2:45: .*`foo`/],
  ['permit (principal, action, resource);', /^p:1:1: a policy needs a name/],
  ['@id("a") @lobby("yes") permit (principal, action, resource);', /@lobby\("yes"\) must be "true"/],
  ['@id("a") @rolle("host") permit (principal, action, resource);', /@rolle means nothing/],
])('a fault is named with its place: %s', (text, fault) => {
  expect(() => PolicySet.of('p', text)).toThrow(fault);
});

test('what no policy allows is denied, and one forbid wins', () => {
  const text = `@id("all") permit (principal, action, resource);
    @id("no-guests") @reason("not on holidays") forbid (principal, action, resource) when { context.local.holiday };`;
  const policies = PolicySet.of('p', text);
  expect(policies.evaluate('z', asking(), berlin)).toMatchObject({ effect: 'allow', policies: ['all'] });
  const christmas = asking({ atMs: Date.parse('2026-12-24T23:30:00Z') });
  expect(policies.evaluate('z', christmas, berlin)).toMatchObject({
    effect: 'deny',
    policies: ['no-guests'],
    reason: 'not on holidays',
  });
  expect(PolicySet.of('p', '').evaluate('z', asking(), berlin)).toMatchObject({
    effect: 'deny',
    policies: [],
  });
});

test('local time follows the clock of its zone over both changes of it', () => {
  const at = (time: string): string => {
    const { date, hour, minute, weekday } = momentAt(Date.parse(time), 'Europe/Berlin', []);
    return `${weekday} ${date} ${hour}:${minute}`;
  };
  expect(at('2026-03-29T00:59:00Z')).toBe('sun 2026-03-29 1:59');
  expect(at('2026-03-29T01:00:00Z')).toBe('sun 2026-03-29 3:0');
  expect(at('2026-10-25T00:30:00Z')).toBe('sun 2026-10-25 2:30');
  expect(at('2026-10-25T01:30:00Z')).toBe('sun 2026-10-25 2:30');
  expect(at('2026-12-31T23:00:00Z')).toBe('fri 2027-01-01 0:0');
});

const acme = {
  name: 'acme',
  domains: ['acme.example'],
  contact: 'video@acme.example',
  agreement: '17',
  windows: [{ days: ['thu'], from: '09:00', to: '12:00' }],
  expires: '2026-12-31',
};

test('a partner may come in his windows and until his agreement ends, which is known to the minute', () => {
  const zone = testZone([{ name: 'welcome' }], { partners: [acme], time_zone: 'Europe/Berlin' });
  const grounds = new Grounds(zone);
  const at = (time: string): unknown => {
    const ground = grounds.judge(asking({ party: 'acme', atMs: Date.parse(time) }));
    return ground.pass || ground.policy;
  };
  expect(at('2026-11-26T10:59:59Z')).toBe(true);
  expect(at('2026-11-26T11:00:00Z')).toBe('partner acme: window');
  expect(at('2027-01-07T10:00:00Z')).toBe('partner acme: expired');
  expect(nextChangeMs(zone, Date.parse('2026-11-26T10:00:00Z'))).toBe(Date.parse('2026-11-26T11:00:00Z'));
});

test('guests are denied, wait, or come in as the zone has chosen, and not at all past the review', () => {
  const judge = (guests: object, changes: Partial<PolicyRequest> = {}): unknown => {
    const zone = testZone([{ name: 'welcome' }], {
      guests: { owner: 'ann@example.org', review_by: '2026-12-01', ...guests },
    });
    const ground = new Grounds(zone).judge(asking(changes));
    return ground.pass ? { lobby: ground.lobby } : ground.policy;
  };
  expect(judge({ model: 'deny' })).toBe('guests: deny');
  expect(judge({ model: 'allow' })).toEqual({ lobby: false });
  expect(judge({ model: 'lobby' })).toEqual({ lobby: true });
  expect(judge({ model: 'lobby' }, { evidence: { possession: ['approved'] } })).toEqual({ lobby: false });
  expect(judge({ model: 'allow', identity_required: true })).toBe('guests: identity required');
  expect(judge({ model: 'allow' }, { atMs: Date.parse('2026-12-02T10:00:00Z') })).toBe(
    'guests: review date passed',
  );
});

test('a core zone takes no call from outside of its networks, not of a partner either', () => {
  const core = { kind: 'core', networks: ['192.0.2.0/24'], partners: [{ ...acme, windows: [] }] };
  const grounds = new Grounds(testZone([{ name: 'welcome' }], core));
  expect(grounds.judge(asking({ party: 'acme' }))).toMatchObject({ pass: false, policy: 'networks' });
  const inside = { address: '192.0.2.9' };
  expect(grounds.partyOf({ evidence: { possession: [] }, source: inside })).toBe('own');
  expect(grounds.judge(asking({ party: 'own', source: inside }))).toMatchObject({ pass: true });
});
