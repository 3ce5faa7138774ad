import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { connect as tlsConnect } from 'node:tls';
import { expect, test } from 'vitest';
import { issueCertificate } from '#src/testCa/issue.ts';
import { TlsStage } from './TlsStage.ts';

test('a modern peer gets TLS 1.3 with the hybrid post-quantum group, and the zone knows it', async () => {
  await using stage = await TlsStage.start();
  const { peer, client } = await stage.meet();
  expect(peer.tls).toEqual({
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    group: 'X25519MLKEM768',
    serverName: 'meetme.localhost',
  });
  expect(peer.remote).toEqual({ address: '127.0.0.1', port: client.localPort });
});

test.each([
  ['TLSv1.3', 'X25519', 'X25519'],
  ['TLSv1.3', 'P-384', 'secp384r1'],
  ['TLSv1.2', 'P-256', 'secp256r1'],
] as const)('%s with %s is told from the session', async (maxVersion, ecdhCurve, group) => {
  await using stage = await TlsStage.start();
  const { peer } = await stage.meet({ maxVersion, ecdhCurve });
  expect(peer.tls).toMatchObject({ version: maxVersion, group });
});

test('bytes that the listener has read already are put back in front', async () => {
  await using stage = await TlsStage.start({ peek: true });
  const { peer } = await stage.meet();
  expect(peer.tls.serverName).toBe('meetme.localhost');
});

test('TLS 1.1 is refused', async () => {
  await using stage = await TlsStage.start();
  const client = stage.client({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' });
  const [error] = (await once(client, 'error')) as [Error];
  expect(error.message).toMatch(/protocol version|alert number 70/i);
});

test('a peer that names no server, or an address, or ends the name with a dot, is served', async () => {
  await using stage = await TlsStage.start();
  const { peer } = await stage.meet({ servername: '', checkServerIdentity: () => undefined });
  expect(peer.tls.serverName).toBeUndefined();
  await stage.meet({ servername: 'MeetMe.localhost.', checkServerIdentity: () => undefined });
});

test('a name that the zone does not have is refused with unrecognized_name', async () => {
  await using stage = await TlsStage.start();
  const [error] = (await once(stage.client({ servername: 'core.localhost' }), 'error')) as [Error];
  expect(error.message).toMatch(/unrecognized name/);
  await stage.meet();
});

test('a peer that speaks another protocol inside TLS is refused', async () => {
  await using stage = await TlsStage.start({ protocol: 'https' });
  const [error] = (await once(stage.client({ ALPNProtocols: ['sip/2'] }), 'error')) as [Error];
  expect(error.message).toMatch(/no application protocol/);
  const { client } = await stage.meet({ ALPNProtocols: ['h2', 'http/1.1'] });
  expect(client.alpnProtocol).toBe('http/1.1');
});

test('a client certificate is asked for and told, verified only when the zone’s CA has signed it', async () => {
  await using stage = await TlsStage.start({ clientCa: 'ca.pem' });
  const own = await issueCertificate(stage.ca, ['room1.localhost']);
  const { peer } = await stage.meet({ cert: own.certificate, key: own.key });
  expect(peer.tls.peerCertificate).toMatchObject({ subject: 'CN=room1.localhost', verified: true });
  expect(peer.tls.peerCertificate?.fingerprint256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  await using other = await TlsStage.start();
  const foreign = await other.meet({ cert: own.certificate, key: own.key });
  expect(foreign.peer.tls.peerCertificate).toMatchObject({ verified: false });
});

test('a session can be resumed, and the group is still told', async () => {
  await using stage = await TlsStage.start();
  const first = stage.client();
  const [session] = (await once(first, 'session')) as [Buffer];
  const { client, peer } = await stage.meet({ session });
  expect(client.isSessionReused()).toBe(true);
  expect(peer.tls.group).toBe('X25519MLKEM768');
});

test('the client behind a balancer is told by the PROXY header, which may come in pieces', async () => {
  await using stage = await TlsStage.start({ proxyProtocol: ['127.0.0.0/8'] });
  const header = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000207c6336401d43113c5', 'hex');
  for (const cut of [0, 5, 20, header.length]) {
    const socket = connect(stage.port, '127.0.0.1');
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write(header.subarray(0, cut), resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => socket.write(header.subarray(cut), resolve));
    const { peer } = await stage.meet({ socket });
    expect(peer.remote).toEqual({ address: '192.0.2.7', port: 54321 });
  }
});

test('a balancer without a PROXY header, and a stranger with one, are closed', async () => {
  await using balanced = await TlsStage.start({ proxyProtocol: ['127.0.0.1'] });
  await expect(once(balanced.client(), 'data')).rejects.toThrow(/disconnected|reset/i);
  await using open = await TlsStage.start();
  const stranger = connect(open.port, '127.0.0.1');
  stranger.write(Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000207c6336401d43113c5', 'hex'));
  await buffer(stranger);
  await open.meet();
});

test('a peer that does not finish its handshake is closed after the deadline', async () => {
  await using stage = await TlsStage.start({ handshakeTimeoutMs: 100 });
  const silent = connect(stage.port, '127.0.0.1');
  await buffer(silent);
});

test('one too many unfinished handshakes closes the oldest, and a good one still gets in', async () => {
  await using stage = await TlsStage.start({ maxHandshakesPerSource: 3 });
  const silent = [];
  for (let index = 0; index < 3; index += 1) {
    const socket = connect(stage.port, '127.0.0.1');
    await once(socket, 'connect');
    silent.push(socket);
  }
  const closed = once(silent[0] ?? stage.client(), 'close');
  silent[0]?.resume();
  await stage.meet();
  await closed;
  for (const socket of silent) socket.destroy();
});

test('a closed zone takes nobody, and closes those whose handshake is not through', async () => {
  await using stage = await TlsStage.start();
  const silent = connect(stage.port, '127.0.0.1');
  await once(silent, 'connect');
  const before = buffer(silent);
  await stage.meet();
  await stage.zone.close('over');
  await before;
  await expect(once(stage.client(), 'secureConnect')).rejects.toThrow();
});

test('random bytes instead of a handshake are answered with a close', async () => {
  await using stage = await TlsStage.start();
  for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(300, 0x80)]) {
    const socket = connect(stage.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(bytes);
    await once(socket, 'close');
  }
  const client = tlsConnect({ host: '127.0.0.1', port: stage.port, rejectUnauthorized: false });
  await once(client, 'secureConnect');
  client.destroy();
});
