import { expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import { ZoneFixture } from './ZoneFixture.ts';

test('*6 mutes and unmutes, and the roster shows it', async () => {
  await using zone = await ZoneFixture.open();
  const [alice, bob] = [await zone.joined('Alice'), await zone.joined('Bob')];
  const isMuted = (): boolean => zone.mixer.legs.get(alice.owner.participantId)?.muted === true;
  for (const digit of '*6') alice.owner.digit(digit);
  await bob.sees('Alice muted', 'Bob');
  await waitFor('her leg is muted', isMuted);
  for (const digit of '*6') alice.owner.digit(digit);
  await bob.sees('Alice', 'Bob');
  await waitFor('her leg is heard', () => !isMuted());
});

test('who joins muted is muted before he is shown', async () => {
  await using zone = await ZoneFixture.open();
  const alice = await zone.joined('Alice');
  const bob = await zone.browser('Bob', { muted: true });
  expect(zone.mixer.legs.get(bob.owner.participantId)?.muted).toBe(true);
  await alice.sees('Alice', 'Bob muted');
  expect(alice.rosters.flat().some(({ name, muted }) => name === 'Bob' && !muted)).toBe(false);
});

test('somebody who hammers on mute ends as he pressed last', async () => {
  await using zone = await ZoneFixture.open();
  const alice = await zone.joined('Alice');
  for (let press = 1; press <= 501; press += 1) alice.owner.setMuted(press % 2 === 1);
  await alice.sees('Alice muted');
  await waitFor('the leg follows', () => zone.mixer.legs.get(alice.owner.participantId)?.muted === true);
  alice.owner.setMuted(false);
  await waitFor('the leg follows', () => zone.mixer.legs.get(alice.owner.participantId)?.muted === false);
});

test('after the worker’s death a browser is offered again, and a phone goes on', async () => {
  await using zone = await ZoneFixture.open();
  const [browser, phone] = [await zone.browser('Bob'), await zone.joined('Alice')];
  expect(browser.offers).toHaveLength(1);
  killWorker(zone);
  await waitFor('another offer', () => browser.offers.length === 2);
  expect(browser.offers[1]?.audio.ice).not.toEqual(browser.offers[0]?.audio.ice);
  await waitFor('it was followed', () => zone.causes('media restored').length === 1);
  expect([browser.ended, phone.ended]).toEqual([false, false]);
  await phone.sees('Alice', 'Bob');
});

test('a browser that asks for offers without end gets one at a time, and stays', async () => {
  await using zone = await ZoneFixture.open();
  const browser = await zone.browser('Bob');
  for (let wish = 0; wish < 200; wish += 1) browser.owner.reofferWanted();
  await waitFor('it was offered again', () => zone.causes('media restored').length === 1);
  browser.owner.reofferWanted();
  expect(browser.offers.length).toBeLessThanOrEqual(3);
  await waitFor('the last wish was heard', () => zone.causes('media restored').length >= 2);
  expect(browser.ended).toBe(false);
});

function killWorker({ media }: ZoneFixture): void {
  if (media.workerPid === undefined) throw new Error('no worker runs');
  process.kill(media.workerPid, 'SIGKILL');
}
