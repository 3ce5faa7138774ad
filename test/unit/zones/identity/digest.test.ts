import { expect, test } from 'vitest';
import {
  algorithmOf,
  expectedResponse,
  parseCredentials,
  passwordHash,
  type DigestAlgorithm,
} from '#zones/identity/digestCredentials.ts';
import { DigestLogin } from '#zones/identity/DigestLogin.ts';
import { DigestNonces } from '#zones/identity/DigestNonces.ts';
import type { DigestAccount } from '#zones/identity/digestUsers.ts';
import { SourcePace } from '#zones/identity/SourcePace.ts';
import { Grounds } from '#zones/policy/grounds.ts';
import { testZone } from '#test/support/zoneServices.ts';

const realm = 'meet';
const source = '192.0.2.1';

/** The example of RFC 7616 §3.9.1. */
const mufasa = { user: 'Mufasa', realm: 'http-auth@example.org', password: 'Circle of Life' };
const rfcHeader = (response: string): string =>
  `Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="${response}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

test.each([
  ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
] as const)('with %s the answer is that of RFC 7616 §3.9.1', (algorithm, response) => {
  const [credentials = {}] = parseCredentials(rfcHeader(response));
  const ha1 = passwordHash(algorithm, mufasa);
  expect(expectedResponse(algorithm, ha1, 'GET', credentials)).toBe(response);
  expect(credentials.response).toBe(response);
});

test('credentials are read out of several fields, with quotes, commas and other schemes among them', () => {
  const fields =
    'Bearer token="x", Digest username="a, \\"b\\" Digest c=1", realm=r ,nc=00000001, Basic Zm9v, digest realm="s"';
  expect(parseCredentials(fields)).toEqual([
    { username: 'a, "b" Digest c=1', realm: 'r', nc: '00000001' },
    { realm: 's' },
  ]);
  expect(parseCredentials('')).toEqual([]);
  expect(algorithmOf({})).toBe('MD5');
  expect(algorithmOf({ algorithm: 'sha-256' })).toBe('SHA-256');
  expect(algorithmOf({ algorithm: 'SHA-512-256' })).toBeUndefined();
});

test('a nonce is good for its source, for its time, and for each count once', () => {
  let nowMs = 1_700_000_000_000;
  const nonces = new DigestNonces({ lifetimeMs: 1000, nowMs: () => nowMs });
  const nonce = nonces.issue(source);
  expect(nonces.isCurrent(nonce, source)).toBe(true);
  expect(nonces.isCurrent(nonce, '192.0.2.2')).toBe(false);
  expect(nonces.isCurrent(`${nonce}x`, source)).toBe(false);
  expect(nonces.isCurrent('', source)).toBe(false);
  expect(nonces.isCurrent(new DigestNonces().issue(source), source)).toBe(false);
  expect(
    ['00000001', '00000001', '00000005', '00000004', '00000006', '7', 'zzzzzzzz'].map((nc) =>
      nonces.take(nonce, nc),
    ),
  ).toEqual([true, false, true, false, true, false, false]);
  nowMs += 1000;
  expect(nonces.isCurrent(nonce, source)).toBe(false);
});

test('when too many nonces are in use the older ones end, and none can be used again', () => {
  let nowMs = 1_700_000_000_000;
  const nonces = new DigestNonces({ most: 2, nowMs: () => (nowMs += 1) });
  const [first = '', ...others] = [1, 2, 3].map(() => nonces.issue(source));
  for (const nonce of [first, ...others]) expect(nonces.take(nonce, '00000001')).toBe(true);
  expect(nonces.isCurrent(first, source)).toBe(false);
  for (const nonce of others) {
    expect(nonces.isCurrent(nonce, source)).toBe(true);
    expect(nonces.take(nonce, '00000001')).toBe(false);
  }
});

const ann: DigestAccount = {
  user: 'ann',
  name: 'Ann Example',
  groups: ['staff'],
  ha1: {
    'SHA-256': passwordHash('SHA-256', { user: 'ann', realm, password: 'correct horse' }),
    MD5: passwordHash('MD5', { user: 'ann', realm, password: 'correct horse' }),
  },
};

interface Attempt {
  readonly user?: string;
  readonly password?: string;
  readonly algorithm?: DigestAlgorithm;
  readonly nonce: string;
  readonly nc?: string;
  readonly qop?: string;
}

function answerTo({
  user = 'ann',
  password = 'correct horse',
  algorithm = 'SHA-256',
  nonce,
  nc = '00000001',
  qop = 'auth',
}: Attempt): string {
  const ha1 = passwordHash(algorithm, { user, realm, password });
  const credentials = { nonce, nc, cnonce: 'c', uri: 'sips:room@meet.example' };
  const response = expectedResponse(algorithm, ha1, 'INVITE', credentials);
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="sips:room@meet.example", algorithm=${algorithm}, qop=${qop}, nc=${nc}, cnonce="c", response="${response}"`;
}

interface Stage {
  readonly login: DigestLogin;
  readonly nonce: (from?: string) => string;
  readonly judge: (authorization: string | undefined, from?: string) => unknown;
  readonly later: (ms: number) => void;
}

function stage(algorithms: readonly DigestAlgorithm[] = ['MD5', 'SHA-256']): Stage {
  let nowMs = 1_700_000_000_000;
  const accounts = { find: (user: string) => (user === 'ann' ? ann : undefined) };
  const pace = new SourcePace({ free: 3, firstDelayMs: 1000 });
  const login = new DigestLogin({ realm, accounts, algorithms, pace, nowMs: () => nowMs });
  return {
    login,
    nonce: (from = source) => /nonce="([^"]+)"/.exec(login.challenges(from, false)[0] ?? '')?.[1] ?? '',
    judge: (authorization, from = source) => {
      const verdict = login.judge({ method: 'INVITE', authorization, source: from });
      return 'person' in verdict ? verdict.person : verdict.fault;
    },
    later: (ms) => {
      nowMs += ms;
    },
  };
}

test('challenges name the zone and one algorithm each, the strongest first', () => {
  const { login } = stage();
  const challenges = login.challenges(source, true);
  expect(challenges.map((challenge) => challenge.replace(/nonce="[^"]+"/, 'nonce'))).toEqual([
    'Digest realm="meet", qop="auth", algorithm=SHA-256, nonce, stale=true',
    'Digest realm="meet", qop="auth", algorithm=MD5, nonce, stale=true',
  ]);
});

test('the right password makes a person of the phone, with both algorithms', () => {
  const { judge, nonce } = stage();
  const person = { method: 'digest', issuer: realm, subject: 'ann', name: 'Ann Example', groups: ['staff'] };
  expect(judge(answerTo({ nonce: nonce() }))).toEqual(person);
  expect(judge(answerTo({ nonce: nonce(), algorithm: 'MD5' }))).toEqual(person);
});

test('an algorithm that the zone does not offer, or an answer without a count, is of no use', () => {
  const { judge, nonce } = stage(['SHA-256']);
  expect(judge(answerTo({ nonce: nonce(), algorithm: 'MD5' }))).toBe('unusable');
  expect(judge(answerTo({ nonce: nonce(), qop: 'auth-int' }))).toBe('unusable');
  expect(judge(answerTo({ nonce: nonce() }).replace(/, nc=\w+/, ''))).toBe('unusable');
});

test('no credentials, or those for another realm, are none', () => {
  const { judge, nonce } = stage();
  expect(judge(undefined)).toBe('missing');
  expect(judge('Bearer x')).toBe('missing');
  expect(judge(answerTo({ nonce: nonce() }).replace('realm="meet"', 'realm="other"'))).toBe('missing');
});

test('an answer counts once, and not from elsewhere, and not after its time', () => {
  const { judge, nonce, later } = stage();
  const answer = answerTo({ nonce: nonce() });
  expect(judge(answer)).toHaveProperty('subject', 'ann');
  expect(judge(answer)).toBe('stale');
  expect(judge(answerTo({ nonce: nonce() }), '192.0.2.9')).toBe('stale');
  const old = answerTo({ nonce: nonce() });
  later(5 * 60_000);
  expect(judge(old)).toBe('stale');
});

test('a user that nobody has and a wrong password are the same, and slow down their source alone', () => {
  const { judge, nonce, later } = stage();
  for (const attempt of [{ user: 'bob' }, { password: 'wrong' }, { user: '' }, { password: 'worse' }]) {
    expect(judge(answerTo({ ...attempt, nonce: nonce() }))).toBe('wrong');
  }
  expect(judge(answerTo({ nonce: nonce() }))).toBe('slowed');
  expect(judge(answerTo({ nonce: nonce('192.0.2.9') }), '192.0.2.9')).toHaveProperty('subject', 'ann');
  later(1000);
  expect(judge(answerTo({ nonce: nonce() }))).toHaveProperty('subject', 'ann');
});

test('who has logged in from a phone is one of the zone’s own', () => {
  const grounds = new Grounds(testZone([{ name: 'welcome' }]));
  const person = { method: 'digest', issuer: 'meetme', subject: 'ann', groups: [] } as const;
  const from = { source: { address: source } };
  expect(grounds.partyOf({ ...from, evidence: { person, possession: [] } })).toBe('own');
  expect(grounds.partyOf({ ...from, evidence: { possession: [] } })).toBe('guest');
});

test.each(['a', 'a-', ' a', 'a ', '1a'])(
  'ten times as much of an Authorization field takes no hundred times as long to read: %j',
  (part) => {
    const timeOf = (length: number): number => {
      const text = part.repeat(length / part.length);
      const times = Array.from({ length: 20 }, () => {
        const began = performance.now();
        parseCredentials(text);
        return performance.now() - began;
      });
      return Math.min(...times);
    };
    expect(timeOf(8000)).toBeLessThan(40 * timeOf(800));
  },
);
