import { expect, test } from 'vitest';
import { PolicyRooms } from '#test/support/PolicyRooms.ts';

test('after a changed policy a room of 60 is decided about again in half a second, and holds up nothing else', async () => {
  await using filled = await PolicyRooms.fill(1, 60);
  const stay = await filled.change();
  expect(stay.tookMs).toBeLessThan(500);
  expect(filled.calls.flatMap(({ notices }) => notices)).toEqual([]);
  const warned = await filled.change('room-0');
  expect(warned.tookMs).toBeLessThan(500);
  expect(filled.calls.every(({ notices }) => notices[0]?.includes('Your time in this meeting is over'))).toBe(
    true,
  );
  // Media wants its turn every 20 ms; the bar is wide for a machine that tests share.
  expect(Math.max(stay.heldUpMs, warned.heldUpMs)).toBeLessThan(100);
}, 30_000);
