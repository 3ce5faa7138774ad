import { expect, test } from 'vitest';
import { errorCodeOf, ZonebridgeError } from '#kernel/index.ts';
import { PortRange } from '#media/transport/relay/portRange.ts';

test('only even ports with their odd neighbour inside the range are given', async () => {
  const range = new PortRange({ min: 4001, max: 4006 });
  expect(range.free).toBe(2);
  expect((await range.open((port) => Promise.resolve(port))).value).toBe(4002);
  expect((await range.open((port) => Promise.resolve(port))).value).toBe(4004);
  expect(await range.open((port) => Promise.resolve(port)).catch(errorCodeOf)).toBe('busy');
});

test('a port that somebody else has is passed over, and tried again another time', async () => {
  const range = new PortRange({ min: 4000, max: 4003 });
  const taken = (port: number): Promise<number> =>
    port === 4000 ? Promise.reject(new ZonebridgeError('busy', 'taken')) : Promise.resolve(port);
  expect((await range.open(taken)).port).toBe(4002);
  expect((await range.open((port) => Promise.resolve(port))).port).toBe(4000);
});

test('any other failure is told at once and loses no port', async () => {
  const range = new PortRange({ min: 4000, max: 4003 });
  const fails = (): Promise<number> => Promise.reject(new ZonebridgeError('unavailable', 'no such address'));
  expect(await range.open(fails).catch(errorCodeOf)).toBe('unavailable');
  expect(range.free).toBe(2);
});

test('a port that was given back waits for all others', async () => {
  const range = new PortRange({ min: 4000, max: 4005 });
  const { port } = await range.open((number) => Promise.resolve(number));
  range.giveBack(port);
  const next = await range.open((number) => Promise.resolve(number));
  expect(next.port).not.toBe(port);
});
