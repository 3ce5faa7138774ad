import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '#kernel/index.ts';
import type { TlsInfo } from '#signaling/call.ts';
import { ZoneTls } from '#signaling/tls/index.ts';
import { Certificates } from '#test/support/Certificates.ts';
import { judgeSystem } from '#zones/identity/systemEvidence.ts';

const run = promisify(execFile);

let certificates: Certificates;

const path = (name: string): string => certificates.path(name);

/** A certificate that may sign others, of another CA, or one that an intermediate has signed; `NAME.pem` with `NAME.key`. */
async function sign(name: string, issuer: string, extensions: readonly string[]): Promise<void> {
  await run(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-subj', `/O=Test/CN=${name}`],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`],
      ...extensions.flatMap((extension) => ['-addext', extension]),
    ],
    { cwd: certificates.folder },
  );
}

async function join(file: string, ...parts: readonly string[]): Promise<void> {
  const texts = await Promise.all(parts.map((name) => readFile(path(name), 'utf8')));
  await writeFile(path(file), texts.join(''));
}

/** What a zone that trusts `trusted` and has these lists makes of a client certificate, with the chain that the client sends. */
async function judged(
  client: string,
  { trusted, crls }: { readonly trusted: string; readonly crls: readonly string[] },
): Promise<ReturnType<typeof judgeSystem>> {
  await using zone = await ZoneTls.create({
    ...{ certificate: path('zone.pem'), key: path('zone.key'), clientCa: path(trusted) },
    ...{ crls: crls.map(path), domains: ['zone.example'], proxyProtocol: [], log: createLog('silent') },
  });
  const peer = Promise.withResolvers<TlsInfo>();
  const server = createServer((socket) =>
    zone.accept(socket, Buffer.alloc(0), 'sip', (_, { tls }) => peer.resolve(tls)),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect({
    ...{ host: '127.0.0.1', port: (server.address() as AddressInfo).port, servername: 'zone.example' },
    ca: await readFile(path('ca.pem')),
    cert: await readFile(path(`${client}.pem`)),
    key: await readFile(path(`${client.replace('chained-', '')}.key`)),
  });
  socket.on('error', peer.reject);
  try {
    return judgeSystem(await peer.promise, (certificate) => zone.isRevoked(certificate));
  } finally {
    socket.destroy();
    server.close();
  }
}

const san = 'URI:sip:partner.example';

beforeAll(async () => {
  certificates = await Certificates.create('ca', 'other', 'foreign');
  await certificates.issueAll({
    zone: { san: 'DNS:zone.example' },
    good: { san },
    bad: { san },
    othergood: { san, ca: 'other' },
    otherbad: { san, ca: 'other' },
    serverOnly: { san, ca: 'other', usage: 'serverAuth' },
  });
  await certificates.revoke('ca', 'bad');
  await certificates.revoke('other', 'otherbad');
  const middle = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
  const leaf = ['basicConstraints=critical,CA:FALSE', `subjectAltName=${san}`, 'extendedKeyUsage=clientAuth'];
  for (const [root, name] of [
    ['ca', 'ours'],
    ['foreign', 'theirs'],
  ] as const) {
    await sign(`${name}-middle`, root, middle);
    await sign(name, `${name}-middle`, leaf);
    await join(`chained-${name}.pem`, `${name}.pem`, `${name}-middle.pem`);
  }
  await join('both.pem', 'ca.pem', 'other.pem');
  await join('both.crl', 'ca.crl', 'other.crl');
}, 30_000);

afterAll(() => certificates[Symbol.asyncDispose]());

test.each([
  ['good', {}],
  ['othergood', {}],
  ['bad', { systemFault: 'revoked' }],
  ['otherbad', { systemFault: 'revoked' }],
])('every revocation list of a file counts: %s', async (client, expected) => {
  const verdict = await judged(client, { trusted: 'both.pem', crls: ['both.crl'] });
  expect(verdict).toMatchObject(expected);
  expect('system' in verdict).toBe(!('systemFault' in verdict));
});

test('without a list of its issuer a certificate does not count, and the record says that the list is missing', async () => {
  const half = { trusted: 'both.pem', crls: ['ca.crl'] };
  expect(await judged('othergood', half)).toEqual({ systemFault: 'revocation-unknown' });
  expect(await judged('chained-ours', { trusted: 'ca.pem', crls: ['ca.crl'] })).toEqual({
    systemFault: 'revocation-unknown',
  });
});

test('a missing list hides neither that nobody here trusts the chain, nor that it is for something else', async () => {
  expect(await judged('chained-theirs', { trusted: 'ca.pem', crls: ['ca.crl'] })).toEqual({
    systemFault: 'untrusted',
  });
  expect(await judged('othergood', { trusted: 'ca.pem', crls: ['ca.crl'] })).toEqual({
    systemFault: 'untrusted',
  });
  expect(await judged('serverOnly', { trusted: 'both.pem', crls: ['ca.crl'] })).toEqual({
    systemFault: 'wrong-purpose',
  });
});

test('a file of lists that holds none is refused', async () => {
  await writeFile(path('empty.crl'), 'no list\n');
  await expect(judged('good', { trusted: 'ca.pem', crls: ['empty.crl'] })).rejects.toMatchObject({
    code: 'config-invalid',
    message: expect.stringContaining('holds no CRL in PEM form') as unknown,
  });
});
