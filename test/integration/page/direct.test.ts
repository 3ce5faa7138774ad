import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import { captured, endScreenCapture, watchDevices } from './devices.ts';
import { sentColours } from './FarEnd.ts';
import { colourOf, expectColour, expectToCover, stageMessage, tile } from './seen.ts';
import { participant, Stage } from './stage.ts';

const kiosk = '/welcome?name=Alice&join=1';
const bob = participant('Bob', { kind: 'phone', camera: 'on' });

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

test('a host chooses the layout by keyboard; the menu says which one is shown', async () => {
  const { page, context } = await stage.visit(kiosk);
  const { connection } = await stage.admitVideo(context, [bob], { host: true });
  connection.send(stageMessage([], { layout: '2x2' }));
  const button = page.getByRole('button', { name: 'Layout' });
  await button.focus();
  await page.keyboard.press('Enter');
  const chosen = page.getByRole('menuitemradio', { checked: true });
  expect(await chosen.innerText()).toContain('Four equal');
  await page.waitForFunction(
    () => document.activeElement?.matches('[role=menuitemradio][aria-checked=true]') === true,
  );
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  expect(await connection.take('layout')).toEqual({ type: 'layout', layout: '3x3' });
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.textContent === 'Layout');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
});

test('a host puts somebody in the spotlight and pins him; a guest is offered neither, and no layout', async () => {
  const host = await stage.visit(kiosk);
  const { connection, self } = await stage.admitVideo(host.context, [bob], { host: true });
  await host.page.getByRole('button', { name: 'People' }).click();
  await host.page.getByRole('button', { name: 'Options for Bob' }).click();
  await host.page.getByRole('button', { name: 'Spotlight' }).click();
  expect(await connection.take('spotlight')).toMatchObject({ participantId: 'bob' });
  await host.page.getByRole('button', { name: 'Pin' }).click();
  expect(await connection.take('pin')).toMatchObject({ participantId: 'bob', pinned: true });
  connection.send({ type: 'roster', participants: [self, { ...bob, spotlight: true, pinned: true }] });
  await host.page.getByRole('button', { name: 'Unpin' }).click();
  expect(await connection.take('pin')).toMatchObject({ participantId: 'bob', pinned: false });
  await host.page.getByRole('button', { name: 'End spotlight' }).click();
  expect(await connection.take('spotlight')).toMatchObject({ participantId: null });

  await stage.closePages();
  const guest = await stage.visit(kiosk);
  await stage.admitVideo(guest.context, [bob]);
  await guest.page.getByRole('button', { name: 'People' }).click();
  await guest.page.getByText('Bob').waitFor();
  expect(await guest.page.getByRole('button', { name: /options|layout/i }).count()).toBe(0);
});

test('a shared screen is sent to the zone and covered for its sharer, until he stops it', async () => {
  const { page, context, complaints } = await stage.visit(kiosk, {}, watchDevices);
  const { connection, farEnd } = await stage.admitVideo(context, [bob]);
  await page.getByRole('button', { name: 'Share screen' }).click();
  expect(await connection.take('share')).toEqual({ type: 'share', on: true });
  await waitFor('the screen', async () => (await farEnd.packetsReceived(1, '2')) > 20);
  await page.getByText('You are sharing your screen').waitFor();
  const screen = tile('self', [0.1, 0.1, 0.7, 0.7], { source: 'screen', fit: 'contain' });
  connection.send(stageMessage([screen], { layout: 'presentation', sharer: 'self' }));
  await expectToCover(page, '.own-screen', screen);
  await page.locator('.own-screen').getByRole('button', { name: 'Stop sharing' }).click();
  expect(await connection.take('share')).toEqual({ type: 'share', on: false });
  expect(await captured(page)).not.toContain('screen');
  await page.getByRole('button', { name: 'Share screen' }).waitFor();
  expect(complaints).toEqual([]);
});

test('sharing ends when the zone or the browser ends it', async () => {
  const { page, context } = await stage.visit(kiosk, {}, watchDevices);
  const { connection } = await stage.admitVideo(context, [bob]);
  await page.getByRole('button', { name: 'Share screen' }).click();
  await connection.take('share');
  connection.send({ type: 'stop-sharing' });
  await page.getByRole('button', { name: 'Share screen' }).click();
  expect(await captured(page)).toEqual(['audio', 'video', 'screen']);
  expect(await connection.take('share')).toEqual({ type: 'share', on: true });
  await endScreenCapture(page);
  expect(await connection.take('share')).toEqual({ type: 'share', on: false });
  await page.getByRole('button', { name: 'Share screen' }).waitFor();
});

test('the screen of another lies sharp over its place, fills the page, or stays away, as one likes', async () => {
  const { page, context } = await stage.visit(kiosk);
  const { connection, self } = await stage.admitVideo(context, [bob]);
  const screen = tile('bob', [0.02, 0.1, 0.75, 0.75], { source: 'screen', fit: 'contain' });
  connection.send({ type: 'roster', participants: [self, { ...bob, sharing: true }] });
  connection.send(stageMessage([screen], { layout: 'presentation', sharer: 'bob' }));
  await page.locator('[aria-live=polite]').getByText('Bob shares a screen').waitFor({ state: 'attached' });
  await expectToCover(page, '.sharp-screen.shown', screen);
  expectColour(await colourOf(page, '.sharp-screen'), sentColours['2']);
  await page.getByText('Screen', { exact: true }).click();
  await page.locator('.show-screen .sharp-screen.shown').waitFor();
  expect(await page.locator('.picture').isVisible()).toBe(false);
  await page.getByText('Picture', { exact: true }).click();
  await page.locator('.sharp-screen.shown').waitFor({ state: 'detached' });
  await page.getByText('Both', { exact: true }).click();
  // A layout without a place for the screen: it stands beside the people.
  connection.send(stageMessage([tile('bob', [0, 0, 1, 1])], { layout: '1:0', sharer: 'bob' }));
  await page.locator('.show-beside').waitFor();
  const boxes = await Promise.all(
    ['.sharp-screen', '.picture'].map((selector) => page.locator(selector).boundingBox()),
  );
  expect((boxes[0]?.x ?? 0) + (boxes[0]?.width ?? 0)).toBeLessThanOrEqual(boxes[1]?.x ?? 0);
  connection.send(stageMessage([tile('bob', [0, 0, 1, 1])], { layout: '1:0' }));
  await page.locator('.show-picture').waitFor();
});

test('the statistics show what comes and goes, and the round trip', async () => {
  const { page, context } = await stage.visit(kiosk);
  const { connection } = await stage.admitVideo(context, [bob]);
  connection.send(stageMessage([]));
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  await page.keyboard.press('s');
  const panel = page.getByRole('complementary', { name: 'Statistics' });
  const section = (title: string): ReturnType<typeof panel.locator> =>
    panel.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  await section('Picture')
    .getByText(/^\d+ × \d+$/)
    .waitFor();
  await section('Picture')
    .getByText(/^[1-9]\d* kbit\/s$/)
    .waitFor();
  await section('Picture')
    .getByText(/^[1-9]\d* a second$/)
    .waitFor();
  await section('Picture').getByText('VP8').waitFor();
  await section('Sound').getByText('opus').waitFor();
  await section('Your camera')
    .getByText(/^\d+ × \d+$/)
    .waitFor();
  await section('Your microphone')
    .getByText(/kbit\/s/)
    .waitFor();
  await panel.getByText(/^\d+ ms$/).waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
});

test('after a lost connection the zone is told of camera and screen again', async () => {
  const { page, context } = await stage.visit(kiosk, {}, watchDevices);
  const first = await stage.admitVideo(context, [bob]);
  await page.getByRole('button', { name: 'Share screen' }).click();
  await first.connection.take('share');
  first.connection.cut();
  await page.getByText('The connection to the server was lost').waitFor();
  const second = await stage.admitVideo(context, [bob]);
  expect(second.self.camera).toBe('on');
  expect(await second.connection.take('camera')).toEqual({ type: 'camera', on: true });
  expect(await second.connection.take('share')).toEqual({ type: 'share', on: true });
  await waitFor('the camera again', async () => (await second.farEnd.packetsReceived(1, '1')) > 20);
  await waitFor('the screen again', async () => (await second.farEnd.packetsReceived(1, '2')) > 20);
});

test.each([
  [1280, 800],
  [390, 844],
  [844, 390],
  [360, 640],
])('on a page of %i by %i everything can be reached and the picture is whole', async (width, height) => {
  const { page, context } = await stage.visit(kiosk, { viewport: { width, height } });
  const { connection } = await stage.admitVideo(context, [bob], { host: true });
  connection.send(stageMessage([tile('self', [0.5, 0.25, 0.5, 0.5])]));
  await page.locator('.own-tile').waitFor();
  const picture = await page.locator('.picture').boundingBox();
  expect((picture?.width ?? 0) / (picture?.height ?? 1)).toBeCloseTo(16 / 9, 1);
  expect(picture?.x).toBeGreaterThanOrEqual(0);
  for (const name of ['People', 'Settings', 'Layout']) {
    await page.getByRole('button', { name, exact: true }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
  }
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Leave' }).click({ trial: true });
});
