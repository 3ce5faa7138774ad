import { expect, test } from 'vitest';
import type { SipResponse } from '#signaling/sip/stack/message/index.ts';
import { expectedResponse, passwordHash, type DigestAlgorithm } from '#zones/identity/digestCredentials.ts';
import { DigestLogin } from '#zones/identity/DigestLogin.ts';
import type { SipPeer } from '../sip-engine/SipPeer.ts';
import { startEdge, TestEndpoint, TestOwner, type TestEdge } from './edge.ts';
import { Phone, phoneSdp } from './Phone.ts';

const [realm, user, password] = ['meet', 'ann', 'correct horse'];

const ann = {
  user,
  groups: ['staff'],
  ha1: {
    'SHA-256': passwordHash('SHA-256', { user, realm, password }),
    MD5: passwordHash('MD5', { user, realm, password }),
  },
};

function startZone(algorithms: readonly DigestAlgorithm[] = ['SHA-256']): Promise<TestEdge> {
  const accounts = { find: (name: string) => (name === user ? ann : undefined) };
  return startEdge({ edge: { login: new DigestLogin({ realm, accounts, algorithms }) } });
}

/** The zone refuses the next call, as it would without a person. */
async function refuseNext(zone: TestEdge): Promise<string | undefined> {
  const call = await zone.nextCall();
  await call.refuse({ cause: 'forbidden', detail: 'guests: deny' });
  return call.origin.loginFault;
}

/** What a phone makes of a challenge. */
function authorization(challenge: string, { password: typed = password, nc = '00000001' } = {}): string {
  const part = (name: string): string => new RegExp(`${name}="?([^",]+)`).exec(challenge)?.[1] ?? '';
  const algorithm = part('algorithm') as DigestAlgorithm;
  const credentials = { nonce: part('nonce'), nc, cnonce: 'c0ffee', uri: 'sip:Room@zone.example' };
  const ha1 = passwordHash(algorithm, { user, realm: part('realm'), password: typed });
  const response = expectedResponse(algorithm, ha1, 'INVITE', credentials);
  return `Authorization: Digest username="${user}", realm="${part('realm')}", nonce="${credentials.nonce}", uri="${credentials.uri}", algorithm=${algorithm}, qop=auth, nc=${nc}, cnonce="c0ffee", response="${response}"`;
}

const challengesIn = (response: SipResponse): readonly string[] => response.headers.all('WWW-Authenticate');

/** Asked to log in: the challenge. */
async function challenged(zone: TestEdge, phone: Phone): Promise<string> {
  const [response] = await Promise.all([phone.invite(401), refuseNext(zone)]);
  return challengesIn(response)[0] ?? '';
}

test('a phone that is refused is asked once, and what it answers makes a person of it', async () => {
  await using zone = await startZone();
  using peer = await zone.tlsPeer();
  const phone = new Phone(peer);
  const challenge = await challenged(zone, phone);
  expect(challenge).toMatch(/^Digest realm="meet", qop="auth", algorithm=SHA-256, nonce="[\w.-]+"$/);
  const invited = phone.invite(200, { body: phoneSdp(), headers: [authorization(challenge)] });
  const call = await zone.nextCall();
  expect(call.origin.person).toEqual({ method: 'digest', issuer: realm, subject: user, groups: ['staff'] });
  expect(call.origin.loginFault).toBeUndefined();
  await Promise.all([call.admit(new TestEndpoint(call.offer), new TestOwner()), invited]);
});

test('both algorithms are offered in fields of their own, the strongest first, and either may be answered', async () => {
  await using zone = await startZone(['MD5', 'SHA-256']);
  using peer = await zone.tlsPeer();
  const phone = new Phone(peer);
  const [response] = await Promise.all([phone.invite(401), refuseNext(zone)]);
  const challenges = challengesIn(response);
  expect(challenges.map((challenge) => /algorithm=([^,]+)/.exec(challenge)?.[1])).toEqual(['SHA-256', 'MD5']);
  const refused = phone.invite(404, { body: phoneSdp(), headers: [authorization(challenges[1] ?? '')] });
  const call = await zone.nextCall();
  expect(call.origin.person?.subject).toBe(user);
  await call.refuse({ cause: 'forbidden' });
  await refused;
});

test('who has logged in and is refused all the same gets the answer that everybody gets', async () => {
  await using zone = await startZone();
  using peer = await zone.tlsPeer();
  const phone = new Phone(peer);
  const headers = [authorization(await challenged(zone, phone))];
  const [response] = await Promise.all([phone.invite(404, { body: phoneSdp(), headers }), refuseNext(zone)]);
  expect(challengesIn(response)).toEqual([]);
});

test('an unknown room, another domain and a refused call ask the same', async () => {
  await using zone = await startZone();
  const shape = (response: SipResponse): unknown => [
    response.status,
    response.reason,
    [...response.headers].map(([name]) => name),
    challengesIn(response)[0]?.replace(/nonce="[^"]+"/, ''),
  ];
  const answers: unknown[] = [];
  for (const [uri, cause] of [
    ['sip:room@zone.example', 'forbidden'],
    ['sip:nowhere@zone.example', 'not-found'],
    ['sip:room@zone.example', 'locked'],
    ['sip:room@elsewhere.example', undefined],
  ] as const) {
    using peer = await zone.tlsPeer();
    const asked = new Phone(peer, { uri }).invite(401);
    if (cause !== undefined) await (await zone.nextCall()).refuse({ cause });
    answers.push(shape(await asked));
  }
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

test('a refusal that a login would not change is told as it is', async () => {
  await using zone = await startZone();
  using peer = await zone.tlsPeer();
  const refused = new Phone(peer).invite(486);
  await (await zone.nextCall()).refuse({ cause: 'busy' });
  expect(challengesIn(await refused)).toEqual([]);
  await using without = await startEdge();
  using other = await without.tlsPeer();
  const answer = new Phone(other).invite(404);
  await (await without.nextCall()).refuse({ cause: 'forbidden' });
  await answer;
});

test('an answer that was used is no answer: the phone is asked again, and told that it was not the password', async () => {
  await using zone = await startZone();
  using peer = await zone.tlsPeer();
  const phone = new Phone(peer);
  const headers = [authorization(await challenged(zone, phone))];
  await Promise.all([phone.invite(404, { body: phoneSdp(), headers }), refuseNext(zone)]);
  const [again, fault] = await Promise.all([
    phone.invite(401, { body: phoneSdp(), headers }),
    refuseNext(zone),
  ]);
  expect(fault).toBe('stale');
  expect(challengesIn(again)[0]).toContain('stale=true');
});

test('wrong passwords slow down their source, which is told how long it has to wait', async () => {
  await using zone = await startZone();
  using peer: SipPeer = await zone.tlsPeer();
  const phone = new Phone(peer);
  let challenge = await challenged(zone, phone);
  for (let count = 0; count < 4; count += 1) {
    const headers = [authorization(challenge, { password: 'guess' })];
    const [response, fault] = await Promise.all([
      phone.invite(401, { body: phoneSdp(), headers }),
      refuseNext(zone),
    ]);
    expect(fault).toBe('wrong');
    [challenge = ''] = challengesIn(response);
    expect(challenge).not.toContain('stale');
  }
  const headers = [authorization(challenge)];
  const [slowed, fault] = await Promise.all([
    phone.invite(480, { body: phoneSdp(), headers }),
    refuseNext(zone),
  ]);
  expect(fault).toBe('slowed');
  expect(Number(slowed.headers.get('Retry-After'))).toBeGreaterThan(0);
});
