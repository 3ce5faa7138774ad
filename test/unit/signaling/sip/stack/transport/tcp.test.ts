import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createResponse } from '#signaling/sip/stack/message/index.ts';
import {
  callIdsOf,
  closedOf,
  dial,
  next,
  openTransports,
  optionsRequest,
  readAll,
  readUntil,
} from './support.ts';

test('a request over TCP comes up with its source in Via, and its answer goes back (RFC 3261 §18.2.1, RFC 3581)', async () => {
  await using transports = openTransports();
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  transports.on('request', (request, flow) => {
    flow.send(createResponse(request, 200, 'OK', { toTag: 'b' }).toBuffer());
  });
  const peer = await dial(place);
  const forged =
    'SIP/2.0/TCP peer.example;received=192.0.2.99;rport=1;branch=z9hG4bK1, SIP/2.0/UDP next.example';
  peer.write(optionsRequest({ via: forged }));
  const answer = await readUntil(peer, 'Content-Length: 0\r\n\r\n');
  const { localPort = 0 } = peer;
  expect(answer).toContain(
    `Via: SIP/2.0/TCP peer.example;rport=${localPort};branch=z9hG4bK1;received=127.0.0.1\r\n`,
  );
  expect(answer).toContain('Via: SIP/2.0/UDP next.example\r\n');
  peer.destroy();
});

test('IPv6 works, and is bracketed where RFC 3261 wants it', async () => {
  await using transports = openTransports();
  const place = await transports.listen('tcp', '::1', 0);
  const arrived = next(transports, 'request');
  const peer = await dial(place);
  peer.write(optionsRequest({ via: `SIP/2.0/TCP [::1]:${peer.localPort ?? 0};branch=z9hG4bK6` }));
  const [request, flow] = await arrived;
  expect(flow.sentBy).toBe(`[::1]:${place.port}`);
  expect(flow.remote).toEqual({ address: '::1', port: peer.localPort });
  expect(request.via.host).toBe('[::1]');
  expect(request.via.parameters.has('received')).toBe(false);
  peer.destroy();
});

test('pipelined messages arrive in order, and a ping among them is answered', async () => {
  await using transports = openTransports();
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const callIds = callIdsOf(transports);
  const peer = await dial(place);
  const ids = Array.from({ length: 50 }, (_, i) => `${i}@test`);
  const messages = ids.map((callId) => optionsRequest({ callId, body: 'x'.repeat(3_000) }));
  peer.write(Buffer.concat([...messages, Buffer.from('\r\n\r\n')]));
  expect(await readUntil(peer, '\r\n')).toBe('\r\n');
  expect(callIds).toEqual(ids);
  peer.destroy();
});

test('a peer that has closed its sending side still gets its answer', async () => {
  await using transports = openTransports();
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const arrived = next(transports, 'request');
  const peer = await dial(place);
  peer.end(optionsRequest());
  const [request, flow] = await arrived;
  const ended = new Promise((resolve) => setImmediate(resolve));
  await ended;
  expect(flow.send(createResponse(request, 200).toBuffer())).toBe(true);
  expect(await readUntil(peer, '\r\n\r\n')).toContain('SIP/2.0 200 OK');
  peer.destroy();
});

test('a flow tells when its connection is lost, and takes nothing more', async () => {
  await using transports = openTransports();
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const arrived = next(transports, 'request');
  const closed = closedOf(transports);
  const peer = await dial(place);
  peer.write(optionsRequest());
  const [, flow] = await arrived;
  peer.resetAndDestroy();
  expect(await closed).toBe(flow);
  expect(flow.closed).toBe(true);
  expect(flow.send(Buffer.from('x'))).toBe(false);
});

test('requests to one target share one connection, opened once', async () => {
  await using ours = openTransports({ outbound: ['tcp'] });
  await using theirs = openTransports();
  const place = await theirs.listen('tcp', '127.0.0.1', 0);
  const target = { transport: 'tcp', domain: '127.0.0.1', ...place } as const;
  const [first, second] = await Promise.all([ours.flowTo(target), ours.flowTo(target)]);
  expect(second).toBe(first);
  expect(await ours.flowTo(target)).toBe(first);
  const closed = closedOf(ours);
  await theirs.close('test');
  await closed;
  await expect(ours.flowTo(target)).rejects.toMatchObject({ code: 'unreachable' });
});

test('over TCP a request goes back over the connection that its target opened', async () => {
  await using ours = openTransports();
  await using theirs = openTransports({ outbound: ['tcp'] });
  const place = await ours.listen('tcp', '127.0.0.1', 0);
  const arrived = next(ours, 'request');
  const theirFlow = await theirs.flowTo({ transport: 'tcp', domain: '127.0.0.1', ...place });
  theirFlow.send(optionsRequest());
  const [, flow] = await arrived;
  expect(await ours.flowTo({ transport: 'tcp', domain: 'x', ...flow.remote })).toBe(flow);
  expect(ours.findFlow('tcp', flow.remote)).toBe(flow);
});

test('the sent-by of an outgoing connection is where we listen', async () => {
  await using ours = openTransports();
  await using theirs = openTransports();
  const listening = await ours.listen('tcp', '127.0.0.1', 0);
  const place = await theirs.listen('tcp', '127.0.0.1', 0);
  const flow = await ours.flowTo({ transport: 'tcp', domain: '127.0.0.1', ...place });
  expect(flow.sentBy).toBe(`127.0.0.1:${listening.port}`);
});

test('a connection that is not taken in time is unreachable', async () => {
  await using ours = openTransports({ limits: { connectTimeoutMs: 50 } });
  await using server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const silent = ours.flowTo({ transport: 'tls', domain: '127.0.0.1', address: '127.0.0.1', port });
  await expect(silent).rejects.toMatchObject({ code: 'unreachable' });
});

test('closing ends every connection after what was written has left', async () => {
  const transports = openTransports();
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const arrived = next(transports, 'request');
  const peer = await dial(place);
  peer.write(optionsRequest());
  const [request, flow] = await arrived;
  const large = createResponse(request, 200, 'OK', { body: Buffer.alloc(200_000, 'a') });
  flow.send(large.toBuffer());
  const received = readAll(peer);
  const [text] = await Promise.all([received, transports.close('done'), transports.close('twice')]);
  expect(text).toHaveLength(large.toBuffer().length);
  await expect(transports.listen('tcp', '127.0.0.1', 0)).rejects.toMatchObject({ code: 'closed' });
  await expect(dial(place)).rejects.toThrow('ECONNREFUSED');
});

test('a port that is taken is named', async () => {
  await using transports = openTransports();
  const { port } = await transports.listen('tcp', '127.0.0.1', 0);
  const again = transports.listen('tcp', '127.0.0.1', port);
  await expect(again).rejects.toMatchObject({
    code: 'unavailable',
    message: `TCP port ${port} cannot be opened`,
  });
});

test('a defect in a listener does not end the connection', async () => {
  await using transports = openTransports();
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  transports.on('request', () => {
    throw new Error('a defect');
  });
  const callIds = callIdsOf(transports);
  const peer = await dial(place);
  peer.write(
    Buffer.concat([optionsRequest(), optionsRequest({ callId: 'two@test' }), Buffer.from('\r\n\r\n')]),
  );
  await readUntil(peer, '\r\n');
  expect(callIds).toEqual(['one@test', 'two@test']);
  peer.destroy();
});
