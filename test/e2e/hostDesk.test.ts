import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Stage } from '#test/support/Stage.ts';
import { readWav } from '#test/support/wav.ts';
import { hashPin } from '#zones/index.ts';

/** A room whose hosts have a PIN, and whose guests wait until one lets them in. */
async function start(): Promise<Stage> {
  const hostPin = await hashPin('1357');
  return Stage.start([], (zone) => {
    for (const room of zone.rooms) {
      if (zone.name === 'meetme') Object.assign(room, { host_pin: hostPin, lobby: true });
    }
  });
}

async function openAs(stage: Stage, name: string, toneHz: number): Promise<Page> {
  const url = `${stage.server.zone('meetme').https}/welcome?name=${name}&join=1&camera=0`;
  const { page } = await stage.open(url, { toneHz });
  await page.getByLabel('Hosts enter their PIN').waitFor({ timeout: 20_000 });
  return page;
}

async function direct(page: Page, who: string, action: string): Promise<void> {
  const people = page.getByRole('list', { name: 'People in the room' });
  const button = people.getByRole('button', { name: action, exact: true });
  // They stay open after a first wish.
  if ((await button.count()) === 0) await people.getByRole('button', { name: `Options for ${who}` }).click();
  await button.click();
}

test('a host with a PIN lets in, refuses, mutes, removes and ends; guests need no PIN, and phones hear what becomes of them', async () => {
  await using stage = await start();
  const host = await openAs(stage, 'Host', 440);
  await host.keyboard.type('1357');
  await host.keyboard.press('Enter');
  await host.getByRole('button', { name: 'People' }).click({ timeout: 20_000 });
  await host.getByRole('region', { name: 'Host controls' }).waitFor();
  const guest = await openAs(stage, 'Guest', 1010);
  await guest.getByRole('button', { name: 'Join as a guest' }).click();
  await guest.getByText('Waiting to be let in').waitFor();
  await host.getByRole('button', { name: 'Admit Guest' }).click();
  await guest.getByRole('button', { name: 'Mute', exact: true }).waitFor({ timeout: 20_000 });
  expect(await guest.getByRole('region', { name: 'Host controls' }).count()).toBe(0);
  await direct(host, 'Guest', 'Mute');
  await guest.getByText('A host has muted you').waitFor();
  await guest.getByRole('button', { name: 'Unmute', exact: true }).click();

  const phone = await stage.phone({ toneHz: 650, name: 'Phone' });
  phone.command('sndcode', '#');
  await host.getByRole('button', { name: 'Refuse Phone' }).click({ timeout: 20_000 });
  const endedAtMs = Date.now();
  await phone.whenEnded();
  // It was told so before, which takes a moment.
  expect(Date.now() - endedAtMs).toBeGreaterThan(1500);
  const recording = await phone.recording();
  await phone.stop();
  const { samples } = await readWav(recording);
  expect(samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)).toBeGreaterThan(0.1);

  await direct(host, 'Guest', 'Remove');
  await guest.getByRole('heading', { name: 'The call is over' }).waitFor();
  await host.getByRole('button', { name: 'End the meeting for all…' }).click();
  await host.getByRole('button', { name: 'End for all' }).click();
  await host.getByRole('heading', { name: 'The call is over' }).waitFor();
}, 120_000);
