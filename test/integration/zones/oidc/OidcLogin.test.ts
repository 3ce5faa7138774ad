import { expect, test } from 'vitest';
import { createLog } from '#kernel/index.ts';
import { OidcLogin } from '#zones/identity/oidc/index.ts';
import { LoginBrowser, LoginStage, origin, type Answer } from './LoginStage.ts';
import { clientId } from './TestProvider.ts';

test('who logs in comes back to his room, and the zone sees who he is', async () => {
  await using stage = await LoginStage.open();
  const browser = new LoginBrowser(stage);
  expect(await browser.personInCall()).toBeUndefined();
  const began = await browser.visit('/api/login?return=/welcome');
  expect(began.status).toBe(303);
  const sent = new URL(began.location).searchParams;
  expect(sent.get('redirect_uri')).toBe('https://meet.localhost/api/login/callback');
  expect(sent.get('code_challenge_method')).toBe('S256');
  const answer = await browser.login();
  expect(answer).toMatchObject({ status: 303, location: '/welcome' });
  expect(answer.cookies[0]).toMatch(
    /^__Host-zonebridge-session=[\w-]{43}; Path=\/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax$/,
  );
  expect([...browser.cookies.keys()]).toEqual(['__Host-zonebridge-session', '__Host-zonebridge-logged-in']);
  expect(await browser.personInCall()).toMatchObject({
    method: 'oidc',
    issuer: stage.provider.issuer,
    subject: 'alice',
    name: 'Alice Example',
    email: 'alice@example.org',
    groups: ['staff', 'board'],
    sessionId: 'session-1',
  });
  expect(await new LoginBrowser(stage).personInCall()).toBeUndefined();
});

test('a session ends by itself, and an address that the provider has not verified is not believed', async () => {
  await using stage = await LoginStage.open({ sessionMs: 1200 });
  stage.provider.userInfo = { sub: 'alice', email: 'boss@example.org', email_verified: false };
  const browser = new LoginBrowser(stage);
  await browser.login();
  const person = await browser.personInCall();
  expect(person).toMatchObject({ subject: 'alice' });
  expect(person).not.toHaveProperty('email');
  await new Promise((resolve) => setTimeout(resolve, 1300));
  expect(await browser.personInCall()).toBeUndefined();
});

test('who logs out between the opening of the page’s connection and the join is nobody', async () => {
  await using stage = await LoginStage.open();
  const browser = new LoginBrowser(stage);
  await browser.login();
  const [early, late] = [await browser.connect(), await browser.connect()];
  expect(await browser.personInCall(early)).toMatchObject({ subject: 'alice' });
  await browser.visit('/api/logout', { method: 'POST', headers: { Origin: origin } });
  expect(await browser.personInCall(late)).toBeUndefined();
});

/** The login must have failed, and the browser must be nobody. */
async function expectNobody(browser: LoginBrowser, answer: Answer, location: string): Promise<void> {
  expect(answer).toMatchObject({ status: 303, location });
  expect(browser.cookies.size).toBe(0);
  expect(await browser.personInCall()).toBeUndefined();
}

const spoilt: readonly [string, (stage: LoginStage) => void][] = [
  ['with another nonce', ({ provider }) => (provider.claims = { ...provider.claims, nonce: 'another' })],
  ['that has expired', ({ provider }) => (provider.lifetimeSeconds = -300)],
  ['signed with another key', ({ provider }) => (provider.forging = true)],
  ['for another client', ({ provider }) => (provider.claims = { ...provider.claims, aud: 'another' })],
  ['of another issuer', ({ provider }) => (provider.claims = { ...provider.claims, iss: 'https://x.test' })],
  ['beside user info of somebody else', ({ provider }) => (provider.userInfo = { sub: 'mallory' })],
];

test.each(spoilt)('an ID token %s logs nobody in', async (_what, spoil) => {
  await using stage = await LoginStage.open();
  spoil(stage);
  const browser = new LoginBrowser(stage);
  await expectNobody(browser, await browser.login(), '/welcome?login=failed');
});

test('an answer with another state, without one, or of a person who said no logs nobody in', async () => {
  await using stage = await LoginStage.open();
  for (const state of ['state=another', '']) {
    const browser = new LoginBrowser(stage);
    const back = (await browser.toProvider()).replace(/state=[^&]*/, state);
    await expectNobody(browser, await browser.visit(back), '/welcome?login=failed');
  }
  stage.provider.denying = true;
  const browser = new LoginBrowser(stage);
  await expectNobody(browser, await browser.login(), '/welcome?login=failed');
});

test('an answer that another browser began, or that was used, logs nobody in', async () => {
  await using stage = await LoginStage.open();
  const [alice, mallory] = [new LoginBrowser(stage), new LoginBrowser(stage)];
  const back = await alice.toProvider();
  await expectNobody(mallory, await mallory.visit(back), '/?login=failed');
  // His own login is under way, but the answer is hers.
  await mallory.toProvider();
  await expectNobody(mallory, await mallory.visit(back), '/welcome?login=failed');
  const ticket = new Map(alice.cookies);
  expect(await alice.visit(back)).toMatchObject({ location: '/welcome' });
  const thief = new LoginBrowser(stage);
  for (const [name, value] of ticket) thief.cookies.set(name, value);
  await expectNobody(thief, await thief.visit(back), '/welcome?login=failed');
  const forger = new LoginBrowser(stage);
  forger.cookies.set('__Host-zonebridge-login', `${[...ticket.values()].join('')}x`);
  await expectNobody(forger, await forger.visit(back), '/?login=failed');
});

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/welcome//evil.example',
  '/welcome?next=https://evil.example',
  '/%0d%0aLocation:%20https://evil.example',
  '',
])('a login that shall return to "%s" does not begin', async (path) => {
  await using stage = await LoginStage.open();
  const answer = await stage.ask(`/api/login?return=${encodeURIComponent(path)}`);
  expect(answer).toMatchObject({ status: 400, location: '', cookies: [] });
});

test('a login under a name that is not this server’s, or with two ways back, does not begin', async () => {
  await using stage = await LoginStage.open();
  const path = '/api/login?return=/welcome';
  expect(await stage.ask(path, { headers: { Host: 'evil.example' } })).toMatchObject({ status: 400 });
  expect(await stage.ask(`${path}&return=/other`)).toMatchObject({ status: 400 });
});

test('a provider that is broken is told to the page, and asked again later', async () => {
  await using stage = await LoginStage.open();
  const browser = new LoginBrowser(stage);
  const back = await browser.toProvider();
  stage.provider.broken = true;
  const answer = await browser.visit(back);
  expect(answer.location).toMatch(/^\/welcome\?login=/);
  expect(await browser.personInCall()).toBeUndefined();
  stage.provider.broken = false;
  expect(await browser.login()).toMatchObject({ location: '/welcome' });
});

test('a provider that is not there does not keep the zone from starting, and the page is told', async () => {
  await using stage = await LoginStage.open();
  stage.provider.broken = true;
  const answer = await stage.ask('/api/login?return=/welcome');
  expect(answer).toMatchObject({ status: 303, location: '/welcome?login=unavailable' });
  expect(await stage.logoutByProvider('x')).toMatchObject({ status: 503 });
});

test.each([
  ['an issuer without TLS', { issuer: 'http://id.example.org' }, 'must begin with https://'],
  ['a secret that is not there', { client_secret_file: '/nowhere/secret' }, '/nowhere/secret cannot be read'],
])('%s is a fault of the configuration', async (_what, change, message) => {
  const config = {
    issuer: 'https://id.example.org',
    client_id: clientId,
    scopes: [],
    groups_claim: 'groups',
  };
  const created = OidcLogin.create({
    config: { ...config, ...change },
    origins: [],
    log: createLog('silent'),
  });
  await expect(created).rejects.toMatchObject({
    code: 'config-invalid',
    message: expect.stringContaining(message) as string,
  });
});

test('logging out ends the session and tells the zone, but not for a page of another site', async () => {
  await using stage = await LoginStage.open();
  const browser = new LoginBrowser(stage);
  await browser.login();
  const stranger = { method: 'POST', headers: { Origin: 'https://evil.example' } };
  expect(await browser.visit('/api/logout', stranger)).toMatchObject({ status: 403 });
  expect(await browser.visit('/api/logout', { method: 'POST' })).toMatchObject({ status: 403 });
  expect(await browser.personInCall()).toBeDefined();
  const kept = new Map(browser.cookies);
  const own = { method: 'POST', headers: { Origin: 'https://meet.localhost' } };
  expect(await browser.visit('/api/logout', own)).toMatchObject({ status: 200, body: '{"location":"/"}' });
  expect([...browser.cookies.keys()]).toEqual([]);
  expect(stage.loggedOut).toEqual([
    { issuer: stage.provider.issuer, subject: 'alice', sessionId: 'session-1' },
  ]);
  for (const [name, value] of kept) browser.cookies.set(name, value);
  expect(await browser.personInCall()).toBeUndefined();
});

test('who logs out goes on to where the provider ends its session too, if it has such a place and can be reached', async () => {
  await using stage = await LoginStage.open();
  const { provider } = stage;
  provider.endsSessions = true;
  const browser = new LoginBrowser(stage);
  await browser.login();
  const own = { method: 'POST', headers: { Origin: 'https://meet.localhost' } };
  const { body } = await browser.visit('/api/logout', own);
  const { location } = JSON.parse(body) as { location: string };
  expect(location).toContain(`${provider.issuer}/end-session?`);
  expect(await stage.visitProvider(location)).toBe('https://meet.localhost/');
  expect(provider.endedSessions).toEqual(['alice']);
  // Who is logged out already stays here.
  expect(await browser.visit('/api/logout', own)).toMatchObject({ body: '{"location":"/"}' });
});

test('a logout at the provider ends the sessions that it names, and is taken once', async () => {
  await using stage = await LoginStage.open();
  const { provider, loggedOut } = stage;
  const [desk, phone] = [new LoginBrowser(stage), new LoginBrowser(stage)];
  await desk.login();
  provider.claims = { ...provider.claims, sid: 'session-2' };
  await phone.login();
  const token = await provider.logoutToken({ sid: 'session-1' });
  expect(await stage.logoutByProvider(token)).toMatchObject({ status: 200 });
  expect(loggedOut).toEqual([{ issuer: provider.issuer, sessionId: 'session-1' }]);
  expect(await desk.personInCall()).toBeUndefined();
  expect(await phone.personInCall()).toMatchObject({ sessionId: 'session-2' });
  await desk.login();
  // Whoever has seen the token cannot use it again.
  expect(await stage.logoutByProvider(token)).toMatchObject({ status: 400 });
  expect(loggedOut).toHaveLength(1);
  expect(await stage.logoutByProvider(await provider.logoutToken({ sub: 'alice' }))).toMatchObject({
    status: 200,
  });
  expect(loggedOut[1]).toEqual({ issuer: provider.issuer, subject: 'alice' });
  expect(await desk.personInCall()).toBeUndefined();
  expect(await phone.personInCall()).toBeUndefined();
});

test('a logout token that is forged, old, for others or no logout token at all ends nothing', async () => {
  await using stage = await LoginStage.open();
  const { provider } = stage;
  const browser = new LoginBrowser(stage);
  await browser.login();
  const bad = await Promise.all([
    provider.logoutToken({ sub: 'alice' }, { forged: true }),
    provider.logoutToken({ sub: 'alice' }, { issuedAgoSeconds: 600 }),
    provider.logoutToken({ sub: 'alice', exp: Math.floor(Date.now() / 1000) - 60 }),
    provider.logoutToken({ sub: 'alice', iat: undefined }),
    provider.logoutToken({ sub: 'alice', jti: undefined }),
    provider.logoutToken({ sub: 'alice', aud: 'another' }),
    provider.logoutToken({ sub: 'alice', iss: 'https://x.test' }),
    provider.logoutToken({ sub: 'alice', nonce: 'n' }),
    provider.logoutToken({ sub: 'alice', events: {} }),
    provider.logoutToken({ sub: 'alice', events: undefined }),
    provider.logoutToken({}),
  ]);
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${bad[0].split('.')[1] ?? ''}.`;
  for (const token of [...bad, unsigned, 'x', ''])
    expect(await stage.logoutByProvider(token), token).toMatchObject({ status: 400 });
  expect(await stage.ask('/api/backchannel-logout', { method: 'POST' })).toMatchObject({ status: 400 });
  expect(stage.loggedOut).toEqual([]);
  expect(await browser.personInCall()).toMatchObject({ subject: 'alice' });
});
