import { expect, test } from 'vitest';
import { terminationTexts } from '#kernel/index.ts';
import { decide, type AdmissionRequest } from '#zones/admission.ts';
import { testZone } from '#test/support/zoneServices.ts';

const [room] = testZone([{ name: 'welcome', capacity: 2 }]).rooms;

/** A video call to a room with a free place, which the mixer can carry, but for the changes. */
function asking(changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const video = { asked: true, fits: true };
  return { zoneState: 'serving', room, video, whenVideoFull: 'refuse', ...changes };
}

test('a call to a room with a free place is admitted', () => {
  expect(decide(asking())).toEqual({ admitted: true, room, allowVideo: true });
});

test('a room that does not exist refuses as not-found', () => {
  const decision = decide(asking({ room: undefined }));
  expect(decision).toMatchObject({ admitted: false, termination: { cause: 'not-found' } });
});

test('a draining zone refuses before it says whether the room exists', () => {
  for (const asked of [room, undefined]) {
    const decision = decide(asking({ zoneState: 'draining', room: asked }));
    expect(decision).toEqual({ admitted: false, termination: { cause: 'zone-draining' } });
  }
});

test('a video call that the mixer cannot carry is refused as no-capacity, or is audio only where the zone says so', () => {
  const video = { asked: true, fits: false };
  expect(decide(asking({ video }))).toMatchObject({ termination: { cause: 'no-capacity' } });
  const decision = decide(asking({ video, whenVideoFull: 'audio_only' }));
  expect(decision).toEqual({ admitted: true, room, allowVideo: false });
});

test('a call without video is admitted whatever the mixer carries, and may add video only where that fits', () => {
  for (const fits of [true, false]) {
    const decision = decide(asking({ video: { asked: false, fits } }));
    expect(decision).toEqual({ admitted: true, room, allowVideo: fits });
  }
});

test('a caller reads the same words for an unknown room and for a refusal', () => {
  expect(terminationTexts['not-found']).toBe(terminationTexts.forbidden);
});
