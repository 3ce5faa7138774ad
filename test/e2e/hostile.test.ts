import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { expect, test } from 'vitest';
import { levels, presence } from '#test/support/hearing.ts';
import { Stage } from '#test/support/Stage.ts';
import { lastSeconds, readWav } from '#test/support/wav.ts';

function portOf(https: string): number {
  return Number(new URL(https).port);
}

/** Everything that the other side sends until it closes. */
async function conversation(port: number, opening: Buffer | string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.on('error', () => undefined);
  socket.write(opening);
  await once(socket, 'close');
  return Buffer.concat(received).toString('latin1');
}

/** `connected`, or why not. */
async function tlsOutcome(port: number, servername: string): Promise<string> {
  const socket = tlsConnect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
  const outcome = await once(socket, 'secureConnect').then(
    () => 'connected',
    (error: unknown) => String(error),
  );
  socket.destroy();
  return outcome;
}

/** Connections that never finish their opening, in several ways. */
async function halfOpen(port: number, count: number): Promise<Socket[]> {
  const openings = [Buffer.alloc(0), Buffer.from([22]), Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3])];
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(openings[index % openings.length] ?? '');
    sockets.push(socket);
    if (index % 100 === 99) await sleep(5);
  }
  return sockets;
}

test('a name that no zone has, plain HTTP and random bytes are refused, each in its way', async () => {
  await using stage = await Stage.start();
  const port = portOf(stage.server.zone('meetme').https);
  expect(await tlsOutcome(port, 'elsewhere.example')).toMatch(/unrecognized.name/i);
  expect(await tlsOutcome(port, 'meetme.localhost')).toBe('connected');
  expect(await conversation(port, 'GET / HTTP/1.1\r\nHost: meetme.localhost\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 400 /,
  );
  const bytes = randomBytes(500);
  bytes[0] = 0x80;
  await conversation(port, bytes);
});

test('2,000 half-open connections disturb no call, and a new call still gets in', async () => {
  await using stage = await Stage.start();
  const listening = await stage.phone({ toneHz: 440 });
  const talking = await stage.phone({ toneHz: 1010, name: 'Bob' });
  const sipPort = Number(/:(\d+);/.exec(stage.server.zone('meetme').sip)?.[1]);
  const sockets = [
    ...(await halfOpen(sipPort, 1_000)),
    ...(await halfOpen(portOf(stage.server.zone('meetme').https), 1_000)),
  ];
  await stage.phone({ toneHz: 1370, name: 'Carol' });
  await sleep(4_000);
  const recording = await listening.recording();
  await listening.stop();
  for (const socket of sockets) socket.destroy();
  const heard = lastSeconds(await readWav(recording), 4);
  expect(talking.output).not.toMatch(/closed/i);
  expect(presence(heard, 1010, -35), JSON.stringify(levels(heard, [440, 1010, 1370]))).toBeGreaterThan(0.97);
});
