import { expect, test } from 'vitest';
import type { PolicyRequest } from '#zones/policy/contract.ts';
import { defaultPolicy } from '#zones/policy/defaultPolicy.ts';
import { PolicySet } from '#zones/policy/PolicySet.ts';
import { asking, berlin } from './asking.ts';

type Kind = Parameters<typeof defaultPolicy>[0];

const person = { method: 'oidc', issuer: 'https://login.example', subject: '7', groups: [] } as const;
const proven: PolicyRequest['evidence'] = { possession: [], person };
const focus: PolicyRequest['backend'] = { kind: 'focus', evidence: ['isfocus'], confidence: 'high' };

function verdict(kind: Kind, changes: Partial<PolicyRequest>): unknown {
  using set = PolicySet.of('policy.cedar', defaultPolicy(kind));
  const { effect, policies, obligations } = set.evaluate('z', asking(changes), berlin);
  return effect === 'deny' ? [...policies, 'no'] : [...policies, obligations.role, obligations.label ?? ''];
}

test.each(['join', 'stay'] as const)('to %s, a core zone lets its own people only', (action) => {
  expect(verdict('core', { action, party: 'own' })).toEqual(['own-people-come-in', 'guest', '']);
  expect(verdict('core', { action, party: 'acme' })).toEqual(['no']);
  expect(verdict('core', { action, party: 'guest' })).toEqual(['no']);
  expect(verdict('core', { action, party: 'guest', backend: focus })).toEqual(['no']);
});

test.each(['meetme', 'external'] as const)('a %s zone lets partners and guests in too, as guests', (kind) => {
  expect(verdict(kind, { party: 'own' })).toEqual(['own-people-come-in', 'guest', '']);
  expect(verdict(kind, { party: 'acme' })).toEqual(['partners-come-in', 'guest', '']);
  expect(verdict(kind, { party: 'guest' })).toEqual(['guests-as-configured', 'guest', '']);
  expect(verdict(kind, { party: 'acme', evidence: proven })).toEqual(['partners-come-in', 'guest', '']);
});

test.each(['core', 'meetme', 'external'] as const)('own people with proof direct a %s zone', (kind) => {
  expect(verdict(kind, { party: 'own', evidence: proven })).toEqual([
    'own-people-come-in',
    'own-people-with-proof-are-hosts',
    'host',
    '',
  ]);
  const pin = { possession: ['guest-pin'] as const };
  expect(verdict(kind, { party: 'own', evidence: pin })).toEqual(['own-people-come-in', 'guest', '']);
});

test.each(['core', 'meetme', 'external'] as const)(
  'in a %s zone, a conference behind a call is shown',
  (kind) => {
    expect(verdict(kind, { party: 'own', backend: focus })).toEqual([
      'conference-behind-is-shown',
      'own-people-come-in',
      'guest',
      'several people behind this call',
    ]);
  },
);

test.each(['core', 'meetme', 'external'] as const)(
  'a %s zone may call whom its configuration allows',
  (kind) => {
    expect(verdict(kind, { action: 'dial', direction: 'out' })).toEqual(['calls-as-configured', 'guest', '']);
  },
);
