import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { StageTile } from '#kernel/stage.ts';
import type { ServerMessage } from '#signaling/web/protocol.ts';
import { waitFor } from '#test/support/waitFor.ts';

type StageMessage = Extract<ServerMessage, { type: 'stage' }>;

export function stageMessage(tiles: readonly StageTile[], change: Partial<StageMessage> = {}): StageMessage {
  return { type: 'stage', layout: 'auto', tiles, picture: 'shared', sharer: null, ...change };
}

/** `at`: x, y, width and height as fractions of the picture. */
export function tile(
  legId: string,
  [x, y, width, height]: readonly [number, number, number, number],
  change: Partial<StageTile> = {},
): StageTile {
  return { legId, source: 'camera', x, y, width, height, fit: 'cover', ...change };
}

/** Where an element lies on the picture, in the picture's own fractions. */
export async function placeOnPicture(page: Page, selector: string): Promise<readonly number[]> {
  return page.evaluate((wanted) => {
    const box = (one: string): DOMRect => {
      const element = document.querySelector(one);
      if (element === null) throw new Error(`the page has no ${one}`);
      return element.getBoundingClientRect();
    };
    const [picture, inner] = [box('.picture'), box(wanted)];
    return [
      (inner.x - picture.x) / picture.width,
      (inner.y - picture.y) / picture.height,
      inner.width / picture.width,
      inner.height / picture.height,
    ];
  }, selector);
}

/** Waits until an element covers a tile of the stage within one hundredth of the picture. */
export async function expectToCover(page: Page, selector: string, wanted: StageTile): Promise<void> {
  await page.locator(selector).waitFor();
  const { x, y, width, height } = wanted;
  let place: readonly number[] = [];
  const covers = async (): Promise<boolean> => {
    place = await placeOnPicture(page, selector);
    return [x, y, width, height].every((value, i) => Math.abs(value - (place[i] ?? NaN)) < 0.01);
  };
  await waitFor(`${selector} lying at its tile`, covers).catch(() =>
    expect(place, selector).toEqual([x, y, width, height]),
  );
}

/** What a video shows in its middle, as three numbers of 0..255. */
export async function colourOf(page: Page, selector: string): Promise<readonly number[]> {
  return page.locator(selector).evaluate((video: HTMLVideoElement) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
    const context = canvas.getContext('2d');
    const { videoWidth, videoHeight } = video;
    context?.drawImage(video, videoWidth / 2, videoHeight / 2, 1, 1, 0, 0, 1, 1);
    return [...(context?.getImageData(0, 0, 1, 1).data ?? [])].slice(0, 3);
  });
}

export function expectColour(seen: readonly number[], hex: string): void {
  const wanted = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const distance = Math.max(...wanted.map((value, i) => Math.abs(value - (seen[i] ?? NaN))));
  expect(distance, `${seen.join(' ')} instead of ${wanted.join(' ')}`).toBeLessThan(24);
}
