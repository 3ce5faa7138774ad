import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { participant, Stage, type Admitted } from './stage.ts';

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

const others = [
  participant('Bob', { kind: 'phone', label: 'partner: acme' }),
  participant('Carol', { role: 'host', muted: true }),
];
const lobby = [
  { id: 'w1', name: 'Dan', kind: 'browser', sinceMs: Date.UTC(2026, 0, 1, 9, 0) },
  { id: 'w2', name: 'Eve', kind: 'phone', label: 'partner: acme', sinceMs: Date.UTC(2026, 0, 1, 8, 0) },
] as const;

async function hostAt(width: number, video = true): Promise<{ page: Page } & Admitted> {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1', {
    viewport: { width, height: 760 },
  });
  const admitted = video
    ? await stage.admitVideo(context, others, { host: true })
    : await stage.admitAudioHost(context, others);
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
  return { page, ...admitted };
}

test('a host is told who waits, lets one in and refuses another', async () => {
  const { page, connection } = await hostAt(1280);
  connection.send({ type: 'waiting', people: lobby });
  const announced = page.locator('[aria-live=polite]');
  await announced.getByText('Dan and Eve wait to be let in').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Show' }).click();
  const list = page.getByRole('list', { name: 'People in the lobby' });
  // Who came first stands on top.
  const entries = await list.getByRole('listitem').allInnerTexts();
  expect(entries[0]).toMatch(/Eve[^]*by phone[^]*partner: acme/);
  await page.getByRole('button', { name: 'Admit Eve' }).click();
  expect(await connection.take('admit')).toMatchObject({ participantId: 'w2', admit: true });
  await page.getByRole('button', { name: 'Refuse Dan' }).click();
  expect(await connection.take('admit')).toMatchObject({ participantId: 'w1', admit: false });
  await page.getByRole('button', { name: 'Admit all' }).click();
  expect(await connection.take('admit')).toMatchObject({ participantId: 'w2', admit: true });
  expect(await connection.take('admit')).toMatchObject({ participantId: 'w1', admit: true });
  connection.send({ type: 'waiting', people: [] });
  await list.waitFor({ state: 'detached' });
});

test('a host locks, mutes and removes others, and the roster shows roles and labels', async () => {
  const { page, connection } = await hostAt(1280);
  await page.getByRole('button', { name: 'People' }).click();
  const people = page.getByRole('list', { name: 'People in the room' }).getByRole('listitem');
  const texts = await people.allInnerTexts();
  expect(texts[1]).toMatch(/Bob[^]*partner: acme/);
  expect(texts[2]).toMatch(/Carol[^]*Host/);
  const lock = page.getByLabel('Lock the meeting');
  await lock.click();
  expect(await connection.take('lock')).toMatchObject({ locked: true });
  connection.send({ type: 'room', locked: true, notice: null });
  await page.getByText('Locked · 3 people').waitFor();
  expect(await lock.isChecked()).toBe(true);
  await page.getByRole('button', { name: 'Options for Bob' }).click();
  await people.getByRole('button', { name: 'Mute', exact: true }).click();
  expect(await connection.take('mute-other')).toMatchObject({ participantId: 'bob' });
  await people.getByRole('button', { name: 'Remove' }).click();
  expect(await connection.take('remove')).toMatchObject({ participantId: 'bob' });
  // On oneself there is the picture only.
  await page.getByRole('button', { name: 'Options for Bob' }).click();
  await page.getByRole('button', { name: 'Options for Alice' }).click();
  await people.getByRole('button', { name: 'Spotlight' }).waitFor();
  expect(await people.getByRole('button', { name: 'Remove' }).count()).toBe(0);
});

test('a host calls a SIP address, reads why it failed, and ends the meeting with a second press', async () => {
  const { page, connection } = await hostAt(375, false);
  const field = page.getByLabel('Call somebody in');
  await field.fill('nonsense');
  await field.press('Enter');
  await page.getByText('Enter a SIP address, such as').waitFor();
  await field.fill('room@partner.example');
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  expect(await connection.take('dial')).toMatchObject({ uri: 'sip:room@partner.example' });
  connection.send({ type: 'notice', text: 'The call was not answered' });
  await page.getByRole('alert').getByText('The call was not answered').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByText('The call was not answered').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'End the meeting for all…' }).click();
  await page.getByRole('button', { name: 'End for all' }).click();
  await connection.take('end-conference');
  connection.send({ type: 'ended', text: 'The meeting has ended', mayRejoin: false });
  await page.getByText('The meeting has ended.').waitFor();
});

test('who becomes a host during the call gets the controls at once, and loses them with the role', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1');
  const { connection } = await stage.admitVideo(context, others);
  await page.getByRole('button', { name: 'People' }).click();
  await page.getByRole('list', { name: 'People in the room' }).waitFor();
  const controls = page.getByRole('region', { name: 'Host controls' });
  expect(await controls.count()).toBe(0);
  connection.send({ type: 'role', host: true });
  connection.send({ type: 'waiting', people: lobby });
  await controls.waitFor();
  await page.getByText('You are a host of this meeting now').waitFor();
  await page.getByRole('button', { name: 'Admit Eve' }).waitFor();
  await page.getByRole('button', { name: 'Options for Bob' }).waitFor();
  connection.send({ type: 'role', host: false });
  await controls.waitFor({ state: 'detached' });
  await page.getByText('You are no longer a host').waitFor();
  expect(await page.getByText('You are a host of this meeting now').count()).toBe(0);
  expect(await page.getByRole('button', { name: /^(Admit|Options for)/ }).count()).toBe(0);
});

test('whom a host has muted is told so, and can be heard again by a press', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1');
  const { connection } = await stage.admitVideo(context, others);
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
  await connection.take('mute');
  connection.send({ type: 'muted' });
  await page.getByRole('alert').getByText('A host has muted you').waitFor();
  await page.getByRole('button', { name: 'Unmute', exact: true }).click();
  expect(await connection.take('mute')).toEqual({ type: 'mute', muted: false });
  await page.getByText('A host has muted you').waitFor({ state: 'detached' });
});

test('a host mutes everybody who can be heard, and not himself', async () => {
  const { page, connection } = await hostAt(1280);
  await page.getByRole('button', { name: 'People' }).click();
  await page.getByRole('button', { name: 'Mute everybody else' }).click();
  // Carol is muted already.
  expect(await connection.take('mute-other')).toMatchObject({ participantId: 'bob' });
  const muted = [...others.map((other) => ({ ...other, muted: true })), participant('Alice', { id: 'self' })];
  connection.send({ type: 'roster', participants: muted });
  await page.locator('button:disabled', { hasText: 'Mute everybody else' }).waitFor();
});

test('everybody reads what the room says, and who is no host has nothing to press', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1');
  const { connection } = await stage.admitVideo(context, others);
  connection.send({ type: 'room', locked: false, notice: 'This meeting ends in 30 seconds' });
  await page.getByRole('alert').getByText('This meeting ends in 30 seconds').waitFor();
  await page.getByRole('button', { name: 'People' }).click();
  await page.getByRole('list', { name: 'People in the room' }).waitFor();
  expect(await page.getByRole('region', { name: 'Host controls' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: /^Options for/ }).count()).toBe(0);
  connection.send({ type: 'room', locked: false, notice: null });
  await page.getByText('This meeting ends in 30 seconds').waitFor({ state: 'detached' });
});
