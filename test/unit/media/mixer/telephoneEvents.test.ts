import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TelephoneEvents } from '#media/mixer/audio/telephoneEvents.ts';

interface Heard {
  readonly events: TelephoneEvents;
  readonly digits: [string, number][];
}

function listening(clockRateHz = 8000): Heard {
  const digits: [string, number][] = [];
  return { digits, events: new TelephoneEvents(clockRateHz, (...digit) => digits.push(digit)) };
}

function send(
  { events }: Heard,
  event: number,
  timestamp: number,
  duration: number,
  { end = false, atMs = 0 } = {},
): void {
  const data = Uint8Array.from([event, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]);
  events.receive(data, 0, 4, timestamp, atMs);
}

test('a press is told once, at its end, however often the end is repeated', () => {
  const heard = listening();
  for (const duration of [160, 320, 480, 640]) send(heard, 5, 1000, duration);
  expect(heard.digits).toEqual([]);
  for (let copy = 0; copy < 3; copy += 1) send(heard, 5, 1000, 800, { end: true });
  expect(heard.digits).toEqual([['5', 100]]);
});

test('the same key pressed twice is two digits', () => {
  const heard = listening();
  send(heard, 1, 1000, 800, { end: true });
  send(heard, 1, 3000, 800, { end: true });
  expect(heard.digits.map(([digit]) => digit)).toEqual(['1', '1']);
});

test('a press whose end was lost ends after a while, or when the next begins', () => {
  const heard = listening();
  send(heard, 10, 1000, 400, { atMs: 100 });
  heard.events.tick(300);
  expect(heard.digits).toEqual([]);
  heard.events.tick(360);
  expect(heard.digits).toEqual([['*', 50]]);
  send(heard, 2, 5000, 400, { atMs: 1000 });
  send(heard, 3, 6000, 400, { atMs: 1100, end: true });
  expect(heard.digits.map(([digit]) => digit)).toEqual(['*', '2', '3']);
});

test('packets that were overtaken do not bring a press back', () => {
  const heard = listening();
  send(heard, 4, 2000, 800, { end: true });
  send(heard, 4, 2000, 400);
  send(heard, 3, 1000, 400);
  heard.events.tick(10_000);
  expect(heard.digits.map(([digit]) => digit)).toEqual(['4']);
});

test('a press of 20 seconds in segments is one digit (RFC 4733 section 2.5.1.3)', () => {
  const heard = listening();
  send(heard, 7, 0, 0xffff);
  send(heard, 7, 0xffff, 0xffff);
  send(heard, 7, 2 * 0xffff, 28_930, { end: true });
  expect(heard.digits).toEqual([['7', 20_000]]);
});

test('the duration is told on the clock of the event', () => {
  const heard = listening(48000);
  send(heard, 11, 0, 4800, { end: true });
  expect(heard.digits).toEqual([['#', 100]]);
});

test('tones that are no keys are not told', () => {
  const heard = listening();
  send(heard, 36, 0, 800, { end: true });
  expect(heard.digits).toEqual([]);
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 6 }), fc.nat(0xffffffff))), (packets) => {
      const { events } = listening();
      for (const [data, timestamp] of packets) events.receive(data, 0, data.length, timestamp, 0);
      events.tick(1e6);
    }),
  );
});
