import { expect, test } from 'vitest';
import type { LegStats } from '#media/index.ts';
import type { Call, CallOrigin } from '#signaling/call.ts';
import { Visitor } from '#zones/Visitor.ts';

const phone = {
  transport: 'tls',
  remoteAddress: '192.0.2.1',
  remotePort: 5061,
  userAgent: 'Handset/1',
  signs: ['isfocus'],
  wantsPrivacy: false,
} as const satisfies CallOrigin;

/** Of a call whose origin a test may change. */
function visitorOf(call: { origin: CallOrigin; direction?: Call['direction'] }): Visitor {
  return new Visitor({ call: call as Call, legId: 'leg', judgeSystem: () => ({}), partyOf: () => 'guest' });
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
