import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { Stage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterEach(async () => {
  await stage.closePages();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

const pin = {
  type: 'gate',
  gate: 'pin',
  wrong: false,
  mayRetryInMs: 0,
  digits: [4, 8],
  mayBeGuest: false,
} as const;
const lobby = { type: 'gate', gate: 'lobby', until: 'admitted' } as const;

/** Whether a person on a phone of this width must scroll sideways. */
function overflows(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}

test('a PIN is typed, a wrong one is told and waited for, and the right one leads into the call', async () => {
  const { page, context, complaints } = await stage.visit('/welcome?name=Alice&join=1');
  const connection = await stage.zone.nextConnection();
  const joining = await connection.take('join');
  connection.send(pin);
  const field = page.getByLabel('Enter the PIN of this meeting');
  await field.waitFor();
  // The field has the focus, and keeps nothing but digits.
  await page.keyboard.type('12 a');
  expect(await field.inputValue()).toBe('12');
  await page.keyboard.press('Enter');
  await page.getByText('It has 4 digits or more').waitFor();
  await page.keyboard.type('34#');
  await page.keyboard.press('Enter');
  expect(await connection.take('code')).toEqual({ type: 'code', code: '1234' });
  await page.getByRole('button', { name: 'Checking…' }).waitFor();
  connection.send({ ...pin, wrong: true, mayRetryInMs: 1500 });
  await page.getByRole('alert').getByText('That PIN was not right').waitFor();
  await page.getByText(/You can try again in \d s/).waitFor();
  expect(await page.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true);
  await page.keyboard.type('5678');
  await page.locator('button.primary:enabled').waitFor();
  await page.keyboard.press('Enter');
  expect(await connection.take('code')).toEqual({ type: 'code', code: '5678' });
  await stage.admitAt(connection, context, joining);
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

test('who has no PIN where only hosts need one joins as a guest, by a button or an empty field', async () => {
  const { page, context, complaints } = await stage.visit('/welcome?name=Alice&join=1', {
    viewport: { width: 375, height: 720 },
  });
  const connection = await stage.zone.nextConnection();
  const joining = await connection.take('join');
  connection.send({ ...pin, mayBeGuest: true });
  await page.getByLabel('Hosts enter their PIN').waitFor();
  expect(await overflows(page)).toBe(false);
  await page.keyboard.press('Enter');
  expect(await connection.take('code')).toEqual({ type: 'code', code: '' });
  // Even while a wrong PIN of the same network makes others wait.
  connection.send({ ...pin, wrong: true, mayRetryInMs: 60_000, mayBeGuest: true });
  await page.getByText('That PIN was not right').waitFor();
  await page.getByRole('button', { name: 'Join as a guest' }).click();
  expect(await connection.take('code')).toEqual({ type: 'code', code: '' });
  await stage.admitAt(connection, context, joining);
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

test('who waits for a host to come is told so', async () => {
  const { page } = await stage.visit('/welcome?name=Alice&join=1');
  const connection = await stage.zone.nextConnection();
  await connection.take('join');
  connection.send({ ...lobby, until: 'host' });
  await page.getByRole('status').getByText('Waiting for the host').waitFor();
});

test('who waits in the lobby is told so, and joins by himself when he is let in', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1', {
    viewport: { width: 375, height: 720 },
  });
  const connection = await stage.zone.nextConnection();
  const joining = await connection.take('join');
  connection.send(lobby);
  await page.getByRole('status').getByText('Waiting to be let in').waitFor();
  expect(await overflows(page)).toBe(false);
  // A reminder changes nothing.
  connection.send(lobby);
  await stage.admitAt(connection, context, joining);
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
});

test('who leaves the lobby is gone from it', async () => {
  const { page } = await stage.visit('/welcome?name=Alice&join=1');
  const connection = await stage.zone.nextConnection();
  await connection.take('join');
  connection.send(lobby);
  await page.getByRole('button', { name: 'Leave' }).click();
  await connection.take('leave');
  await page.getByRole('heading', { name: 'You left the call' }).waitFor();
});

test('who must log in goes there, and comes back into the room under the name that he had', async () => {
  const { page } = await stage.visit('/welcome?name=Alice%20Example&join=1');
  const first = await stage.zone.nextConnection();
  await first.take('join');
  first.send({ type: 'gate', gate: 'login', path: '/api/login?return=/welcome' });
  const login = page.getByRole('button', { name: 'Log in' });
  await login.waitFor();
  // What the zone does at a login: a round trip that ends at the room.
  await page.route('**/api/login?return=/welcome', (route) =>
    route.fulfill({ status: 303, headers: { Location: '/welcome' } }),
  );
  await login.click();
  await page.waitForURL('**/welcome');
  const second = await stage.zone.nextConnection();
  expect(await second.take('join')).toMatchObject({ name: 'Alice Example' });
});

test('a login that failed is told where the person can try again', async () => {
  const { page } = await stage.visit('/welcome?name=Alice&join=1&login=failed');
  const connection = await stage.zone.nextConnection();
  await connection.take('join');
  connection.send({ type: 'gate', gate: 'login', path: '/api/login?return=/welcome' });
  await page.getByRole('alert').getByText('The login did not succeed').waitFor();
  await page.goto(`${stage.zone.url}/?login=unavailable`);
  await page.getByRole('alert').getByText('The login cannot be reached just now').waitFor();
});

test('the page goes nowhere but to its own server for a login', async () => {
  const { page } = await stage.visit('/welcome?name=Alice&join=1');
  const connection = await stage.zone.nextConnection();
  await connection.take('join');
  connection.send({ type: 'gate', gate: 'login', path: '//evil.example/login' });
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForTimeout(300);
  expect(new URL(page.url()).host).toBe(new URL(stage.zone.url).host);
});
