import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '#test/support/ports.ts';
import { waitFor } from '#test/support/waitFor.ts';

const proxyV2Signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const zones = ['core:5061', 'core:8443', 'meetme:5061', 'meetme:8443'];

/** Zone and port whose place was connected to, with the first bytes that came. */
interface Arrival {
  readonly zone: string;
  readonly opening: Buffer;
}

const arrivals: Arrival[] = [];
const closeAll: (() => unknown)[] = [];
const ports = { sip: 0, https: 0 };

/** Stands where a zone is: notes the opening and hangs up. */
async function placeOf(zone: string): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (opening) => {
      arrivals.push({ zone, opening });
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closeAll.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

beforeAll(async () => {
  ports.sip = await freePort();
  ports.https = await freePort();
  let config = readFileSync(new URL('../../../deploy/haproxy.cfg', import.meta.url), 'utf8')
    .replace('bind :5061', `bind 127.0.0.1:${ports.sip}`)
    .replace('bind :8443', `bind 127.0.0.1:${ports.https}`);
  for (const zone of zones)
    config = config.replace(`server zone ${zone}`, `server zone ${await placeOf(zone)}`);
  const folder = mkdtempSync(join(tmpdir(), 'zonebridge-haproxy-'));
  writeFileSync(join(folder, 'haproxy.cfg'), config);
  const haproxy = spawn('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: 'inherit' });
  const ended = once(haproxy, 'exit');
  closeAll.push(async () => {
    haproxy.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  });
  await waitFor('HAProxy', async () => (await answers(ports.sip)) && (await answers(ports.https)), 10_000);
});

afterAll(async () => {
  for (const close of closeAll.reverse()) await close();
});

/** Opens TLS with the given server name and waits until the other side hangs up. */
async function open(port: number, servername: string | undefined): Promise<void> {
  const socket = tls.connect({ port, host: '127.0.0.1', ...(servername !== undefined && { servername }) });
  await hungUp(socket);
}

function hungUp(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
  });
}

test.each([
  ['core.example.org', 'sip', 'core:5061'],
  ['core.example.org', 'https', 'core:8443'],
  ['MEETME.example.org', 'https', 'meetme:8443'],
  [undefined, 'sip', 'meetme:5061'],
] as const)(
  'the server name %s on the %s port leads to %s, behind a PROXY v2 header',
  async (name, port, zone) => {
    arrivals.length = 0;
    await open(ports[port], name);
    expect(arrivals.map((arrival) => arrival.zone)).toEqual([zone]);
    expect(arrivals[0]?.opening.subarray(0, proxyV2Signature.length)).toEqual(proxyV2Signature);
  },
);

test.each([
  ['another server name', 'sip', 'else.example.org'],
  ['no server name for a browser', 'https', undefined],
] as const)('%s is hung up on', async (_what, port, name) => {
  arrivals.length = 0;
  await open(ports[port], name);
  expect(arrivals).toEqual([]);
});

test('what is not TLS is hung up on', async () => {
  arrivals.length = 0;
  const socket = connect(ports.https, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: core.example.org\r\n\r\n');
  await hungUp(socket);
  expect(arrivals).toEqual([]);
});
