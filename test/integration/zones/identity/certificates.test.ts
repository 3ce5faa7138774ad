import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, connect as connectTcp, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '#kernel/index.ts';
import type { TlsInfo } from '#signaling/call.ts';
import { ZoneTls } from '#signaling/tls/index.ts';
import { judgeSystem } from '#zones/identity/systemEvidence.ts';

const run = promisify(execFile);
let folder = '';

const path = (name: string): string => join(folder, name);
const openssl = (...words: readonly string[]): Promise<unknown> => run('openssl', words, { cwd: folder });

async function makeCa(name: string): Promise<void> {
  await openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
    ...['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/O=Test/CN=${name}`],
  );
  await writeFile(path(`${name}.index`), '');
  await writeFile(path(`${name}.crlnumber`), '01\n');
  await writeFile(
    path(`${name}.cnf`),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${name}.index\ncrlnumber=${name}.crlnumber\ndefault_md=sha256\ndefault_crl_days=30\ncertificate=${name}.pem\nprivate_key=${name}.key\n`,
  );
}

interface Order {
  readonly ca?: string;
  readonly subject?: string;
  readonly san?: string;
  readonly usage?: string;
  /** As openssl writes times. */
  readonly from?: string;
  readonly to?: string;
}

async function issue(name: string, order: Order): Promise<void> {
  const { ca = 'ca', subject = '/CN=phone', san, usage = 'clientAuth,serverAuth', from, to } = order;
  await openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject],
  );
  const names = san === undefined ? '' : `subjectAltName=${san}\n`;
  await writeFile(path(`${name}.ext`), `extendedKeyUsage=${usage}\n${names}`);
  await writeFile(path(`${name}.serial`), `${Buffer.from(name).toString('hex').slice(0, 16)}\n`);
  await writeFile(
    path(`${name}.cnf`),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${ca}.index\nserial=${name}.serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=optional\norganizationName=optional\n`,
  );
  await openssl(
    ...['ca', '-batch', '-notext', '-config', `${name}.cnf`, '-cert', `${ca}.pem`, '-keyfile', `${ca}.key`],
    ...['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`],
    ...['-startdate', from ?? '20200101000000Z', '-enddate', to ?? '20400101000000Z'],
  );
}

/** What a zone makes of this client certificate. */
async function judged(zone: ZoneTls, name: string): Promise<ReturnType<typeof judgeSystem>> {
  const peer = Promise.withResolvers<TlsInfo>();
  const server = createServer((socket) =>
    zone.accept(socket, Buffer.alloc(0), 'sip', (tlsSocket, { tls }) => {
      peer.resolve(tls);
      tlsSocket.end();
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const socket = connect({
    socket: connectTcp(port, '127.0.0.1'),
    servername: 'zone.example',
    ca: await readFile(path('ca.pem')),
    cert: await readFile(path(`${name}.pem`)),
    key: await readFile(path(`${name}.key`)),
    ALPNProtocols: ['sip/2'],
  });
  socket.on('error', (error) => peer.reject(error));
  try {
    return judgeSystem(await peer.promise, (certificate) => zone.isRevoked(certificate));
  } finally {
    socket.destroy();
    server.close();
  }
}

function openZone(crls: readonly string[] = []): Promise<ZoneTls> {
  const certificate = { certificate: path('zone.pem'), key: path('zone.key'), clientCa: path('ca.pem') };
  return ZoneTls.create({
    ...certificate,
    ...(crls.length === 0 ? {} : { crls: crls.map(path) }),
    domains: ['zone.example'],
    proxyProtocol: [],
    log: createLog('silent'),
  });
}

const right = { san: 'URI:sip:partner.example' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zonebridge-certificates-'));
  await Promise.all([makeCa('ca'), makeCa('other')]);
  const orders: Readonly<Record<string, Order>> = {
    zone: { san: 'DNS:zone.example' },
    right,
    dns: { san: 'DNS:partner.example' },
    user: { san: 'URI:sip:ann@partner.example' },
    wildcard: { san: 'DNS:*.partner.example' },
    cnbeside: { subject: '/CN=partner.example', san: 'email:ann@partner.example' },
    cnalone: { subject: '/CN=partner.example' },
    expired: { ...right, to: '20210101000000Z' },
    early: { ...right, from: '20390101000000Z' },
    usage: { ...right, usage: 'serverAuth' },
    strange: { ...right, ca: 'other' },
    revoked: right,
  };
  // One after the other: each CA has one database.
  for (const [name, order] of Object.entries(orders)) await issue(name, order);
  await openssl('ca', '-config', 'ca.cnf', '-revoke', 'revoked.pem');
  await openssl('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'ca.crl');
}, 60_000);

afterAll(() => rm(folder, { recursive: true }));

test.each([
  ['right', { system: { domains: ['partner.example'] } }],
  ['dns', { system: { domains: ['partner.example'] } }],
  ['cnalone', { system: { domains: ['partner.example'] } }],
  ['user', { systemFault: 'no-sip-identity' }],
  ['wildcard', { systemFault: 'no-sip-identity' }],
  ['cnbeside', { systemFault: 'no-sip-identity' }],
  ['expired', { systemFault: 'expired' }],
  ['early', { systemFault: 'not-yet-valid' }],
  ['usage', { systemFault: 'wrong-purpose' }],
  ['strange', { systemFault: 'untrusted' }],
])('the certificate %s is judged by RFC 5922 and 5280', async (name, expected) => {
  await using zone = await openZone();
  const verdict = await judged(zone, name);
  expect(verdict).toMatchObject(expected);
  expect(Object.keys(verdict)).toHaveLength(1);
});

test('with a revocation list, who is on it does not count, and who is not does', async () => {
  await using zone = await openZone(['ca.crl']);
  expect(await judged(zone, 'revoked')).toEqual({ systemFault: 'revoked' });
  expect(await judged(zone, 'right')).toMatchObject({ system: { domains: ['partner.example'] } });
});

test('a list that names a certificate ends its worth on connections that are open', async () => {
  await using before = await openZone();
  await using after = await openZone(['ca.crl']);
  const verdict = await judged(before, 'revoked');
  expect(verdict).toHaveProperty('system');
  const certificate = { fingerprint256: '', subject: '', verified: true, sipDomains: [] };
  const { issuer, serialNumber } = new X509Certificate(await readFile(path('revoked.pem')));
  expect(after.isRevoked({ ...certificate, issuer, serialNumber })).toBe(true);
  expect(after.isRevoked({ ...certificate, issuer: 'CN=another', serialNumber })).toBe(false);
});
