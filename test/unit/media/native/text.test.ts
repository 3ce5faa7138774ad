import { expect, test } from 'vitest';
import { native, type TextMask } from '#media/native/index.ts';

const options = { sizePx: 32, maxWidthPx: 400, bold: false };

function ink({ mask }: TextMask): number {
  return mask.reduce((sum, coverage) => sum + coverage, 0);
}

function render(text: string, changed = {}): TextMask {
  const drawn = native.renderText(text, { ...options, ...changed });
  expect(drawn.mask.length).toBe(drawn.width * drawn.height);
  expect([drawn.width % 2, drawn.height % 2]).toEqual([0, 0]);
  expect(Math.min(drawn.width, drawn.height)).toBeGreaterThanOrEqual(2);
  return drawn;
}

test.each([
  'Ågot Ødegård',
  'Ελένη Дмитрий',
  'مريم العلي',
  'דוד',
  'अनुराधा',
  'สมชาย',
  '王小明 さくら 김민수',
  '☺ ♥',
  'a\u0301\u0302\u0303\u0304',
])('%s is drawn', (text) => {
  const drawn = render(text);
  expect(ink(drawn)).toBeGreaterThan(1000);
  expect(drawn.width).toBeLessThan(400);
  expect(Math.max(...drawn.mask)).toBeGreaterThan(200);
});

test('different letters of a script have different shapes', () => {
  for (const letters of ['王李', 'مد', 'αβ', 'अन'])
    expect(render(letters.slice(0, 1)).mask).not.toEqual(render(letters.slice(1)).mask);
});

test('no text is no ink', () => {
  for (const text of ['', ' ', '\n', '\0']) expect(ink(render(text))).toBe(0);
});

test('line ends and control characters are spaces', () => {
  const [spaced, broken] = [render('a b'), render('a\nb')];
  expect(broken).toEqual(spaced);
  for (const control of ['\0', '\t', '\u001b', '\u007f', '\u0085', '\u2028', '\u2029'])
    expect(render(`a${control}b`)).toEqual(spaced);
});

test('text of any length is one line within its width, cut with an ellipsis', () => {
  const line = render('A');
  for (const text of ['x'.repeat(10_000), '王'.repeat(10_000), 'ab '.repeat(5000), 'مريم '.repeat(2000)]) {
    const cut = render(text, { maxWidthPx: 201 });
    expect(cut.width).toBeLessThanOrEqual(200);
    expect(cut.width).toBeGreaterThan(100);
    expect(cut.height).toBeLessThan(2 * line.height);
  }
  expect(render('Maximiliane', { maxWidthPx: 100 })).not.toEqual(render('Maximiliana', { maxWidthPx: 400 }));
  expect(render('word', { maxWidthPx: 2 }).width).toBe(2);
  expect(render('e\u0301'.repeat(5000)).width).toBeLessThanOrEqual(400);
  expect(render(`e${'\u0301'.repeat(5000)}`).height).toBeLessThanOrEqual(96);
});

test('halves of surrogate pairs are drawn as replacement characters', () => {
  expect(render('\ud800')).toEqual(render('\ufffd'));
  expect(render('a\udc00b')).toEqual(render('a\ufffdb'));
});

test('bold text has more ink, larger text more pixels', () => {
  expect(ink(render('Name', { bold: true }))).toBeGreaterThan(1.1 * ink(render('Name')));
  const [small, large] = [render('Name', { sizePx: 6 }), render('Name', { sizePx: 400, maxWidthPx: 4000 })];
  expect(large.height).toBeGreaterThan(40 * small.height);
});

test('wrong options are refused with the name of what is wrong', () => {
  expect(() => render('a', { sizePx: 5 })).toThrow(/^options\.sizePx must be an integer from 6 to 400$/);
  expect(() => render('a', { maxWidthPx: 1 })).toThrow(/^options\.maxWidthPx must be from 2/);
  expect(() => render('a', { maxWidthPx: NaN })).toThrow(RangeError);
  expect(() => render('a', { bold: 1 })).toThrow(/^options\.bold must be a boolean$/);
  expect(() => native.renderText(1 as unknown as string, options)).toThrow(/^text must be a string$/);
});
