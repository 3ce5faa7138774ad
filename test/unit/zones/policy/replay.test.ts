import { expect, test } from 'vitest';
import { testZone } from '#test/support/zoneServices.ts';
import { defaultPolicy } from '#zones/policy/defaultPolicy.ts';
import { LocalRules, replay } from '#zones/policy/explain/index.ts';
import { asking } from './asking.ts';

const rules = new LocalRules({
  zone: testZone([{ name: 'welcome' }], {
    guests: { model: 'lobby', owner: 'security@example.org', review_by: '2099-12-31' },
  }),
  linkedDomains: [],
  policy: { file: 'policy.cedar', text: defaultPolicy('meetme') },
});
const { revision } = rules;
const then = { policies: ['guests-as-configured'], decidedBy: 'cedar', revision } as const;

test('who was in and would have had to wait is decided about as he was then: he may not stay', () => {
  const denied = { ...then, effect: 'deny' } as const;
  expect(replay(rules, asking({ action: 'stay' }), denied)).toMatchObject({ same: true });
  const admitted = asking({ action: 'stay', evidence: { possession: ['approved'] } });
  expect(replay(rules, admitted, denied)).toMatchObject({ same: false, now: { effect: 'allow' } });
  const joining = replay(rules, asking({ action: 'join' }), { ...then, effect: 'allow' });
  expect(joining).toMatchObject({ same: true, now: { obligations: { lobby: true } } });
});
