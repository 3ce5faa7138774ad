import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DigitEntry } from '#zones/rooms/DigitEntry.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function entryOf(most = 8): { entry: DigitEntry; codes: string[]; type: (keys: string) => void } {
  const codes: string[] = [];
  const entry = new DigitEntry({ most, onCode: (code) => codes.push(code) });
  const type = (keys: string): void => keys.split('').forEach((key) => entry.press(key));
  return { entry, codes, type };
}

test('a hash completes the code', () => {
  const { codes, type } = entryOf();
  type('1234');
  expect(codes).toEqual([]);
  type('#98#');
  expect(codes).toEqual(['1234', '98']);
});

test('a pause of five seconds after a digit completes it, and each digit begins the pause anew', () => {
  const { codes, type } = entryOf();
  type('12');
  vi.advanceTimersByTime(4900);
  type('3');
  vi.advanceTimersByTime(4900);
  expect(codes).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(codes).toEqual(['123']);
});

test('the longest length completes it at once, and nothing follows from the pause', () => {
  const { codes, type } = entryOf(6);
  type('1234567');
  expect(codes).toEqual(['123456']);
  type('*');
  vi.advanceTimersByTime(10_000);
  expect(codes).toEqual(['123456']);
});

test('a star starts over', () => {
  const { codes, type } = entryOf();
  type('99*1234#');
  expect(codes).toEqual(['1234']);
});

test('a hash without digits, and keys that no phone has, do nothing', () => {
  const { codes, type } = entryOf();
  type('#A1B2#');
  expect(codes).toEqual(['12']);
});

test('closed, it hands over nothing that was typed before or is typed after', async () => {
  const { entry, codes, type } = entryOf();
  type('1234');
  await entry.close('test');
  await entry.close('again');
  type('5#');
  vi.advanceTimersByTime(10_000);
  expect(codes).toEqual([]);
});

test('a hash alone is an answer where none need be typed', () => {
  const codes: string[] = [];
  const entry = new DigitEntry({ most: 8, mayBeEmpty: true, onCode: (code) => codes.push(code) });
  entry.press('#');
  expect(codes).toEqual(['']);
});
