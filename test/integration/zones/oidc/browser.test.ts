import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Call } from '#signaling/call.ts';
import { concerns, loginPath } from '#zones/identity/oidc/index.ts';
import { buildPage, launchBrowser } from '../../page/stage.ts';
import { LoginStage, origin } from './LoginStage.ts';

/** As a zone does that wants to know who somebody is. */
async function demandLogin(call: Call): Promise<void> {
  await call.pass?.({ kind: 'login', path: loginPath(call.room) });
  await call.refuse({ cause: 'identity-missing' });
}

test('in Chromium a person logs in at the provider, is in the room as himself, and is nobody after a logout there', async () => {
  const webRoot = await buildPage();
  await using stage = await LoginStage.open({ webRoot });
  const { edge, provider } = stage;
  provider.endsSessions = true;
  // The page's address has no port, as the provider knows it.
  const rule = `--host-resolver-rules=MAP meet.localhost:443 127.0.0.1:${edge.port}`;
  const browser = await launchBrowser([rule]);
  try {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      permissions: ['microphone', 'camera'],
    });
    const page = await context.newPage();
    await page.goto(`${origin}/welcome?name=Alice%20at%20home&join=1`);
    const stranger = await edge.nextCall();
    expect(stranger.origin.person).toBeUndefined();
    await demandLogin(stranger);
    await page.getByRole('button', { name: 'Log in' }).click();
    const known = await edge.nextCall();
    expect(page.url()).toBe(`${origin}/welcome`);
    expect(known.displayName).toBe('Alice at home');
    const { person } = known.origin;
    expect(person).toMatchObject({ subject: 'alice', issuer: provider.issuer, sessionId: 'session-1' });
    const cookies = await context.cookies(origin);
    const cookie = cookies.find(({ name }) => name.endsWith('session'));
    const others = cookies.filter((other) => other !== cookie);
    expect(cookie).toMatchObject({
      name: '__Host-zonebridge-session',
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
    });
    expect(others).toMatchObject([{ name: '__Host-zonebridge-logged-in', value: '1', secure: true }]);
    await stage.logoutByProvider(await provider.logoutToken({ sid: 'session-1' }));
    const [logout] = stage.loggedOut;
    expect(logout !== undefined && person !== undefined && concerns(logout, person)).toBe(true);
    await known.refuse({ cause: 'logged-out' });
    await page.getByText('You have been logged out').waitFor();
    await page.goto(`${origin}/welcome?join=1`);
    expect((await edge.nextCall()).origin.person).toBeUndefined();
    // Nobody again, and now by a press on the page.
    await page.goto(`${origin}/api/login?return=%2Fwelcome`);
    await page.waitForURL(`${origin}/welcome`);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL(`${origin}/`);
    await page.getByRole('heading', { name: 'Join a meeting' }).waitFor();
    expect(provider.endedSessions).toEqual(['alice']);
    expect(stage.loggedOut).toHaveLength(2);
    expect(await context.cookies(origin)).toEqual([]);
    expect(await page.getByRole('button', { name: 'Log out' }).count()).toBe(0);
  } finally {
    await browser.close();
    await rm(webRoot, { recursive: true });
  }
});
