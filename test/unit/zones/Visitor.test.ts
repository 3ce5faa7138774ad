import { expect, test, vi } from 'vitest';
import type { LegStats } from '#media/index.ts';
import type { Call, CallOrigin } from '#signaling/call.ts';
import { Visitor, type VisitorOptions } from '#zones/Visitor.ts';

const phone = {
  transport: 'tls',
  remoteAddress: '192.0.2.1',
  remotePort: 5061,
  userAgent: 'Handset/1',
  signs: ['isfocus'],
  wantsPrivacy: false,
} as const satisfies CallOrigin;

/** Of a call whose origin a test may change. */
function visitorOf(
  call: { origin: CallOrigin; direction?: Call['direction'] },
  more: Partial<VisitorOptions> = {},
): Visitor {
  const options = { legId: 'leg', judgeSystem: () => ({}), partyOf: () => 'guest', ...more };
  return new Visitor({ call: call as Call, ...options });
}

test('what is behind a call is made out once for what is seen of it, and again when that changes', () => {
  const call: { origin: CallOrigin } = { origin: phone };
  const visitor = visitorOf(call);
  const { backend } = visitor;
  expect(backend.kind).toBe('focus');
  expect(visitor.backend).toBe(backend);
  visitor.observed({ contributors: 3 } as LegStats);
  const mixed = visitor.backend;
  expect(mixed.evidence).toContain('csrc=3');
  visitor.observed({ contributors: 3 } as LegStats);
  expect(visitor.backend).toBe(mixed);
  call.origin = { ...phone, signs: [] };
  expect(visitor.backend.evidence).not.toContain('isfocus');
});

test.each(['in', 'out'] as const)(
  'the certificate of a call %s is judged as that of its side',
  (direction) => {
    const domains = [direction];
    const judgeSystem: VisitorOptions['judgeSystem'] = (_tls, side) => ({
      system: { domains: [side], fingerprint256: '', issuer: '' },
    });
    const partyOf: VisitorOptions['partyOf'] = ({ evidence }) => evidence.system?.domains.join() ?? 'guest';
    const visitor = visitorOf({ origin: phone, direction }, { judgeSystem, partyOf });
    expect(visitor.evidence.system).toMatchObject({ domains });
    expect(visitor.party).toBe(direction);
  },
);

test('a login that is over is none, also in the course of a call', () => {
  const person = { method: 'oidc', issuer: 'i', subject: 'ann', groups: [], expiresAtMs: 10_000 } as const;
  const partyOf: VisitorOptions['partyOf'] = ({ evidence }) =>
    evidence.person === undefined ? 'guest' : 'own';
  const visitor = visitorOf({ origin: { ...phone, person } }, { partyOf });
  try {
    vi.setSystemTime(9_999);
    expect(visitor.evidence.person).toBe(person);
    expect(visitor.party).toBe('own');
    vi.setSystemTime(10_000);
    expect(visitor.evidence).not.toHaveProperty('person');
    expect(visitor.party).toBe('guest');
  } finally {
    vi.useRealTimers();
  }
});
