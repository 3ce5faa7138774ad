import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { webSocketSubprotocol, type ServerMessage } from '#signaling/web/protocol.ts';
import { Stage } from '#test/support/Stage.ts';
import { hashPin } from '#zones/index.ts';

const guesses = 1000;
const sockets = 100;
const perSocket = guesses / sockets;
/** As fast as one connection may talk, and a little slower. */
const pauseMs = 60;

interface Guessed {
  /** Answers that a code was looked at and is wrong. */
  readonly wrong: number;
  /** Answers that it was not looked at, and when it would be. */
  readonly waits: number;
}

/** Types codes into one door, so many at least and until it is enough, and goes by no wait that it is told. */
async function guess(url: string, ca: Buffer, first: number, isEnough: () => boolean): Promise<Guessed> {
  const socket = new WebSocket(url, webSocketSubprotocol, {
    ca,
    localAddress: '127.0.0.66',
    lookup: (_name, _options, done) => done(null, '127.0.0.1', 4),
  });
  const answers: ServerMessage[] = [];
  socket.on('message', (data: Buffer) => answers.push(JSON.parse(data.toString()) as ServerMessage));
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'join', name: 'Mallory' }));
  await once(socket, 'message');
  for (let count = 0; count < perSocket || !isEnough(); count += 1) {
    socket.send(JSON.stringify({ type: 'code', code: String(first + count) }));
    await once(socket, 'message');
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  socket.terminate();
  const gates = answers.slice(1).filter((answer) => answer.type === 'gate' && answer.gate === 'pin');
  const wrong = gates.filter((gate) => gate.wrong).length;
  return { wrong, waits: gates.length - wrong };
}

test('a thousand wrong PINs of one address slow it down, and a right one of another gets in meanwhile', async ({
  annotate,
}) => {
  const guestPin = await hashPin('2468');
  await using stage = await Stage.start([], (zone) => {
    for (const room of zone.rooms) if (zone.name === 'meetme') Object.assign(room, { guest_pin: guestPin });
  });
  const { https } = stage.server.zone('meetme');
  const url = `${https.replace(/^https/, 'wss')}/api/rooms/welcome/ws`;
  const ca = await readFile(stage.server.ready.ca);
  const { page } = await stage.open(`${https}/welcome?name=Guest&join=1&camera=0`, { toneHz: 1010 });
  await page.getByLabel('Enter the PIN of this meeting').waitFor({ timeout: 20_000 });
  let isIn = false;
  const guessing = Promise.all(
    Array.from({ length: sockets }, (_, index) => guess(url, ca, 500_000 + index * 1000, () => isIn)),
  );
  // In the middle of it.
  await page.waitForTimeout(500);
  await page.keyboard.type('2468');
  const typedMs = performance.now();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor({ timeout: 20_000 });
  const tookMs = performance.now() - typedMs;
  isIn = true;
  const all = await guessing;
  const wrong = all.reduce((sum, one) => sum + one.wrong, 0);
  const waits = all.reduce((sum, one) => sum + one.waits, 0);
  await annotate(`${wrong} looked at, ${waits} told to wait; in the call after ${tookMs.toFixed(0)} ms`);
  expect(wrong + waits).toBeGreaterThanOrEqual(guesses);
  // Three are free; the next come after 1, 2, 4, … seconds.
  expect(wrong).toBeLessThan(12);
}, 90_000);
