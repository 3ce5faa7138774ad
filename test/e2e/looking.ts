import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { StageTile } from '#kernel/index.ts';
import type { BrowserPage } from '#test/support/Chromium.ts';
import type { Picture } from '#test/support/picture.ts';
import { colorNames, distance, seen, share, type Box, type Color } from '#test/support/seeing.ts';
import { waitFor } from '#test/support/waitFor.ts';

export type Places = Partial<Record<Color, Box>>;

/** Fraction of the picture by which an edge may be elsewhere. */
const tolerance = 0.03;

function differ(found: Places, expected: Places): boolean {
  return colorNames.some((color) => {
    const [is, should] = [found[color], expected[color]];
    if (is === undefined || should === undefined) return is !== should;
    return distance(is, should) > tolerance;
  });
}

function shown(places: Places): string {
  const numbers = ({ x, y, width, height }: Box): string =>
    [x, y, width, height].map((value) => value.toFixed(3)).join(' ');
  return Object.entries(places)
    .map(([color, box]) => `${color} at ${numbers(box)}`)
    .join(', ');
}

/** Looks again and again until exactly these colours are at exactly these places; returns that picture. */
export async function untilSeen(
  who: string,
  look: () => Promise<Picture>,
  expected: Places | (() => Places | undefined),
  timeoutMs = 25_000,
): Promise<Picture> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const picture = await look();
    const places = typeof expected === 'function' ? expected() : expected;
    const found = seen(picture);
    if (places !== undefined && !differ(found, places)) return picture;
    if (Date.now() > deadline) expect.fail(`${who} sees ${shown(found)} instead of ${shown(places ?? {})}`);
    await sleep(200);
  }
}

/** The same, wherever they are. */
export async function untilColors(
  who: string,
  look: () => Promise<Picture>,
  colors: readonly Color[],
  timeoutMs = 25_000,
): Promise<Picture> {
  const wanted = [...colors].sort().join();
  let found = '';
  return waitFor(
    `that ${who} sees ${wanted}`,
    async () => {
      const picture = await look();
      found = Object.keys(seen(picture)).sort().join();
      return found === wanted && picture;
    },
    timeoutMs,
    200,
  ).catch((error: unknown) => {
    throw new Error(`${who} sees ${found || 'no colour'} instead of ${wanted}`, { cause: error });
  });
}

/** By what the server told the page: where it should see whom. Undefined before it was told of all of them. */
export function placesOf(page: BrowserPage, people: Readonly<Record<string, Color>>): Places | undefined {
  const places: Places = {};
  for (const [name, color] of Object.entries(people)) {
    const tile = tileOf(page, name);
    if (tile === undefined) return undefined;
    places[color] = tile;
  }
  return places;
}

export function tileOf(page: BrowserPage, name: string): StageTile | undefined {
  const id = page.told.idOf(name);
  return page.told.last('stage')?.tiles.find(({ legId, source }) => legId === id && source === 'camera');
}

/** A part of a picture, as a picture. */
export function cut({ width, height, rgb }: Picture, box: Box): Picture {
  const [left, top] = [Math.round(box.x * width), Math.round(box.y * height)];
  const [columns, rows] = [Math.round(box.width * width), Math.round(box.height * height)];
  const part = new Uint8Array(columns * rows * 3);
  for (let y = 0; y < rows; y += 1) {
    const from = ((top + y) * width + left) * 3;
    part.set(rgb.subarray(from, from + columns * 3), y * columns * 3);
  }
  return { width: columns, height: rows, rgb: part };
}

/** The page's screenshot, cut to the mixed picture: what the person sees of the room. */
export async function roomOnPage(browser: BrowserPage): Promise<Picture> {
  const { page } = browser;
  const box = await page.locator('.picture').boundingBox();
  const size = page.viewportSize();
  if (box === null || size === null) throw new Error('the page shows no picture');
  const { width, height } = size;
  const part = { x: box.x / width, y: box.y / height, width: box.width / width, height: box.height / height };
  return cut(await browser.screenshot(), part);
}

/** Not even a thin line of somebody's colour may be on the picture. */
export function expectNowhere(who: string, picture: Picture, color: Color): void {
  expect(share(picture, color), `${who} sees ${color}`).toBeLessThan(0.0005);
}

/** Frames of the mixed picture a second, over `ms`. */
export async function frameRate(page: BrowserPage, ms: number): Promise<number> {
  const before = (await page.counts())?.framesDecoded ?? 0;
  const startedMs = performance.now();
  await sleep(ms);
  const frames = ((await page.counts())?.framesDecoded ?? 0) - before;
  return (frames * 1000) / (performance.now() - startedMs);
}
