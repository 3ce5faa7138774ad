import { expect, test } from 'vitest';
import type { BrowserPage } from '#test/support/Chromium.ts';
import type { Picture } from '#test/support/picture.ts';
import { colors as palette, seen, type Box, type Color } from '#test/support/seeing.ts';
import { Stage } from '#test/support/Stage.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { expectNowhere, placesOf, untilColors, untilSeen } from './looking.ts';

const room = { room: 'boardroom', zone: 'core' } as const;
const whole: Box = { x: 0, y: 0, width: 1, height: 1 };

async function chooseLayout({ page }: BrowserPage, title: string): Promise<void> {
  await page.getByRole('button', { name: 'Layout' }).click();
  await page.getByRole('menuitemradio', { name: new RegExp(`^${title}`) }).click();
}

function untilStage(page: BrowserPage, what: string, is: (page: BrowserPage) => boolean): Promise<true> {
  return waitFor(what, () => is(page) && (true as const), 20_000);
}

/**
 * How much of the contrast of the shared screen's stripes, which are two pixels wide at 1280, is left: the difference between
 * neighbours of two pixels in the middle of it, 0..1.
 */
function sharpness({ width, height, rgb }: Picture, box: Box = whole): number {
  const y = Math.round((box.y + box.height / 2) * height);
  const from = Math.round((box.x + 0.42 * box.width) * width);
  const to = Math.round((box.x + 0.58 * box.width) * width);
  const luma: number[] = [];
  for (let x = from; x < to; x += 1) luma.push(rgb[(y * width + x) * 3 + 1] ?? 0);
  luma.sort((a, b) => a - b);
  const at = (share: number): number => luma[Math.floor((luma.length - 1) * share)] ?? 0;
  return (at(0.8) - at(0.2)) / 255;
}

test('a host chooses the layout for all, and who fills the picture is given another one, without himself', async () => {
  await using stage = await Stage.start();
  const people = { Alice: 'green', Dave: 'yellow' } as const;
  const alice = await stage.visit({
    ...room,
    name: 'Alice',
    toneHz: 1010,
    video: { color: 'green', number: 1 },
  });
  const dave = await stage.visit({
    ...room,
    name: 'Dave',
    toneHz: 1370,
    video: { color: 'yellow', number: 4 },
  });
  await untilSeen(
    'Alice',
    () => alice.picture(),
    () => placesOf(alice, people),
  );
  await dave.page.getByRole('button', { name: /^Mute/ }).click();
  await waitFor(
    'silence of Dave',
    () => alice.told.last('roster')?.participants.find(({ name }) => name === 'Dave')?.muted,
  );

  await chooseLayout(dave, 'Speaker only');
  await untilStage(alice, 'the chosen layout', ({ told }) => told.last('stage')?.layout === '1:0');
  await untilStage(alice, 'the alternate picture', ({ told }) => told.last('stage')?.picture === 'alternate');
  await untilSeen(
    'Dave',
    () => dave.picture(),
    () => ({ green: whole }),
  );
  const other = await untilSeen('Alice', () => alice.picture('alternate'), { yellow: whole });
  expectNowhere('Alice', other, 'green');
  expect(dave.told.last('stage')?.picture).toBe('shared');

  await chooseLayout(alice, 'Automatic');
  await untilStage(alice, 'the shared picture', ({ told }) => told.last('stage')?.picture === 'shared');
  await untilSeen(
    'Dave',
    () => dave.picture(),
    () => placesOf(dave, people),
  );
});

test('a shared screen is sharp for a browser and in the picture of a phone, and one who shares ends another’s', async () => {
  await using stage = await Stage.start();
  const alice = await stage.visit({
    ...room,
    name: 'Alice',
    toneHz: 1010,
    video: { color: 'green', number: 1, screen: 'cyan' },
  });
  const dave = await stage.visit({
    ...room,
    name: 'Dave',
    toneHz: 1370,
    video: { color: 'yellow', number: 4, screen: 'magenta' },
  });
  const bob = { name: 'Bob', toneHz: 440, video: { codec: 'H264', color: 'red', number: 2 } } as const;
  const phone = await stage.phone(bob, room.room, room.zone);
  const share = ({ page }: BrowserPage): Promise<void> =>
    page.getByRole('button', { name: 'Share screen' }).click();

  await share(alice);
  await untilStage(dave, 'the sharer', ({ told }) => told.last('stage')?.sharer === alice.told.selfId);
  const screen = await untilSeen('Dave', () => dave.picture('screen'), { cyan: whole });
  expect(screen.width).toBe(1280);
  expect(sharpness(screen)).toBeGreaterThan(0.5);
  await untilScreen('Dave', () => dave.picture(), dave, 'cyan');
  const onPhone = await untilColors('Bob', () => phone.picture(), ['cyan', 'green', 'yellow']);
  expect(seen(onPhone).cyan?.width).toBeGreaterThan(0.5);

  await share(dave);
  await waitFor('the end of the first share', () => alice.told.count('stop-sharing') === 1);
  await alice.page.getByRole('button', { name: 'Share screen' }).waitFor();
  await untilSeen('Alice', () => alice.picture('screen'), { magenta: whole });
  await untilScreen('Alice', () => alice.picture(), alice, 'magenta');

  await dave.page.getByRole('button', { name: 'Stop sharing' }).first().click();
  await untilStage(alice, 'no sharer', ({ told }) => told.last('stage')?.sharer === null);
  await untilColors('Bob', () => phone.picture(), ['green', 'yellow']);
});

/** The screen is where the stage has its tile, as large as its shape allows. */
async function untilScreen(
  who: string,
  look: () => Promise<Picture>,
  page: BrowserPage,
  color: Color,
): Promise<void> {
  await waitFor(
    `that ${who} sees the ${color} screen (${palette[color].join()}) in the picture`,
    async () => {
      const tile = page.told.last('stage')?.tiles.find(({ source }) => source === 'screen');
      const box = seen(await look())[color];
      if (tile === undefined || box === undefined) return false;
      return Math.abs(box.x + box.width / 2 - tile.x - tile.width / 2) < 0.03 && box.width > tile.width * 0.9;
    },
    25_000,
    200,
  );
}
