import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layOut } from '#media/mixer/video/layouts/index.ts';
import type { Baresip } from '#test/support/Baresip.ts';
import { readPng, type Picture } from '#test/support/picture.ts';
import { distance, numberSide, seen, type Color } from '#test/support/seeing.ts';
import { Stage } from '#test/support/Stage.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { expectNowhere, placesOf, roomOnPage, tileOf, untilColors, untilSeen } from './looking.ts';
import { videoFigures, zoneCommand } from './zoneCommand.ts';

const room = { room: 'boardroom', zone: 'core' } as const;
const colors = { Alice: 'green', Bob: 'red', Carol: 'blue', Dave: 'yellow' } as const;

/** A room of four with one picture, in which a phone has a view that is laid out for the three others. */
async function expectOthersOf(name: 'Bob' | 'Carol', phone: Baresip): Promise<void> {
  const others = Object.values(colors).filter((color) => color !== colors[name]);
  const picture = await untilColors(name, () => phone.picture(), others);
  expectNowhere(name, picture, colors[name]);
  const guests = others.map((legId) => ({ legId, source: 'camera', aspect: 16 / 9 }) as const);
  const tiles = [...layOut('auto', guests)];
  const boxes = seen(picture);
  for (const color of others) {
    const box = boxes[color] ?? { x: 0, y: 0, width: 0, height: 0 };
    const tile = tiles.findIndex((candidate) => distance(candidate, box) < 0.03);
    expect(tile, `${name} sees ${color} at ${JSON.stringify(box)}`).toBeGreaterThanOrEqual(0);
    tiles.splice(tile, 1);
    expect(numberSide(picture, box), `the number on ${color} for ${name}`).toBe('left');
  }
}

/** JPEG decoded by a browser. */
async function decoded(file: string, stage: Stage): Promise<Picture> {
  const page = await stage.open('about:blank', { toneHz: 0 });
  const bytes = (await readFile(file)).toString('base64');
  const png = await page.page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/jpeg;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: image.width, height: image.height });
    canvas.getContext('2d')?.drawImage(image, 0, 0);
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  }, bytes);
  await page.close();
  return readPng(Buffer.from(png, 'base64'));
}

test('room systems with H.264 and VP8 and two browsers see exactly each other, each at its place', async () => {
  await using stage = await Stage.start();
  const alice = await stage.visit({
    ...room,
    name: 'Alice',
    toneHz: 1010,
    video: { color: colors.Alice, number: 1 },
  });
  const bob = { name: 'Bob', toneHz: 440, video: { codec: 'H264', color: colors.Bob, number: 2 } } as const;
  const carol = {
    name: 'Carol',
    toneHz: 620,
    video: { codec: 'VP8', color: colors.Carol, number: 3 },
  } as const;
  const phones = {
    Bob: await stage.phone(bob, room.room, room.zone),
    Carol: await stage.phone(carol, room.room, room.zone),
  };
  const dave = await stage.visit({
    ...room,
    name: 'Dave',
    toneHz: 1370,
    video: { color: colors.Dave, number: 4 },
  });
  for (const [name, page] of Object.entries({ Alice: alice, Dave: dave })) {
    await untilSeen(
      name,
      () => page.picture(),
      () => placesOf(page, colors),
    );
    const places = placesOf(page, colors) ?? {};
    const picture = await untilSeen(name, () => roomOnPage(page), places);
    for (const [person, color] of Object.entries(colors)) {
      const side = numberSide(picture, places[color] ?? { x: 0, y: 0, width: 0, height: 0 });
      // One's own camera is a mirror; the picture that goes through the server is none.
      expect(side, `${person} on the page of ${name}`).toBe(person === name ? 'right' : 'left');
    }
  }
  await expectOthersOf('Bob', phones.Bob);
  await expectOthersOf('Carol', phones.Carol);

  const file = join(stage.server.dataDir, 'picture.jpg');
  await zoneCommand(stage.server, 'picture', room.zone, room.room, '--out', file);
  await untilSeen('the administrator', () => decoded(file, stage), placesOf(alice, colors) ?? {}, 0);
  // The shared picture for both browsers, and one without himself for each phone.
  const { views, ladders, encoders } = await videoFigures(stage.server, room.zone);
  expect({ views, ladders }).toEqual({ views: 3, ladders: 3 });
  expect(encoders.VP8 + encoders.H264).toBe(3 + 1 + 1);
});

test('a camera that is turned off becomes a slate, a phone without video is a tile, and newcomers see at once', async ({
  annotate,
}) => {
  await using stage = await Stage.start();
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
  const both = { Alice: 'green', Dave: 'yellow' } as const;
  const look = (): Promise<Picture> => dave.picture();
  await untilSeen('Dave', look, () => placesOf(dave, both));

  await alice.page.getByRole('button', { name: 'Turn camera off' }).click();
  const slate = await untilSeen('Dave', look, () => placesOf(dave, { Dave: 'yellow' }), 10_000);
  expectNowhere('Dave', slate, 'green');
  await alice.page.getByRole('button', { name: 'Turn camera on' }).click();
  await untilSeen('Dave', look, () => placesOf(dave, both), 10_000);

  await stage.phone({ toneHz: 440, name: 'Bob' }, room.room, room.zone);
  const tile = await waitFor('a tile for the phone', () => tileOf(dave, 'Bob'));
  const withSlate = await untilSeen('Dave', look, () => placesOf(dave, both));
  expect(hasWriting(withSlate, tile), 'the name of the phone is on its tile').toBe(true);

  const late = await stage.visit({ ...room, name: 'Late', toneHz: 1730 });
  const seenAtMs = await waitFor('a picture for a newcomer', () => late.firstSeenAtMs());
  const waitedMs = seenAtMs - (late.told.joinedAtMs ?? 0);
  await annotate(`a newcomer saw the first picture ${waitedMs} ms after being let in`);
  expect(waitedMs).toBeLessThan(3_000);
  const colorsNow: Color[] = ['green', 'yellow'];
  await untilColors('Late', () => late.picture(), colorsNow);
});

/** Whether something bright is on a part of the picture that has no bright colour. */
function hasWriting(
  { width, height, rgb }: Picture,
  tile: { x: number; y: number; width: number; height: number },
): boolean {
  let bright = 0;
  for (let y = Math.ceil(tile.y * height) + 8; y < (tile.y + tile.height) * height - 8; y += 1) {
    for (let x = Math.ceil(tile.x * width) + 8; x < (tile.x + tile.width) * width - 8; x += 1) {
      const at = (y * width + x) * 3;
      if (Math.min(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0) > 160) bright += 1;
    }
  }
  return bright > 20;
}
