import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '#kernel/index.ts';
import type { PeerCertificateInfo, TlsInfo } from '#signaling/call.ts';
import { ZoneTls } from '#signaling/tls/index.ts';
import { Certificates } from '#test/support/Certificates.ts';

const run = promisify(execFile);
const san = 'URI:sip:partner.example';
/** Of names that libraries write in different ways, two of them in one part. */
const oddName =
  '/emailAddress=ca@test.example/serialNumber=5/title=Dr/GN=Ann/organizationIdentifier=VATDE-1/O=Test+CN=odd, "1"';

let certificates: Certificates;

const path = (name: string): string => certificates.path(name);

/** A CA of any name, self-signed or of another. */
async function makeCa(name: string, subject: string, signer?: string): Promise<void> {
  const by = signer === undefined ? [] : ['-CA', `${signer}.pem`, '-CAkey', `${signer}.key`];
  await run(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', subject, ...by],
      ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    ],
    { cwd: certificates.folder },
  );
  await writeFile(path(`${name}.index`), '');
  await writeFile(path(`${name}.crlnumber`), '01\n');
  const files = `certificate=${name}.pem\nprivate_key=${name}.key\ncrlnumber=${name}.crlnumber\n`;
  await writeFile(
    path(`${name}.cnf`),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${name}.index\n${files}default_md=sha256\ndefault_crl_days=30\n`,
  );
}

async function join(file: string, ...parts: readonly string[]): Promise<void> {
  const texts = await Promise.all(parts.map((name) => readFile(path(name), 'utf8')));
  await writeFile(path(file), texts.join(''));
}

function openZone(ca: string, crls: readonly string[] = []): Promise<ZoneTls> {
  return ZoneTls.create({
    ...{ certificate: path('zone.pem'), key: path('zone.key'), clientCa: path(ca) },
    ...(crls.length === 0 ? {} : { crls: crls.map(path) }),
    ...{ domains: ['zone.example'], proxyProtocol: [], log: createLog('silent') },
  });
}

interface Shown {
  readonly certificate: PeerCertificateInfo;
  readonly session: Buffer;
  readonly resumed: boolean;
}

/** What the zone is told of the certificate of this client, who may go on with an earlier session. */
async function shown(zone: ZoneTls, client: string, session?: Buffer): Promise<Shown> {
  const peer = Promise.withResolvers<{ tls: TlsInfo; socket: TLSSocket }>();
  const server = createServer((plain) =>
    zone.accept(plain, Buffer.alloc(0), 'sip', (socket, { tls }) => peer.resolve({ tls, socket })),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect({
    ...{ host: '127.0.0.1', port: (server.address() as AddressInfo).port, servername: 'zone.example' },
    ca: await readFile(path('ca.pem')),
    cert: await readFile(path(`${client}.pem`)),
    key: await readFile(path(`${client.replace('chained-', '')}.key`)),
    ...(session === undefined ? {} : { session }),
  });
  socket.on('error', peer.reject);
  const next = once(socket, 'session') as Promise<Buffer[]>;
  try {
    const { tls, socket: theirs } = await peer.promise;
    theirs.write('x');
    socket.resume();
    const [ticket = Buffer.alloc(0)] = session === undefined ? await next : [];
    if (tls.peerCertificate === undefined) throw new Error('no certificate was shown');
    return { certificate: tls.peerCertificate, session: ticket, resumed: theirs.isSessionReused() };
  } finally {
    socket.destroy();
    server.close();
  }
}

beforeAll(async () => {
  certificates = await Certificates.create('ca');
  await certificates.issue('zone', { san: 'DNS:zone.example' });
  await makeCa('odd', oddName);
  await makeCa('middle', '/O=Test/CN=middle', 'ca');
  await makeCa('another', '/O=Test/CN=another', 'ca');
  await certificates.issueAll({
    listed: { san, ca: 'odd' },
    unlisted: { san, ca: 'odd' },
    below: { san, ca: 'middle' },
    beside: { san, ca: 'another' },
  });
  await join('chained-below.pem', 'below.pem', 'middle.pem');
  await join('chained-beside.pem', 'beside.pem', 'another.pem');
  await certificates.revoke('odd', 'listed');
  await certificates.revoke('ca', 'middle');
}, 60_000);

afterAll(() => certificates[Symbol.asyncDispose]());

test('a list that names a certificate ends its worth on connections that are open, whatever its issuer is called', async () => {
  await using before = await openZone('odd.pem');
  await using after = await openZone('odd.pem', ['odd.crl']);
  const { certificate: listed } = await shown(before, 'listed');
  const { certificate: unlisted } = await shown(before, 'unlisted');
  expect(listed).toMatchObject({ verified: true });
  expect(after.isRevoked(listed)).toBe(true);
  expect(after.isRevoked(unlisted)).toBe(false);
  expect(before.isRevoked(listed)).toBe(false);
});

test('a list of another issuer says nothing of the same serial number', async () => {
  await using before = await openZone('odd.pem');
  await using after = await openZone('ca.pem', ['ca.crl']);
  expect(after.isRevoked((await shown(before, 'listed')).certificate)).toBe(false);
});

test('who was shown with a CA that comes to be listed is worth nothing either', async () => {
  await using before = await openZone('ca.pem');
  await using after = await openZone('ca.pem', ['ca.crl']);
  const { certificate: below } = await shown(before, 'chained-below');
  const { certificate: beside } = await shown(before, 'chained-beside');
  expect([below.verified, beside.verified]).toEqual([true, true]);
  expect([below.chain, beside.chain].map((chain) => chain?.length)).toEqual([2, 2]);
  expect(after.isRevoked(below)).toBe(true);
  expect(after.isRevoked(beside)).toBe(false);
});

test('a session that is resumed brings the certificate alone, and what came with it before counts', async () => {
  await using before = await openZone('ca.pem');
  await using after = await openZone('ca.pem', ['ca.crl']);
  const { session } = await shown(before, 'chained-below');
  const { certificate, resumed } = await shown(before, 'chained-below', session);
  expect(resumed).toBe(true);
  expect(certificate.verified).toBe(true);
  expect(after.isRevoked(certificate)).toBe(true);
});
