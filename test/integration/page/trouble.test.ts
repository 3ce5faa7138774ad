import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { FarEnd } from './FarEnd.ts';
import { participant, Stage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterEach(async () => {
  stage.zone.accepting = true;
  await stage.closePages();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

test('after a lost connection the page counts down and comes back with the same name, muted as before', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1');
  const { connection } = await stage.admit(context, [participant('Bob')]);
  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  connection.cut();
  await page.getByText('The connection to the server was lost').waitFor();
  await page.getByText(/Trying again (in \d+ s|now…) \(attempt 1 of 8\)/).waitFor();
  const again = await stage.zone.nextConnection();
  expect(await again.take('join')).toMatchObject({ type: 'join', name: 'Alice', muted: true });
});

test('coming back is said to screen readers again, and nobody of before is said to have left', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1');
  const { connection } = await stage.admit(context, [participant('Bob')]);
  await page.getByText('2 people').waitFor();
  connection.cut();
  await page.locator('[aria-live=polite]').filter({ hasNotText: /./ }).waitFor({ state: 'attached' });
  await stage.admit(context, [participant('Bob', { id: 'bob-again' })]);
  await page.getByText('2 people').waitFor();
  expect(await page.locator('[aria-live=polite]').innerText()).toBe('You are in the call');
});

test('a server that stops says so, and the person may try at once or leave', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1');
  const { connection } = await stage.admit(context);
  stage.zone.accepting = false;
  connection.send({ type: 'ended', text: 'The server is stopping', mayRejoin: true });
  await page.getByText('The server is stopping').waitFor();
  await page.getByText('attempt 2 of 8').waitFor();
  stage.zone.accepting = true;
  await page.getByRole('button', { name: 'Try now' }).click();
  await (await stage.zone.nextConnection()).take('join');
  await page.getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('heading', { name: 'You left the call' }).waitFor();
});

test('a refusal is shown in the words of the zone', async () => {
  const { page } = await stage.visit('/welcome?name=Alice&join=1');
  const connection = await stage.zone.nextConnection();
  await connection.take('join');
  connection.send({ type: 'refused', text: 'The meeting is full. Try again later', mayRetry: true });
  await page.getByRole('heading', { name: 'You could not join' }).waitFor();
  await page.getByText('The meeting is full. Try again later.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  const second = await stage.zone.nextConnection();
  await second.take('join');
  second.send({ type: 'refused', text: 'This meeting cannot be joined', mayRetry: false });
  await page.getByText('This meeting cannot be joined.').waitFor();
  expect(await page.getByRole('button').count()).toBe(0);
});

test('a call that ended for good is not joined again by itself', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1');
  const { connection } = await stage.admit(context);
  connection.send({ type: 'ended', text: 'The call has ended', mayRejoin: false });
  await page.getByRole('heading', { name: 'The call is over' }).waitFor();
  await page.getByText('The call has ended.').waitFor();
});

const failures = [
  ['NotFoundError', 'No microphone was found'],
  ['NotAllowedError', 'The browser does not allow the microphone'],
  ['NotReadableError', 'The microphone is busy'],
] as const;

test.each(failures)('a microphone that fails with %s is explained', async (name, words) => {
  const { page } = await stage.visit('/welcome', {}, microphoneFailing(name));
  await page.getByText(words).waitFor();
  await page.getByRole('button', { name: 'Try again' }).waitFor();
});

test('without a microphone a person may join to listen, and speak once there is one', async () => {
  const { page, context } = await stage.visit(
    '/welcome?name=Alice&join=1',
    {},
    microphoneFailing('NotFoundError'),
  );
  await page.getByRole('button', { name: 'Join to listen only' }).click();
  const { connection, farEnd, answer } = await stage.admit(context);
  expect(answer).toContain('a=recvonly');
  await page.getByText('Listening only').waitFor();
  await page.getByRole('button', { name: 'Only listen' }).click();
  await page.getByText('No microphone was found').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Turn microphone on' }).click();
  await page.getByRole('button', { name: 'Try again' }).first().waitFor();
  await page.evaluate(() => (window as unknown as { mendMicrophone: () => void }).mendMicrophone());
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await connection.take('reoffer');
  connection.send({ type: 'offer', offerId: 2, sdp: await farEnd.offer(2) });
  expect((await connection.take('answer')).sdp).toContain('a=sendrecv');
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
});

test('audio that does not get through is explained while the page keeps trying', async () => {
  const { page } = await stage.visit('/welcome?name=Alice&join=1', {}, () => {
    // A network that lets nothing through: no candidate pair ever works.
    Object.assign(RTCPeerConnection.prototype, { setLocalDescription: () => Promise.resolve() });
  });
  const connection = await stage.zone.nextConnection();
  await connection.take('join');
  const helper = await stage.visit('/?far-end');
  const farEnd = await FarEnd.open(helper.context, stage.zone.url);
  connection.send({ type: 'offer', offerId: 1, sdp: await farEnd.offer(1) });
  await connection.take('answer');
  connection.send({
    type: 'joined',
    participantId: 'self',
    room: { name: 'r', title: 'R' },
    zone: { name: 'z' },
    host: false,
  });
  await page.getByText('The audio does not get through').waitFor({ timeout: 15_000 });
});

test('where the browser wants a click before it makes a sound, the page asks for one', async () => {
  const { page, context } = await stage.visit('/welcome?name=Alice&join=1', {}, () => {
    const media = HTMLMediaElement.prototype as { play: (this: HTMLMediaElement) => Promise<void> };
    const { play } = media;
    media.play = function playAfterClick() {
      return navigator.userActivation.hasBeenActive
        ? play.call(this)
        : Promise.reject(new DOMException('no click yet', 'NotAllowedError'));
    };
  });
  await stage.admit(context);
  await page.getByRole('button', { name: 'Click to hear the others' }).click();
  await page.getByRole('button', { name: 'Click to hear the others' }).waitFor({ state: 'detached' });
  expect(await page.locator('audio').evaluate((audio: HTMLAudioElement) => audio.paused)).toBe(false);
});

/** A script for the page whose microphone rejects until `mendMicrophone` is called. */
function microphoneFailing(name: string): () => void {
  const script = `
    const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    if (!location.search.includes('far-end')) {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('broken', '${name}'));
      window.mendMicrophone = () => { navigator.mediaDevices.getUserMedia = original; };
    }`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  return new Function(script) as () => void;
}
