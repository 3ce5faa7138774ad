import { expect, test } from 'vitest';
import { MessagePace } from '#signaling/web/MessagePace.ts';

test('19 messages in a second are read at once; the 20th is followed by a pause to the second’s end', () => {
  const pace = new MessagePace();
  for (let message = 1; message <= 19; message += 1) expect(pace.take(5_000 + message)).toBe(0);
  expect(pace.take(5_301)).toBe(700);
  expect(pace.take(6_001)).toBe(0);
});

test('a message every 60 ms never waits', () => {
  const pace = new MessagePace();
  const pauses = Array.from({ length: 200 }, (_, index) => pace.take(index * 60));
  expect(pauses.every((pauseMs) => pauseMs === 0)).toBe(true);
});
