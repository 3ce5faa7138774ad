import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PinGate, type PinGateOptions } from '#zones/identity/PinGate.ts';
import { PinGateQueue } from '#zones/identity/PinGateQueue.ts';
import { hashPin, verifyPin } from '#zones/identity/pin.ts';
import { SourcePace } from '#zones/identity/SourcePace.ts';
import { TotpCodes } from '#zones/identity/TotpCodes.ts';
import { totpCode, type TotpSecret } from '#zones/identity/totp.ts';
import { UsedCodes } from '#zones/identity/UsedCodes.ts';

const guesser = '192.0.2.1';
const invited = '198.51.100.7';
const secret: TotpSecret = { key: Buffer.from('12345678901234567890'), algorithm: 'sha1', digits: 6 };
const atMs = 1_700_000_010_000;

let folder: string;
let hostPin: string;
let guestPin: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pin-gate-'));
  [hostPin, guestPin] = await Promise.all([hashPin('987654'), hashPin('1234')]);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Of a zone in which none was used. */
function usedCodes(): Promise<UsedCodes> {
  return UsedCodes.open(join(folder, `${randomUUID()}.json`));
}

interface Room {
  readonly gate: PinGate;
  readonly verified: string[];
  readonly clock: { nowMs: number };
}

function room(options: Partial<PinGateOptions> = {}): Room {
  const verified: string[] = [];
  const clock = { nowMs: atMs };
  const gate = new PinGate({
    pace: new SourcePace(),
    queue: new PinGateQueue(),
    nowMs: () => clock.nowMs,
    verify: (pin, hash) => {
      verified.push(pin);
      return verifyPin(pin, hash);
    },
    ...options,
  });
  return { gate, verified, clock };
}

test('the host’s PIN makes a host, the guests’ PIN lets in, and neither of both is wrong', async () => {
  const { gate } = room({ hostPin, guestPin });
  expect(await gate.check('987654', invited)).toEqual({ result: 'host', retryInMs: 0 });
  expect(await gate.check('1234', invited)).toEqual({ result: 'guest', retryInMs: 0 });
  expect(await gate.check('4321', invited)).toEqual({ result: 'wrong', retryInMs: 0 });
});

test('a time-based code lets in once, without an argon2 verification', async () => {
  const { gate, verified } = room({ hostPin, totp: new TotpCodes(secret, await usedCodes()) });
  const code = totpCode(secret, Math.floor(atMs / 30_000));
  expect(await gate.check(code, invited)).toEqual({ result: 'totp', retryInMs: 0 });
  expect(verified).toEqual([]);
  expect(await gate.check(code, invited)).toMatchObject({ result: 'wrong' });
});

test('a thousand wrong PINs slow down their source, and a right one from another gets in at once', async () => {
  const { gate, verified } = room({ guestPin });
  const guesses = await Promise.all(
    Array.from({ length: 1000 }, (_, index) => gate.check(String(500_000 + index), guesser)),
  );
  expect(guesses.filter(({ result }) => result === 'wrong').length).toBeLessThanOrEqual(4);
  expect(guesses.every(({ result }) => result === 'wrong' || result === 'wait')).toBe(true);
  expect(verified.length).toBeLessThanOrEqual(4);
  const beganMs = performance.now();
  expect(await gate.check('1234', invited)).toEqual({ result: 'guest', retryInMs: 0 });
  expect(performance.now() - beganMs).toBeLessThan(1000);
});

test('a right PIN does not wait for a flood that is still going on', async () => {
  const { gate, verified } = room({ guestPin });
  const flood = Array.from({ length: 1000 }, (_, index) => gate.check(String(500_000 + index), guesser));
  expect(await gate.check('1234', invited)).toMatchObject({ result: 'guest' });
  expect(verified.indexOf('1234')).toBeLessThanOrEqual(3);
  await Promise.all(flood);
});

test('while a source has to wait its codes are not looked at, not even the right one', async () => {
  const { gate, verified, clock } = room({ guestPin });
  for (let index = 0; index < 4; index += 1) await gate.check('9999', guesser);
  expect(verified).toHaveLength(4);
  expect(await gate.check('1234', guesser)).toEqual({ result: 'wait', retryInMs: 1000 });
  expect(verified).toHaveLength(4);
  clock.nowMs += 1000;
  expect(await gate.check('1234', guesser)).toMatchObject({ result: 'guest' });
});

test('a fourth wrong code says how long the next has to wait', async () => {
  const { gate } = room({ guestPin });
  const waits: number[] = [];
  for (let index = 0; index < 4; index += 1) waits.push((await gate.check('9999', guesser)).retryInMs);
  expect(waits).toEqual([0, 0, 0, 1000]);
});

test('who guesses at one room is slow at the others of the zone, too', async () => {
  const shared = { pace: new SourcePace(), queue: new PinGateQueue() };
  const one = room({ guestPin, ...shared });
  const other = room({ guestPin, ...shared });
  for (let index = 0; index < 4; index += 1) await one.gate.check('9999', guesser);
  expect(await other.gate.check('1234', guesser)).toMatchObject({ result: 'wait' });
});

test('what cannot be a code is wrong and costs nothing', async () => {
  const { gate, verified } = room({ guestPin });
  for (const code of ['', '123', '12a4', '1'.repeat(17), '１２３４']) {
    expect(await gate.check(code, guesser)).toEqual({ result: 'wrong', retryInMs: 0 });
  }
  expect(verified).toEqual([]);
});

test('a hash that the config has wrong is an error, and the next code is looked at all the same', async () => {
  const queue = new PinGateQueue();
  await expect(
    room({ guestPin: '$argon2id$broken', queue }).gate.check('1234', invited),
  ).rejects.toMatchObject({
    code: 'config-invalid',
  });
  expect(await room({ guestPin, queue }).gate.check('1234', invited)).toMatchObject({ result: 'guest' });
});

test('a gate says who needs a code, and of how many digits', async () => {
  const totp = new TotpCodes(secret, await usedCodes());
  expect(room().gate).toMatchObject({ hasHostPin: false, guestsNeedCode: false });
  expect(room({ hostPin }).gate).toMatchObject({ hasHostPin: true, guestsNeedCode: false, digits: [4, 16] });
  expect(room({ guestPin }).gate).toMatchObject({ guestsNeedCode: true, digits: [4, 16] });
  expect(room({ totp }).gate).toMatchObject({ guestsNeedCode: true, digits: [6, 6] });
});

test('one verification runs at a time, and rests in between as long as it took while others wait', async () => {
  const queue = new PinGateQueue();
  let running = 0;
  const began: number[] = [];
  const tasks = ['a', 'b', 'c'].map((source) =>
    queue.run(source, async () => {
      expect((running += 1)).toBe(1);
      began.push(performance.now());
      await sleep(30);
      running -= 1;
    }),
  );
  await Promise.all(tasks.filter((task) => task !== undefined));
  const [first = 0, second = 0, third = 0] = began;
  expect(second - first).toBeGreaterThan(55);
  expect(third - second).toBeGreaterThan(55);
});

test('a queue takes three of one source and so many in all, and has places again afterwards', async () => {
  const queue = new PinGateQueue({ total: 4 });
  const done = Promise.withResolvers<undefined>();
  const task = (): Promise<undefined> => done.promise;
  const taken = [1, 2, 3].map(() => queue.run('a', task));
  expect(queue.run('a', task)).toBeUndefined();
  taken.push(queue.run('b', task));
  expect(queue.run('c', task)).toBeUndefined();
  done.resolve(undefined);
  await Promise.all(taken.filter((each) => each !== undefined));
  await sleep(5);
  expect(await queue.run('a', () => Promise.resolve('again'))).toBe('again');
});
