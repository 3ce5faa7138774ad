import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

function readStyle(name: string): string {
  return readFileSync(new URL(`../../../web/src/page/${name}`, import.meta.url), 'utf8');
}

/** The custom properties of the n-th `:root` block: light, then dark on top of it. */
function colours(block: number): ReadonlyMap<string, string> {
  const text = readStyle('base.css').split(':root {')[block + 1]?.split('}')[0] ?? '';
  return new Map(
    [...text.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** WCAG 2.2 relative luminance. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Text on ground, and what WCAG AA asks for: 4.5 for text, 3 for what only has to be seen. */
const pairs = [
  ['text', 'ground', 4.5],
  ['text', 'surface', 4.5],
  ['text', 'warning-ground', 4.5],
  ['soft', 'ground', 4.5],
  ['soft', 'surface', 4.5],
  ['soft', 'raised', 4.5],
  ['soft', 'line', 3],
  ['accent', 'surface', 4.5],
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-strong', 4.5],
  ['on-danger', 'danger', 4.5],
  ['on-danger', 'danger-strong', 4.5],
  ['good', 'surface', 4.5],
  ['warning', 'warning-ground', 4.5],
  ['danger-text', 'surface', 4.5],
  ['warning-ground', 'warning', 4.5],
  ['talk', 'surface', 3],
  ['field-line', 'surface', 3],
  ['accent', 'ground', 3],
  ['accent', 'raised', 4.5],
] as const;

test.each([
  ['light', colours(0)],
  ['dark', new Map([...colours(0), ...colours(1)])],
])('the %s colours have the contrast of WCAG AA', (_scheme, named) => {
  const tooFaint = pairs
    .map(([text, ground, least]) => {
      const ratio = contrast(named.get(text) ?? '#000000', named.get(ground) ?? '#000000');
      return ratio < least ? `${text} on ${ground}: ${ratio.toFixed(2)}` : '';
    })
    .filter((fault) => fault !== '');
  expect(tooFaint).toEqual([]);
});

test('white initials can be read on every avatar', () => {
  const avatars = [...readStyle('roster.css').matchAll(/\.colour-\d \{\s*background: (#[\da-f]{6})/g)].map(
    ([, value = '']) => value,
  );
  expect(avatars).toHaveLength(6);
  expect(avatars.filter((colour) => contrast('#ffffff', colour) < 4.5)).toEqual([]);
});
