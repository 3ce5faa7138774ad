import { readFile, writeFile } from 'node:fs/promises';
import type { TlsOptions } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '#kernel/index.ts';
import { ZoneTls } from '#signaling/tls/index.ts';
import { Certificates } from '#test/support/Certificates.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { dial, pickUp, startDialler, startFarEnd, story, type FarEnd } from './dialling.ts';
import type { TestEdge } from './edge.ts';

let certificates: Certificates;

const path = (name: string): string => certificates.path(name);

const san = 'URI:sip:partner.example,DNS:host.example';

beforeAll(async () => {
  certificates = await Certificates.create('ca', 'other');
  await certificates.issueAll({
    zone: { san: 'DNS:zone.example,URI:sip:zone.example' },
    right: { san },
    otherName: { san: 'URI:sip:other.example' },
    hostOnly: { san: 'URI:sip:other.example,DNS:partner.example' },
    userOnly: { san: 'URI:sip:bob@partner.example' },
    wildcard: { san: 'DNS:*.example' },
    otherCa: { san, ca: 'other' },
    expired: { san, to: '20210101000000Z' },
    early: { san, from: '20390101000000Z' },
    clientOnly: { san, usage: 'clientAuth' },
    revoked: { san },
    later: { san },
    linked: { san: 'URI:sip:linked.example' },
  });
  await certificates.revoke('ca', 'revoked');
}, 30_000);

afterAll(() => certificates[Symbol.asyncDispose]());

async function farEnd(name: string, options: TlsOptions = {}): Promise<FarEnd> {
  const [cert, key] = await Promise.all([readFile(path(`${name}.pem`)), readFile(path(`${name}.key`))]);
  return startFarEnd({ cert, key, ...options });
}

interface Zone extends AsyncDisposable {
  readonly edge: TestEdge;
  readonly tls: ZoneTls;
}

/** A zone that calls with the files that its configuration names. */
async function zoneWith(
  files: { readonly peerCa?: string; readonly crls?: readonly string[] },
  transports: Partial<Parameters<typeof startDialler>[0]> = {},
): Promise<Zone> {
  const { peerCa = 'ca.pem', crls = [] } = files;
  const tls = await ZoneTls.create({
    ...{ certificate: path('zone.pem'), key: path('zone.key'), peerCa: path(peerCa), crls: crls.map(path) },
    ...{ domains: ['zone.example'], proxyProtocol: [], log: createLog('silent') },
  });
  const edge = await startDialler({ tlsClient: () => tls.client, ...transports });
  const stop = async (): Promise<void> => {
    await edge[Symbol.asyncDispose]();
    await tls.close('test over');
  };
  return { edge, tls, [Symbol.asyncDispose]: stop };
}

/** What becomes of a call to a far end with this certificate; when it reaches it, it is answered. */
async function called(
  zone: Zone,
  name: string,
): Promise<{ outcome: string; cause?: string; reached: boolean }> {
  using far = await farEnd(name);
  const { outcome, owner, call } = dial(zone.edge, `sips:bob@partner.example:${far.port}`);
  void far.connected().then((peer) => pickUp(peer));
  const result = await outcome;
  if (result === 'answered') {
    void call.hangup({ cause: 'local-hangup' });
    return { outcome: result, reached: true };
  }
  await delay(20);
  const reached = far.peers.some((peer) => story(peer).length > 0);
  return { outcome: result, cause: (await owner.whenEnded).cause, reached };
}

const unreachable = { outcome: 'unreachable', cause: 'unreachable', reached: false };

test('a far end whose certificate names the domain that was dialled is called', async () => {
  await using zone = await zoneWith({});
  expect(await called(zone, 'right')).toEqual({ outcome: 'answered', reached: true });
});

test.each(['otherName', 'hostOnly', 'userOnly', 'wildcard', 'otherCa', 'expired', 'early', 'clientOnly'])(
  'a far end with the certificate %s gets not a byte of SIP (RFC 5922 §7.3)',
  async (name) => {
    await using zone = await zoneWith({});
    expect(await called(zone, name)).toEqual(unreachable);
  },
);

test('a far end whose certificate is revoked, or of whose issuer there is no list, is not called', async () => {
  await using zone = await zoneWith({ crls: ['ca.crl'] });
  expect(await called(zone, 'right')).toMatchObject({ outcome: 'answered' });
  expect(await called(zone, 'revoked')).toEqual(unreachable);
  await using without = await zoneWith({});
  expect(await called(without, 'revoked')).toMatchObject({ outcome: 'answered' });
  await certificates.revoke('other');
  await using foreign = await zoneWith({ peerCa: 'other.pem', crls: ['ca.crl'] });
  expect(await called(foreign, 'otherCa')).toEqual(unreachable);
});

test('another file of CAs for those who are called is used without a restart', async () => {
  await writeFile(path('peers.pem'), await readFile(path('ca.pem')));
  await using zone = await zoneWith({ peerCa: 'peers.pem' });
  expect(await called(zone, 'otherCa')).toEqual(unreachable);
  await writeFile(path('peers.pem'), await readFile(path('other.pem')));
  await waitFor('the new CA', async () => (await called(zone, 'otherCa')).outcome === 'answered', 5000, 100);
  expect(await called(zone, 'right')).toEqual(unreachable);
});

test('the zone shows its own certificate to those that it calls', async () => {
  using far = await farEnd('right', {
    requestCert: true,
    rejectUnauthorized: true,
    ca: await readFile(path('ca.pem')),
  });
  await using zone = await zoneWith({});
  const { outcome } = dial(zone.edge, `sips:bob@partner.example:${far.port}`);
  await pickUp(await far.connected());
  expect(await outcome).toBe('answered');
});

test('a linked zone is called where it is, by a certificate that names it, without a look into DNS', async () => {
  using far = await farEnd('linked');
  const routes = [{ domains: ['linked.example'], address: '127.0.0.1', port: far.port }];
  const dns = { naptr: neverAsked, srv: neverAsked, addresses: neverAsked };
  await using zone = await zoneWith({}, { routes, dns, sentBy: { tls: 'zone.example:5061' } });
  const { outcome } = dial(zone.edge, 'sips:welcome@linked.example');
  const invite = await pickUp(await far.connected());
  expect(await outcome).toBe('answered');
  expect(invite.uri).toBe('sips:welcome@linked.example');
  expect(invite.headers.get('Contact')).toBe('<sips:zone.example:5061>');
  using wrong = await farEnd('right');
  const astray = [{ domains: ['linked.example'], address: '127.0.0.1', port: wrong.port }];
  await using misled = await zoneWith({}, { routes: astray });
  expect(await dial(misled.edge, 'sips:welcome@linked.example').outcome).toBe('unreachable');
});

function neverAsked(): Promise<never> {
  return Promise.reject(new Error('DNS was asked for a linked zone'));
}

test('a connection to a peer who has been revoked meanwhile is not used for another call', async () => {
  await certificates.writeList('ca');
  await using zone = await zoneWith({ crls: ['ca.crl'] });
  using far = await farEnd('later');
  const calling = async (): Promise<string> => {
    const { outcome, call } = dial(zone.edge, `sips:bob@partner.example:${far.port}`);
    const result = await outcome;
    if (result === 'answered') void call.hangup({ cause: 'local-hangup' });
    return result;
  };
  void far.connected().then((peer) => pickUp(peer));
  expect(await calling()).toBe('answered');
  const changed = Promise.withResolvers<undefined>();
  zone.tls.onChange(() => changed.resolve(undefined));
  await certificates.revoke('ca', 'later');
  await changed.promise;
  expect(await calling()).toBe('unreachable');
});
