import { native } from '../../../native/index.ts';
import { canvasColor, fromHsl, parseColor, toYuv, white, type YuvColor } from './color.ts';
import { even, pictureOf, stamp, type DrawnPicture } from './picture.ts';
import { discMask } from './shapes.ts';

const accent = toYuv(parseColor('#8fd3ff'));
const soft = toYuv(parseColor('#c3c9d4'));
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What stands for a person whose camera is off: initials in a circle, in colours of his name. */
export function slate(width: number, height: number, { name }: { readonly name: string }): Uint8Array {
  const hue = hueOf(name);
  const drawn = pictureOf(width, height, toYuv(fromHsl(hue, 0.22, 0.2)));
  const size = even(Math.min(width, height) * 0.46);
  if (size < 8) return drawn.picture;
  const x = (width - size) / 2;
  // The name stands below it: on a small tile that is close.
  const middle = height / 2 - Math.max(0, 14 - height / 20);
  const y = middle - size / 2;
  stamp(drawn, discMask(size), x, y, toYuv(fromHsl(hue, 0.45, 0.42)));
  const initials = initialsOf(name);
  if (initials !== '') centre(drawn, initials, size * 0.42, size * 0.86, middle, white, true);
  return drawn.picture;
}

/** For who is alone, or not in the room yet: the first line large, the others below it; the banner is drawn over it like over any picture. */
export function welcomeSlate(width: number, height: number, lines: readonly string[]): Uint8Array {
  const drawn = pictureOf(width, height, canvasColor);
  const [title = '', ...rest] = lines;
  const unit = height / 720;
  const widest = width * 0.88;
  const blockHeight = (title === '' ? 0 : 84) + rest.length * 46;
  let middle = height / 2 - (blockHeight * unit) / 2 + 36 * unit;
  if (title !== '') {
    centre(drawn, title, 52 * unit, widest, middle, white, true);
    middle += 84 * unit;
  }
  rest.forEach((line, index) => {
    centre(drawn, line, 26 * unit, widest, middle, index === 0 ? soft : accent, false);
    middle += 46 * unit;
  });
  return drawn.picture;
}

/** The first letters of the first and the last word, as far as the script has letters of that kind. */
export function initialsOf(name: string): string {
  const words = name
    .split(/[\s.,;:()[\]{}"“”_/\\-]+/u)
    .filter((word) => /[\p{L}\p{N}\p{Emoji_Presentation}]/u.test(word));
  const [first = ''] = words;
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  return [first, last].map(firstGrapheme).join('').toLocaleUpperCase();
}

function firstGrapheme(word: string): string {
  for (const { segment } of graphemes.segment(word)) {
    if (/[\p{L}\p{N}\p{Emoji_Presentation}]/u.test(segment)) return segment;
  }
  return '';
}

/** FNV-1a: the same name has the same colour everywhere. */
function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash % 360;
}

/** A line of text around a point of the picture's middle axis. */
function centre(
  onto: DrawnPicture,
  text: string,
  sizePx: number,
  widest: number,
  middle: number,
  ink: YuvColor,
  bold: boolean,
): void {
  const options = { sizePx: Math.max(6, Math.min(400, Math.round(sizePx))), maxWidthPx: even(widest), bold };
  const mask = native.renderText(text, options);
  stamp(onto, mask, (onto.width - mask.width) / 2, middle - mask.height / 2, ink);
}
