import { createSocket } from 'node:dgram';
import { expect, test } from 'vitest';
import { errorCodeOf } from '#kernel/index.ts';
import { legOptions, openMediaZone } from '#test/support/mediaZone.ts';
import { TestPhone } from '#test/support/TestPhone.ts';
import { waitFor } from '#test/support/waitFor.ts';

const suite = 'AEAD_AES_256_GCM';
/** Room for exactly two legs. */
const ports = { min: 33_000, max: 33_003 };

function canBind(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}

async function freePorts(): Promise<number[]> {
  const numbers = [33_000, 33_001, 33_002, 33_003];
  const free = await Promise.all(numbers.map(canBind));
  return numbers.filter((_, position) => free[position]);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a full zone is busy, and a closed leg makes room, time and again', async () => {
  await using zone = await openMediaZone({ ports });
  await using phone = await TestPhone.create({ suite });
  const conference = zone.media.conference('room');
  for (let round = 0; round < 4; round += 1) {
    const first = await conference.answer(phone.offer(), legOptions('first'));
    const second = await conference.answer(phone.offer(), legOptions('second'));
    expect(await conference.answer(phone.offer(), legOptions('third')).catch(errorCodeOf)).toBe('busy');
    await first.close('test');
    await first.close('again');
    await second.close('test');
    expect(zone.mixer.legs.size).toBe(0);
    expect(await freePorts()).toHaveLength(4);
  }
});

test('an id is used once at a time', async () => {
  await using zone = await openMediaZone({ ports });
  await using phone = await TestPhone.create({ suite });
  const conference = zone.media.conference('room');
  const first = await conference.answer(phone.offer(), legOptions('same'));
  expect(await conference.answer(phone.offer(), legOptions('same')).catch(errorCodeOf)).toBe(
    'invalid-argument',
  );
  await first.close('test');
  await conference.answer(phone.offer(), legOptions('same'));
});

test('what a closed leg is asked fails, and harms nobody', async () => {
  await using zone = await openMediaZone({ ports });
  await using phone = await TestPhone.create({ suite });
  const closed = await zone.media.conference('room').answer(phone.offer(), legOptions('phone'));
  const closing = closed.close('test');
  expect(await closed.renegotiate(phone.offer()).catch(errorCodeOf)).toBe('closed');
  expect(await closed.setMuted(true).catch(errorCodeOf)).toBe('closed');
  await closing;
  expect(await closed.stats().catch(errorCodeOf)).toBe('closed');
  expect(await freePorts()).toHaveLength(4);
});

test('a conference closes its legs, those that are just opening too', async () => {
  await using zone = await openMediaZone({ ports });
  await using phone = await TestPhone.create({ suite });
  const conference = zone.media.conference('room');
  await conference.answer(phone.offer(), legOptions('first'));
  const opening = conference.answer(phone.offer(), legOptions('second')).catch(errorCodeOf);
  await conference.close('test');
  await conference.close('again');
  expect(await opening).toBe('closed');
  expect(await freePorts()).toHaveLength(4);
  expect(zone.mixer.legs.size).toBe(0);
  expect(await conference.answer(phone.offer(), legOptions('third')).catch(errorCodeOf)).toBe('closed');
  await zone.media.conference('room').answer(phone.offer(), legOptions('third'));
});

test('a zone closes everything, also while a worker is being replaced', async () => {
  for (const kill of [false, true]) {
    await using zone = await openMediaZone({ ports });
    await using phone = await TestPhone.create({ suite });
    const conference = zone.media.conference('room');
    await conference.answer(phone.offer(), legOptions('first'));
    const pid = zone.media.workerPid ?? 0;
    if (kill) process.kill(pid, 'SIGKILL');
    const opening = conference.answer(phone.offer(), legOptions('second')).catch(errorCodeOf);
    await zone.media.close('test');
    await zone.media.close('again');
    expect(await opening).toBe('closed');
    expect(await freePorts()).toHaveLength(4);
    expect(zone.media.healthy).toBe(false);
    await waitFor('the worker is gone', () => !isRunning(pid));
  }
});

test('a zone that cannot listen says so and leaves nothing behind', async () => {
  await using zone = await openMediaZone({ ports });
  await using phone = await TestPhone.create({ suite });
  await zone.media.conference('room').answer(phone.offer(), legOptions('first'));
  const elsewhere = { ports, address: '192.0.2.1' };
  expect(await openMediaZone(elsewhere).catch(errorCodeOf)).toBe('unavailable');
});

test('a leg that is finished only after its conference closed is closed with it', async () => {
  await using zone = await openMediaZone({ ports });
  await using phone = await TestPhone.create({ suite });
  const conference = zone.media.conference('room');
  const opening = conference.answer(phone.offer(), legOptions('only')).catch(errorCodeOf);
  // The leg is being made, and nothing of it is owned by anybody yet.
  await new Promise((resolve) => setImmediate(resolve));
  await conference.close('test');
  expect(await opening).toBe('closed');
  expect(zone.mixer.legs.size).toBe(0);
  expect(await freePorts()).toHaveLength(4);
});
