import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import {
  askForSimulcast,
  cameraFailing,
  captured,
  mendCamera,
  sentEncodings,
  watchDevices,
  withoutSimulcast,
} from './devices.ts';
import { FarEnd, sentColours } from './FarEnd.ts';
import { colourOf, expectColour, expectToCover, stageMessage, tile } from './seen.ts';
import { joinedMessage, participant, Stage } from './stage.ts';

const kiosk = '/welcome?name=Alice&join=1';
const ownTile = '.own-tile';
const left = tile('bob', [0, 0.25, 0.5, 0.5]);
const right = tile('self', [0.5, 0.25, 0.5, 0.5]);

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

test('a person who joins with a camera is seen, sees the room, and covers the own tile with the own camera', async () => {
  const { page, context, complaints } = await stage.visit('/welcome', {}, watchDevices);
  await page.keyboard.type('Alice');
  await page.getByLabel('Your camera').waitFor();
  await page.getByText('Your microphone works').waitFor();
  await page.keyboard.press('Enter');
  const { connection, farEnd, answer } = await stage.admitVideo(context, [participant('Bob')]);
  expect(answer.match(/a=sendrecv/g)).toHaveLength(3);
  expect(answer.match(/a=recvonly/g)).toHaveLength(1);
  connection.send(stageMessage([left, right]));
  await expectToCover(page, ownTile, right);
  await waitFor('the camera', async () => (await farEnd.packetsReceived(1, '1')) > 20);
  await page.getByText('Waiting for the picture').waitFor({ state: 'detached' });
  expectColour(await colourOf(page, 'video.shared'), sentColours['1']);
  // Mirrored, and with the name as the picture has it.
  const video = page.locator(`${ownTile} video`);
  expect(await video.evaluate((element) => getComputedStyle(element).transform)).toBe(
    'matrix(-1, 0, 0, 1, 0, 0)',
  );
  expect(await video.evaluate((element) => getComputedStyle(element).objectFit)).toBe('cover');
  expect(await page.locator(ownTile).innerText()).toBe('Alice');
  expect(complaints).toEqual([]);
});

test('the own tile moves smoothly with the stage, is cut as the picture is, and goes when one is not on it', async () => {
  const { page, context } = await stage.visit(kiosk);
  const { connection } = await stage.admitVideo(context, [participant('Bob')]);
  connection.send(stageMessage([left, right]));
  await expectToCover(page, ownTile, right);
  const moved = tile('self', [0.75, 0.05, 0.2, 0.2], { fit: 'contain' });
  connection.send(stageMessage([left, moved], { layout: '1:7' }));
  await expectToCover(page, ownTile, moved);
  const style = (of: string, property: 'objectFit' | 'transitionDuration'): Promise<string> =>
    page.locator(of).evaluate((element, name) => getComputedStyle(element)[name], property);
  expect(await style(`${ownTile} video`, 'objectFit')).toBe('contain');
  expect(await style(ownTile, 'transitionDuration')).toMatch(/^0\.3s/);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectToCover(page, ownTile, moved);
  connection.send(stageMessage([left]));
  await page.locator(ownTile).waitFor({ state: 'detached' });
});

test('the camera goes off and on by key and button, without a new offer, and off it is let go of', async () => {
  const { page, context } = await stage.visit(kiosk, {}, watchDevices);
  const { connection, farEnd } = await stage.admitVideo(context, [participant('Bob')]);
  connection.send(stageMessage([left, right]));
  expect(await connection.take('camera')).toEqual({ type: 'camera', on: true });
  await page.locator(ownTile).waitFor();
  await page.keyboard.press('v');
  expect(await connection.take('camera')).toEqual({ type: 'camera', on: false });
  await page.locator(ownTile).waitFor({ state: 'detached' });
  await waitFor('the camera to be let go', async () => !(await captured(page)).includes('video'));
  const before = await farEnd.packetsReceived(1, '1');
  await page.getByRole('button', { name: 'Turn camera on' }).click();
  expect(await connection.take('camera')).toEqual({ type: 'camera', on: true });
  await waitFor('the camera again', async () => (await farEnd.packetsReceived(1, '1')) > before + 20);
  await page.locator(ownTile).waitFor();
});

test('who fills the picture is shown the one without himself, as soon as it comes', async () => {
  const { page, context } = await stage.visit(kiosk);
  const { connection, farEnd } = await stage.admitVideo(context, [participant('Bob')]);
  await farEnd.send('3', undefined);
  const alone = tile('self', [0, 0, 1, 1]);
  connection.send(stageMessage([alone], { layout: '1:0' }));
  await expectToCover(page, ownTile, alone);
  await page.getByText('Waiting for the picture').waitFor({ state: 'detached' });
  connection.send(stageMessage([alone], { layout: '1:0', picture: 'alternate' }));
  await page.waitForTimeout(1_000);
  expect(await page.locator('.alternate.shown').count()).toBe(0);
  await farEnd.send('3', '#20a020');
  await page.locator('.alternate.shown').waitFor();
  await page.locator(ownTile).waitFor({ state: 'detached' });
  await waitFor('the new colour', async () => ((await colourOf(page, '.alternate'))[1] ?? 0) > 120);
  expectColour(await colourOf(page, '.alternate'), '#20a020');
  connection.send(stageMessage([alone], { layout: '1:0' }));
  await page.locator('.alternate.shown').waitFor({ state: 'detached' });
});

test('a person may choose to be seen as others see, which is remembered', async () => {
  const { page, context } = await stage.visit(kiosk);
  const first = await stage.admitVideo(context, [participant('Bob')]);
  first.connection.send(stageMessage([left, right]));
  await page.locator(ownTile).waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('Show me as others see me').check();
  await page.locator(ownTile).waitFor({ state: 'detached' });
  await page.reload();
  const second = await stage.admitVideo(context, [participant('Bob')]);
  second.connection.send(stageMessage([left, right]));
  await page.getByRole('button', { name: 'Settings' }).click();
  expect(await page.getByLabel('Show me as others see me').isChecked()).toBe(true);
  expect(await page.locator(ownTile).count()).toBe(0);
});

test('a camera is sent in the three sizes that the zone asks for, each with its limit', async () => {
  const { page, context, complaints } = await stage.visit(kiosk, {}, watchDevices);
  const connection = await stage.zone.nextConnection();
  await connection.take('join');
  const farEnd = await FarEnd.open(context, stage.zone.url);
  connection.send({ type: 'offer', offerId: 1, sdp: askForSimulcast(await farEnd.offerVideo(1)) });
  const { sdp } = await connection.take('answer');
  expect(sdp).toContain('a=simulcast:send q;h;f');
  await farEnd.accept(1, withoutSimulcast(sdp));
  connection.send(joinedMessage);
  expect(await sentEncodings(page, '1')).toEqual([
    { rid: 'q', scale: 4, maxBitrate: 120_000 },
    { rid: 'h', scale: 2, maxBitrate: 400_000 },
    { rid: 'f', scale: 1, maxBitrate: 1_200_000 },
  ]);
  expect(await sentEncodings(page, '2')).toEqual([
    expect.objectContaining({ maxBitrate: 2_500_000, maxFramerate: 15 }),
  ]);
  await page.getByRole('button', { name: 'Turn camera off' }).waitFor();
  await page.keyboard.press('s');
  const sizes = page.getByRole('table', { name: 'Sizes sent' });
  await sizes.getByRole('row').nth(2).waitFor();
  await sizes
    .getByText(/kbit\/s/)
    .first()
    .waitFor();
  expect(complaints).toEqual([]);
});

test('a link may say that the camera stays off; then it is not even asked for', async () => {
  const { page, context } = await stage.visit(`${kiosk}&camera=0`, {}, watchDevices);
  const { connection, farEnd } = await stage.admitVideo(context);
  expect(await captured(page)).toEqual(['audio']);
  await page.getByRole('button', { name: 'Turn camera on' }).click();
  expect(await connection.take('camera')).toEqual({ type: 'camera', on: false });
  expect(await connection.take('camera')).toEqual({ type: 'camera', on: true });
  await waitFor('the camera', async () => (await farEnd.packetsReceived(1, '1')) > 20);
});

test('on the join page the camera can be turned off, which is remembered', async () => {
  const { page } = await stage.visit('/welcome', {}, watchDevices);
  await page.getByLabel('Your camera').waitFor();
  await page.getByRole('button', { name: 'Turn camera off' }).click();
  await page.getByText('Your camera is off').waitFor();
  await waitFor('the camera to be let go', async () => !(await captured(page)).includes('video'));
  await page.reload();
  await page.getByText('Your camera is off').waitFor();
  await page.getByLabel('Your name').fill('Alice');
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  expect(await (await stage.zone.nextConnection()).take('join')).toMatchObject({ camera: false });
});

test.each([
  ['NotAllowedError', 'The browser does not allow the camera'],
  ['NotFoundError', 'No camera was found'],
  ['NotReadableError', 'The camera is busy'],
])('a camera that fails with %s is explained, and one joins without', async (name, words) => {
  const { page, context } = await stage.visit('/welcome', {}, cameraFailing(name));
  await page.getByText(words).waitFor();
  await page.getByLabel('Your name').fill('Alice');
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  const { connection, self } = await stage.admitVideo(context);
  expect(self.camera).toBe('off');
  expect(await page.getByText(words).count()).toBe(0);
  await page.getByRole('button', { name: 'Turn camera on' }).click();
  await page.getByText(words).waitFor();
  await page.getByRole('button', { name: 'Go on without' }).click();
  await page.getByText(words).waitFor({ state: 'detached' });
  await mendCamera(page);
  await page.keyboard.press('v');
  expect(await connection.take('camera')).toEqual({ type: 'camera', on: false });
  expect(await connection.take('camera')).toEqual({ type: 'camera', on: true });
});

test('a call without picture lets go of the camera and shows who is here', async () => {
  const { page, context } = await stage.visit(kiosk, {}, watchDevices);
  await stage.admit(context, [participant('Bob')]);
  await page.getByRole('list', { name: 'People in the room' }).getByText('Bob').waitFor();
  await waitFor('the camera to be let go', async () => !(await captured(page)).includes('video'));
  expect(await page.getByRole('button', { name: /camera|share|people/i }).count()).toBe(0);
});
