import { expect, test } from 'vitest';
import { terminationTexts } from '#kernel/index.ts';
import { decide } from '#zones/admission.ts';

const room = { name: 'welcome', capacity: 2 };

test('a call to a room with a free place is admitted', () => {
  expect(decide({ zoneState: 'serving', room, occupancy: 1 })).toEqual({ admitted: true, room });
});

test('a full room refuses as busy', () => {
  const decision = decide({ zoneState: 'serving', room, occupancy: 2 });
  expect(decision).toMatchObject({ admitted: false, termination: { cause: 'busy' } });
});

test('a room that does not exist refuses as not-found', () => {
  const decision = decide({ zoneState: 'serving', room: undefined, occupancy: 0 });
  expect(decision).toMatchObject({ admitted: false, termination: { cause: 'not-found' } });
});

test('a draining zone refuses before it says whether the room exists', () => {
  for (const asked of [room, undefined]) {
    const decision = decide({ zoneState: 'draining', room: asked, occupancy: 0 });
    expect(decision).toEqual({ admitted: false, termination: { cause: 'zone-draining' } });
  }
});

test('a caller reads the same words for an unknown room and for a refusal', () => {
  expect(terminationTexts['not-found']).toBe(terminationTexts.forbidden);
});
