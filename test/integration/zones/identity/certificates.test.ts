import { readFile } from 'node:fs/promises';
import { createServer, connect as connectTcp, type AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createLog } from '#kernel/index.ts';
import type { TlsInfo } from '#signaling/call.ts';
import { ZoneTls } from '#signaling/tls/index.ts';
import { Certificates } from '#test/support/Certificates.ts';
import { judgeSystem } from '#zones/identity/systemEvidence.ts';

let certificates: Certificates;

const path = (name: string): string => certificates.path(name);

/** What a zone makes of the certificate of who calls it. */
async function judged(zone: ZoneTls, name: string): Promise<ReturnType<typeof judgeSystem>> {
  return judgeSystem(await shown(zone, name), (certificate) => zone.isRevoked(certificate));
}

/** What the zone's TLS tells of the connection of who has this certificate. */
async function shown(zone: ZoneTls, name: string): Promise<TlsInfo> {
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
    return await peer.promise;
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
  certificates = await Certificates.create('ca', 'other');
  await certificates.issueAll({
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
  });
  await certificates.revoke('ca', 'revoked');
}, 60_000);

afterAll(() => certificates[Symbol.asyncDispose]());

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

test('who calls the zone must have a certificate for clients, and whom it calls one for servers', async () => {
  await using zone = await openZone();
  const never = (): boolean => false;
  const client = { ...(await shown(zone, 'right')) };
  const [clientAuth, serverAuth] = ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'];
  const verdict = (extendedKeyUsage: string[], direction: 'in' | 'out'): ReturnType<typeof judgeSystem> => {
    const { peerCertificate } = client;
    const certificate = peerCertificate && { ...peerCertificate, extendedKeyUsage };
    return judgeSystem({ ...client, ...(certificate && { peerCertificate: certificate }) }, never, direction);
  };
  expect(verdict([serverAuth], 'out')).toHaveProperty('system');
  expect(verdict([serverAuth], 'in')).toEqual({ systemFault: 'wrong-purpose' });
  expect(verdict([clientAuth], 'out')).toEqual({ systemFault: 'wrong-purpose' });
  expect(verdict([clientAuth], 'in')).toHaveProperty('system');
});

test('a certificate that expires while its connection is open is worth nothing from then on', async () => {
  await using zone = await openZone();
  const tls = await shown(zone, 'right');
  const validToMs = tls.peerCertificate?.validToMs ?? 0;
  expect(validToMs).toBe(Date.UTC(2040, 0, 1));
  const judge = (): ReturnType<typeof judgeSystem> => judgeSystem(tls, () => false);
  try {
    vi.setSystemTime(validToMs);
    expect(judge()).toHaveProperty('system');
    vi.setSystemTime(validToMs + 1);
    expect(judge()).toEqual({ systemFault: 'expired' });
  } finally {
    vi.useRealTimers();
  }
});

test('with a revocation list, who is on it does not count, and who is not does', async () => {
  await using zone = await openZone(['ca.crl']);
  expect(await judged(zone, 'revoked')).toEqual({ systemFault: 'revoked' });
  expect(await judged(zone, 'right')).toMatchObject({ system: { domains: ['partner.example'] } });
});
