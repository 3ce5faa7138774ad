import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Baresip } from '#test/support/Baresip.ts';
import { Certificates } from '#test/support/Certificates.ts';
import { freePort } from '#test/support/ports.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { passwordHash, type DigestAlgorithm } from '#zones/identity/digestCredentials.ts';
import { DigestLogin } from '#zones/identity/DigestLogin.ts';
import { dial, startDialler } from './dialling.ts';
import { startEdge, TestEndpoint, TestOwner, type TestEdge } from './edge.ts';

let certificates: Certificates;

beforeAll(async () => {
  certificates = await Certificates.create('ca', 'other');
  const san = 'DNS:partner.example,URI:sip:partner.example';
  await certificates.issueAll({ right: { san }, foreign: { san, ca: 'other' } });
  for (const name of ['right', 'foreign']) {
    const files = [`${name}.pem`, `${name}.key`].map((file) => readFile(certificates.path(file), 'utf8'));
    await writeFile(certificates.path(`${name}.both`), (await Promise.all(files)).join(''));
  }
}, 30_000);

afterAll(() => certificates[Symbol.asyncDispose]());

test('a real phone is called over TLS, answers, and is hung up on', async () => {
  const answersOn = await freePort();
  const certificate = certificates.path('right.both');
  await using phone = await Baresip.start({ toneHz: 440, answersOn, certificate });
  const ca = await readFile(certificates.path('ca.pem'));
  await using zone = await startDialler({ tlsClient: () => ({ ca }) });
  const { call, outcome, endpoint } = dial(zone, `sips:phone@partner.example:${answersOn + 1}`);
  expect(await outcome).toBe('answered');
  expect(call.origin.userAgent).toMatch(/^baresip/);
  expect(call.origin.tls?.peerCertificate?.sipDomains).toEqual(['partner.example']);
  expect(endpoint.accepted[0]?.audio.codecs[0]?.name).toBe('opus');
  await call.hangup({ cause: 'conference-ended' });
  await phone.whenEnded();
});

test('a real phone with a certificate of another CA never hears of the call', async () => {
  const answersOn = await freePort();
  await using phone = await Baresip.start({
    ...{ toneHz: 440, answersOn, certificate: certificates.path('foreign.both') },
  });
  const ca = await readFile(certificates.path('ca.pem'));
  await using zone = await startDialler({ tlsClient: () => ({ ca }) });
  expect(await dial(zone, `sips:phone@partner.example:${answersOn + 1}`).outcome).toBe('unreachable');
  expect(phone.events.some(({ type }) => type === 'CALL_INCOMING')).toBe(false);
});

const realm = 'meet';

/** A zone where `phone` has an account, and everybody else is refused. */
async function startZone(algorithms: readonly DigestAlgorithm[]): Promise<TestEdge> {
  const account = { user: 'phone', realm, password: 'correct-horse' };
  const ha1 = { 'SHA-256': passwordHash('SHA-256', account), MD5: passwordHash('MD5', account) };
  const accounts = { find: (user: string) => (user === 'phone' ? { user, groups: [], ha1 } : undefined) };
  return startEdge({ edge: { login: new DigestLogin({ realm, accounts, algorithms }) } });
}

/** Takes whoever has logged in, and refuses the others; what each has shown, in order. */
async function takeCalls(zone: TestEdge, shown: string[]): Promise<void> {
  for (;;) {
    const call = await zone.nextCall();
    const { person, loginFault } = call.origin;
    shown.push(person?.subject ?? loginFault ?? 'nothing');
    if (person === undefined) await call.refuse({ cause: 'forbidden' });
    else await call.admit(new TestEndpoint(call.offer), new TestOwner());
  }
}

test('a real phone logs in with its password, where the zone allows MD5', async () => {
  await using zone = await startZone(['MD5']);
  await using phone = await Baresip.start({ toneHz: 440, password: 'correct-horse' });
  const shown: string[] = [];
  void takeCalls(zone, shown);
  await phone.call(`sip:room@127.0.0.1:${zone.zone.tls.port};transport=tls`);
  expect(shown).toEqual(['missing', 'phone']);
});

test('a real phone with a wrong password is refused', async () => {
  await using zone = await startZone(['MD5']);
  await using phone = await Baresip.start({ toneHz: 440, password: 'wrong-horse' });
  const shown: string[] = [];
  void takeCalls(zone, shown);
  phone.command('dial', `sip:room@127.0.0.1:${zone.zone.tls.port};transport=tls`);
  await phone.whenEnded();
  await waitFor('the wrong password', () => shown.includes('wrong'));
  expect(new Set(shown)).toEqual(new Set(['missing', 'wrong']));
});

test('baresip 1.0 knows no SHA-256 and gives up when that is offered first: its zone must offer MD5 alone', async () => {
  await using zone = await startZone(['SHA-256', 'MD5']);
  await using phone = await Baresip.start({ toneHz: 440, password: 'correct-horse' });
  const shown: string[] = [];
  void takeCalls(zone, shown);
  phone.command('dial', `sip:room@127.0.0.1:${zone.zone.tls.port};transport=tls`);
  expect(await phone.whenEnded()).toBe('Function not implemented');
  expect(shown).toEqual(['missing']);
});
