import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { MarkerBook } from '#src/leakTest/MarkerBook.ts';
import { Searcher } from '#src/leakTest/search/Searcher.ts';

const caller = { name: 'Alice', zone: 'core' };

function planted(count = 1): MarkerBook {
  const book = new MarkerBook();
  for (let number = 0; number < count; number += 1) book.plant(`field ${number}`, caller);
  return book;
}

function foundIn(book: MarkerBook, bytes: Buffer): readonly string[] {
  const found: string[] = [];
  new Searcher(book.markers).search(bytes, ({ field }, form) => found.push(`${field}, ${form}`));
  return found;
}

const forms: Readonly<Record<string, (text: string) => Buffer>> = {
  'as it is': (text) => Buffer.from(text),
  'in capitals': (text) => Buffer.from(text.toUpperCase()),
  'UTF-16': (text) => Buffer.from(text, 'utf16le'),
  hexadecimal: (text) => Buffer.from(Buffer.from(text).toString('hex')),
  HEXADECIMAL: (text) => Buffer.from(Buffer.from(text).toString('hex').toUpperCase()),
  'percent-encoded': (text) =>
    Buffer.from(Buffer.from(text).toString('hex').toUpperCase().replaceAll(/../g, '%$&')),
  reversed: (text) => Buffer.from(text).reverse(),
};

/** One whose hexadecimal is not the same in capitals, its cut ends left aside. */
function plantedWithLetters(): MarkerBook {
  for (;;) {
    const book = planted();
    if (/[j-oz]/.test(book.markers[0]?.value.slice(4, -4) ?? '')) return book;
  }
}

test.each(Object.entries(forms))(
  'a marker is found %s, wherever it stands among other bytes',
  (form, write) => {
    const book = plantedWithLetters();
    for (let before = 0; before < 40; before += 1) {
      const bytes = Buffer.concat([
        randomBytes(before),
        write(book.markers[0]?.value ?? ''),
        randomBytes(30),
      ]);
      expect(foundIn(book, bytes)).toContain(`field 0, ${form}`);
    }
  },
);

test('a marker is found in base64, behind any number of other bytes', () => {
  const book = planted();
  for (let before = 0; before < 6; before += 1) {
    const bytes = Buffer.concat([
      randomBytes(before),
      Buffer.from(book.markers[0]?.value ?? ''),
      randomBytes(5),
    ]);
    expect(foundIn(book, Buffer.from(bytes.toString('base64'))).join()).toContain('base64');
    expect(foundIn(book, Buffer.from(bytes.toString('base64url'))).join()).toContain('base64');
  }
});

test('a marker is found whose ends were cut off, and one at the very end of what is searched', () => {
  const book = planted();
  const value = book.markers[0]?.value ?? '';
  expect(foundIn(book, Buffer.from(`.${value.slice(2, -2)}.`))).toHaveLength(1);
  expect(foundIn(book, Buffer.from(value))).toHaveLength(1);
});

test('digits of sixteen places are found too, and nothing but what is there', () => {
  const book = new MarkerBook();
  const pin = book.plantDigits('PIN', caller);
  book.plantDigits('another PIN', caller);
  expect(foundIn(book, Buffer.from(`{"code":"${pin}"}`))).toEqual(['PIN, as it is']);
});

test('of hundreds of markers each is found, and none in what is random', () => {
  const book = planted(400);
  const text = book.markers.map(({ value }) => value).join(' ');
  expect(new Set(foundIn(book, Buffer.from(text))).size).toBe(400);
  expect(foundIn(book, randomBytes(8 << 20))).toEqual([]);
});
