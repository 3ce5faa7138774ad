import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { FrontDoor } from './FrontDoor.ts';

async function halfOpen(door: FrontDoor, count: number, port: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    const socket = door.raw(port);
    sockets.push(socket);
    await once(socket, 'connect');
    if (index % 2 === 0) socket.write(Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]));
  }
  return sockets;
}

test('2,000 half-open connections of one source keep nobody out', async () => {
  await using door = await FrontDoor.open();
  await halfOpen(door, 1_000, door.ports.sip);
  await halfOpen(door, 500, door.ports.https);
  await halfOpen(door, 500, door.ports.own);
  for (const port of [door.ports.sip, door.ports.https, door.ports.own]) {
    await door.greeting(port, { servername: 'own.localhost' });
  }
});

test('the oldest half-open connection makes room for the newest', async () => {
  await using door = await FrontDoor.open((config) => ({
    ...config,
    listener: { ...config.listener, limits: { max_openings_per_source: 4 } },
  }));
  const [first, ...rest] = await halfOpen(door, 4, door.ports.sip);
  const closed = first === undefined ? Promise.reject(new Error('none')) : once(first, 'close');
  await door.greeting(door.ports.sip, { servername: 'own.localhost' });
  first?.resume();
  await closed;
  expect(rest.map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
});

test('an opening that is not finished in time is closed', async () => {
  await using door = await FrontDoor.open((config) => ({
    ...config,
    listener: { ...config.listener, limits: { opening_timeout_ms: 500 } },
  }));
  expect(await door.answerTo(door.ports.https, Buffer.from([22, 3, 1, 2, 0, 1]))).toHaveLength(0);
});
