import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import { participant, Stage } from './stage.ts';

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

/** Runs in the page: remembers every track that it got from the microphone. */
function watchTracks(): void {
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const watched: MediaStreamTrack[] = [];
  Object.assign(window, { watched });
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await original(constraints);
    watched.push(...stream.getAudioTracks());
    return stream;
  };
}

function openTracks(page: Page): Promise<{ enabled: boolean }[]> {
  return page.evaluate(() => {
    const { watched } = window as unknown as { watched: MediaStreamTrack[] };
    return watched.filter(({ readyState }) => readyState === 'live').map(({ enabled }) => ({ enabled }));
  });
}

test('a person joins by keyboard alone, is heard, sees who is here and who speaks', async () => {
  const { page, context, complaints } = await stage.visit('/welcome');
  await page.keyboard.type('Alice');
  await page.getByText('Your microphone works').waitFor();
  await page.keyboard.press('Enter');
  const others = [
    participant('Bob', { kind: 'phone', speaking: true }),
    participant('Carol', { muted: true }),
  ];
  const { connection, farEnd, answer } = await stage.admit(context, others);

  expect(connection.path).toBe('/api/rooms/welcome/ws');
  expect(answer).toContain('a=sendrecv');
  expect(answer).not.toContain('stereo=1');
  await waitFor('audio of the page', async () => (await farEnd.packetsReceived(1)) > 20);
  const people = page.getByRole('list', { name: 'People in the room' }).getByRole('listitem');
  expect(await people.allInnerTexts()).toEqual([
    expect.stringContaining('Alice (you)'),
    expect.stringMatching(/Bob[^]*by phone[^]*speaking/),
    expect.stringMatching(/Carol[^]*muted/),
  ]);
  expect(await page.locator('audio').evaluate((audio: HTMLAudioElement) => audio.paused)).toBe(false);
  // The page works under the zone's content security policy.
  expect(complaints).toEqual([]);
});

test('mute by button and by the key M is shown, told to the zone, and silences the track', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1', {}, watchTracks);
  const { connection } = await stage.admit(context);
  // After joining the page says once what the microphone is.
  expect(await connection.take('mute')).toMatchObject({ muted: false });
  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  expect(await connection.take('mute')).toMatchObject({ muted: true });
  await page.getByRole('button', { name: 'Unmute' }).waitFor();
  expect(await openTracks(page)).toEqual([{ enabled: false }]);
  await page.keyboard.press('m');
  expect(await connection.take('mute')).toMatchObject({ muted: false });
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
  expect(await openTracks(page)).toEqual([{ enabled: true }]);
});

test('who joins and who leaves is announced to screen readers', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1');
  const { connection, self } = await stage.admit(context, [participant('Bob')]);
  const announced = page.locator('[aria-live=polite]');
  await announced.getByText('You are in the call').waitFor({ state: 'attached' });
  connection.send({ type: 'roster', participants: [self, participant('Bob'), participant('Carol')] });
  await announced.getByText('Carol joined').waitFor({ state: 'attached' });
  connection.send({ type: 'roster', participants: [self, participant('Carol')] });
  await announced.getByText('Bob left').waitFor({ state: 'attached' });
});

test('leaving tells the zone and lets go of the microphone; joining again takes it back', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1', {}, watchTracks);
  const { connection } = await stage.admit(context);
  expect(await openTracks(page)).toHaveLength(1);
  await page.getByRole('button', { name: 'Leave' }).click();
  await connection.take('leave');
  await page.getByRole('heading', { name: 'You left the call' }).waitFor();
  await waitFor('the microphone to be let go', async () => (await openTracks(page)).length === 0);
  await page.getByRole('button', { name: 'Join again' }).click();
  expect(await (await stage.zone.nextConnection()).take('join')).toMatchObject({ name: 'Alice' });
  expect(await openTracks(page)).toHaveLength(1);
});

test('closing the page tells the zone', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1');
  const { connection } = await stage.admit(context);
  await page.close({ runBeforeUnload: true });
  await connection.take('leave');
});

test('a new offer gets a new connection that carries the same microphone', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1');
  const { connection, farEnd } = await stage.admit(context);
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  connection.send({ type: 'offer', offerId: 2, sdp: await farEnd.offer(2) });
  const { offerId, sdp } = await connection.take('answer');
  expect(offerId).toBe(2);
  await farEnd.accept(2, sdp);
  await waitFor('audio on the new connection', async () => (await farEnd.packetsReceived(2)) > 20);
});

test('the start page leads to the room, and says what a room name may hold', async () => {
  const { page, complaints } = await stage.visit('/');
  await page.getByLabel('Room').fill('Ünsinn!');
  await page.keyboard.press('Enter');
  await page.getByText('letters a to z').waitFor();
  await page.getByLabel('Room').fill('Team Room');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/team-room');
  await page.getByRole('heading', { name: 'team-room' }).waitFor();
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByText('Enter your name').waitFor();
  expect(complaints).toEqual([]);
});
