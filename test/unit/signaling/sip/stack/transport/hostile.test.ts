import { expect, test } from 'vitest';
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

const head = 'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\n';

test.each([
  ['HTTP', 'GET / HTTP/1.1\r\nHost: zone\r\n\r\n', ''],
  ['a TLS ClientHello', '\x16\x03\x01\x02\x00\x01\x00', ''],
  ['junk', '\x80\xff\xfe\r\n\r\n', ''],
  ['a start line without end', 'A'.repeat(100_000), ''],
  ['a megabyte of header', `${head}X: ${'a'.repeat(1_000_000)}`, 'SIP/2.0 513 '],
  ['20,000 header fields', `${head}${'X: 1\r\n'.repeat(20_000)}\r\n`, 'SIP/2.0 513 '],
  ['a body of a gigabyte', `${head}Content-Length: 1000000000\r\n\r\n`, 'SIP/2.0 513 '],
  ['no Content-Length', `${head}\r\n`, 'SIP/2.0 400 '],
])('%s closes the connection, with an answer where one can be given', async (_name, text, answer) => {
  await using transports = openTransports();
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const malformed = next(transports, 'malformed');
  const peer = await dial(place);
  peer.write(Buffer.from(text, 'latin1'));
  expect(await readAll(peer)).toMatch(answer === '' ? /^$/ : new RegExp(`^${answer}`));
  await malformed;
});

test('a malformed message with a clear end is refused, and the connection goes on', async () => {
  await using transports = openTransports();
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const callIds = callIdsOf(transports);
  const peer = await dial(place);
  const broken = optionsRequest().toString().replace('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE');
  peer.write(Buffer.concat([Buffer.from(broken), optionsRequest({ callId: 'next@test' })]));
  await readUntil(peer, 'SIP/2.0 400 CSeq Method Does Not Match');
  await expect.poll(() => callIds).toEqual(['next@test']);
  peer.destroy();
});

test('an ACK and a response that cannot be read are not answered (RFC 3261 §17.1.1.3)', async () => {
  await using transports = openTransports();
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const peer = await dial(place);
  const ack = optionsRequest({ method: 'ACK' }).toString().replace('CSeq: 1 ACK', 'CSeq: 1 INVITE');
  const response = 'SIP/2.0 4294967301 no\r\nVia: SIP/2.0/TCP a\r\nContent-Length: 0\r\n\r\n';
  peer.write(`${ack}${response}\r\n\r\n`);
  expect(await readUntil(peer, '\r\n')).toBe('\r\n');
  peer.destroy();
});

test('a message that never ends is not waited for', async () => {
  await using transports = openTransports({ limits: { messageTimeoutMs: 50 } });
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const peer = await dial(place);
  peer.write(head);
  expect(await readAll(peer)).toBe('');
});

test('a connection that shows no message is not waited for', async () => {
  await using transports = openTransports({ limits: { firstMessageTimeoutMs: 50 } });
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  expect(await readAll(await dial(place))).toBe('');
});

test('an idle connection ends', async () => {
  await using transports = openTransports({ limits: { idleTimeoutMs: 50 } });
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const closed = closedOf(transports);
  const peer = await dial(place);
  peer.write(optionsRequest());
  await closed;
  peer.destroy();
});

test('one address cannot take every connection', async () => {
  await using transports = openTransports({ limits: { connectionsPerSource: 2 } });
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const callIds = callIdsOf(transports);
  const first = await dial(place);
  const second = await dial(place);
  const third = await dial(place);
  expect(await readAll(third)).toBe('');
  const closed = closedOf(transports);
  first.destroy();
  await closed;
  const fourth = await dial(place);
  fourth.write(optionsRequest());
  await expect.poll(() => callIds).toEqual(['one@test']);
  for (const peer of [second, fourth]) peer.destroy();
});

test('a flood on one connection is read slower, not lost, and the others go on', async () => {
  await using transports = openTransports({ limits: { messagesPerSecond: 20 } });
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const callIds = callIdsOf(transports);
  const flood = await dial(place);
  const padding = 'x'.repeat(60_000);
  for (let i = 0; i < 40; i += 1) flood.write(optionsRequest({ callId: `${i}@flood`, body: padding }));
  await expect.poll(() => callIds.length).toBeGreaterThan(20);
  const other = await dial(place);
  other.write(optionsRequest({ callId: 'other@test' }));
  await expect.poll(() => callIds).toContain('other@test');
  await expect.poll(() => callIds.filter((id) => id.endsWith('flood')).length, { timeout: 8_000 }).toBe(40);
  expect(callIds.indexOf('other@test')).toBeLessThan(40);
  flood.destroy();
  other.destroy();
}, 10_000);

test('a peer that does not read is given up before it fills the memory', async () => {
  await using transports = openTransports({ limits: { backlogBytes: 1_000_000 } });
  const place = await transports.listen('tcp', '127.0.0.1', 0);
  const arrived = next(transports, 'request');
  const peer = await dial(place);
  peer.write(optionsRequest());
  peer.pause();
  const [, flow] = await arrived;
  const message = Buffer.alloc(100_000, 'a');
  let sent = 0;
  while (flow.send(message)) sent += 1;
  // The kernel takes nothing before this turn of the event loop ends, or some megabytes at most.
  expect(sent).toBeGreaterThanOrEqual(9);
  expect(flow.closed).toBe(true);
  peer.destroy();
});
