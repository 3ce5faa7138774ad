import { pino } from 'pino';
import { expect, test } from 'vitest';
import { testZone } from '#test/support/zoneServices.ts';
import type { DialOut } from '#zones/DialOut.ts';
import { OutgoingCalls } from '#zones/OutgoingCalls.ts';
import type { Participant } from '#zones/Participant.ts';

const [room] = testZone([{ name: 'welcome' }]).rooms;

/** Calls that ring until a test lets go of them. */
function stage(obstacle: () => string | undefined = () => undefined): {
  readonly outgoing: OutgoingCalls;
  readonly rung: string[];
  readonly answerAll: () => void;
} {
  if (room === undefined) throw new Error('the zone has no room');
  const rung: string[] = [];
  const ringing: (() => void)[] = [];
  const dialOut: Pick<DialOut, 'call'> = {
    call: (uri) => Promise.resolve({ call: { displayName: uri }, decision: {} } as never),
  };
  const outgoing = new OutgoingCalls({
    room,
    dialOut,
    obstacle,
    occupancy: () => ({ total: 0, hosts: 0, byParty: {} }),
    add: ({ call }) => ({ visitor: { call }, joined: true, cause: 'failed' }) as unknown as Participant,
    join: ({ visitor }) => {
      rung.push(visitor.call.displayName);
      return new Promise((resolve) => ringing.push(resolve));
    },
    log: pino({ level: 'silent' }),
  });
  return { outgoing, rung, answerAll: () => ringing.splice(0).forEach((answer) => answer()) };
}

const numbers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `sips:${index}@far.example`);

test('five calls of a room ring at once, and one more when one was answered', async () => {
  const { outgoing, rung, answerAll } = stage();
  const calls = numbers(8).map((uri) => outgoing.call(uri));
  const refused = await Promise.all(calls.slice(5));
  expect(refused).toEqual(Array(3).fill('5 calls from this room ring already. Wait until one is answered'));
  answerAll();
  expect(await calls[0]).toBe('sips:0@far.example is in the room');
  await Promise.all(calls);
  const next = outgoing.call('sips:next@far.example');
  await Promise.resolve();
  answerAll();
  expect(await next).toBe('sips:next@far.example is in the room');
  expect(rung).toEqual([...numbers(5), 'sips:next@far.example']);
});

test('calls that stand are as many as the configuration has, and keep nobody from calling', async () => {
  const { outgoing, rung, answerAll } = stage();
  const signal = AbortSignal.any([]);
  const standing = numbers(7).map((uri) =>
    outgoing.stand(uri, () => undefined, signal).catch(() => undefined),
  );
  const asked = outgoing.call('sips:ann@far.example');
  await Promise.resolve();
  await Promise.resolve();
  answerAll();
  expect(await asked).toBe('sips:ann@far.example is in the room');
  await Promise.all(standing);
  expect(rung).toHaveLength(8);
});

test('a room that is full, or whose server stops, calls nobody', async () => {
  const { outgoing, rung } = stage(() => 'The meeting is full');
  expect(await outgoing.call('sips:ann@far.example')).toBe('The meeting is full');
  await expect(outgoing.stand('sips:ann@far.example', () => undefined, AbortSignal.any([]))).rejects.toThrow(
    'The meeting is full',
  );
  expect(rung).toEqual([]);
});
