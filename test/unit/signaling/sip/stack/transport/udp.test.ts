import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createResponse } from '#signaling/sip/stack/message/index.ts';
import { callIdsOf, next, openTransports, optionsRequest } from './support.ts';

async function bind(type: 'udp4' | 'udp6' = 'udp4'): Promise<Socket & AsyncDisposable> {
  const socket = createSocket(type);
  socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1');
  await once(socket, 'listening');
  return socket;
}

async function answerTo(socket: Socket): Promise<string> {
  const [bytes] = (await once(socket, 'message')) as [Buffer];
  return bytes.toString();
}

test('a datagram is answered where it came from', async () => {
  await using transports = openTransports();
  const { port } = await transports.listen('udp', '127.0.0.1', 0);
  await using peer = await bind();
  transports.on('request', (request, flow) => flow.send(createResponse(request, 200).toBuffer()));
  peer.send(optionsRequest({ via: 'SIP/2.0/UDP 192.0.2.1:9;branch=z9hG4bK1;rport' }), port, '127.0.0.1');
  const answer = await answerTo(peer);
  expect(answer).toContain(`;rport=${peer.address().port};received=127.0.0.1`);
});

test('IPv6 datagrams work, and flows to a target use the port of its address family', async () => {
  await using transports = openTransports();
  await transports.listen('udp', '127.0.0.1', 0);
  const { port } = await transports.listen('udp', '::1', 0);
  await using peer = await bind('udp6');
  const target = { transport: 'udp', domain: 'x', address: '::1', port: peer.address().port } as const;
  const flow = await transports.flowTo(target);
  expect(flow.sentBy).toBe(`[::1]:${port}`);
  expect(flow.reliable).toBe(false);
  flow.send(optionsRequest());
  expect(await answerTo(peer)).toContain('OPTIONS');
});

test('keep-alives and STUN are no messages; what follows them is', async () => {
  await using transports = openTransports();
  const { port } = await transports.listen('udp', '127.0.0.1', 0);
  await using peer = await bind();
  const malformed: unknown[] = [];
  transports.on('malformed', (error) => malformed.push(error));
  const arrived = next(transports, 'request');
  const stun = Buffer.from('000100002112a442000000000000000000000000', 'hex');
  for (const bytes of [Buffer.from('\r\n\r\n'), Buffer.alloc(4), Buffer.alloc(0), stun, optionsRequest()]) {
    peer.send(bytes, port, '127.0.0.1');
  }
  await arrived;
  expect(malformed).toEqual([]);
});

test('a malformed datagram is refused at once (RFC 4475 §3.1.2.8)', async () => {
  await using transports = openTransports();
  const { port } = await transports.listen('udp', '127.0.0.1', 0);
  await using peer = await bind();
  const fixture = new URL('../../../../../fixtures/sip/rfc4475/lwsstart.dat', import.meta.url);
  const malformed = next(transports, 'malformed');
  peer.send(readFileSync(fixture), port, '127.0.0.1');
  const answer = await answerTo(peer);
  expect(answer).toMatch(/^SIP\/2\.0 400 Invalid Start Line\r\n/);
  expect(answer).toContain('CSeq: 1893884 INVITE\r\n');
  expect((await malformed)[0].code).toBe('bad-message');
});

test('messages over the rate are dropped, and the next second counts anew', async () => {
  await using transports = openTransports({ limits: { messagesPerSecond: 3 } });
  const { port } = await transports.listen('udp', '127.0.0.1', 0);
  await using peer = await bind();
  const callIds = callIdsOf(transports);
  for (let i = 0; i < 50; i += 1) peer.send(optionsRequest({ callId: `${i}@test` }), port, '127.0.0.1');
  // Sent again and again until the second is over, whenever that is.
  const late = setInterval(() => peer.send(optionsRequest({ callId: 'late@test' }), port, '127.0.0.1'), 50);
  await expect.poll(() => callIds, { timeout: 5_000 }).toContain('late@test');
  clearInterval(late);
  expect(callIds.filter((callId) => callId !== 'late@test').length).toBeLessThanOrEqual(6);
});

test('what does not fit a datagram is not sent', async () => {
  await using transports = openTransports();
  const { port } = await transports.listen('udp', '127.0.0.1', 0);
  const flow = await transports.flowTo({ transport: 'udp', domain: 'x', address: '127.0.0.1', port });
  expect(flow.send(Buffer.alloc(65_508))).toBe(false);
});

test('a UDP port on all addresses must say what peers call it', async () => {
  await using nameless = openTransports();
  const refused = nameless.listen('udp', '0.0.0.0', 0);
  await expect(refused).rejects.toMatchObject({ code: 'invalid-argument' });
  await using named = openTransports({ sentBy: { udp: 'zone.example:5060' } });
  const { port } = await named.listen('udp', '0.0.0.0', 0);
  const flow = await named.flowTo({ transport: 'udp', domain: 'x', address: '127.0.0.1', port });
  expect(flow.sentBy).toBe('zone.example:5060');
  await using told = openTransports();
  const place = await told.listen('udp', '0.0.0.0', 0, '192.0.2.7');
  const other = await told.flowTo({ transport: 'udp', domain: 'x', address: '127.0.0.1', port });
  expect(other.sentBy).toBe(`192.0.2.7:${place.port}`);
});

test('without a UDP port nothing goes out over UDP', async () => {
  await using transports = openTransports({ outbound: ['udp'] });
  const target = { transport: 'udp', domain: 'x', address: '127.0.0.1', port: 9 } as const;
  await expect(transports.flowTo(target)).rejects.toMatchObject({ code: 'unreachable' });
});
