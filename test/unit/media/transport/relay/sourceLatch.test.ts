import { expect, test } from 'vitest';
import { SourceLatch } from '#media/transport/relay/sourceLatch.ts';

const described = { address: '192.0.2.1', port: 4000 };
const real = { address: '198.51.100.7', port: 1234 };
const other = { address: '203.0.113.9', port: 999 };

test('until something comes, the description says where to send', () => {
  const latch = new SourceLatch();
  expect(latch.destination).toBeUndefined();
  latch.describe({ address: '0.0.0.0', port: 4000 });
  latch.describe({ address: '192.0.2.1', port: 9 });
  expect(latch.destination).toBeUndefined();
  latch.describe(described);
  expect(latch.destination).toEqual(described);
});

test('the first packet decides, wherever it comes from', () => {
  const latch = new SourceLatch();
  latch.describe(described);
  expect(latch.accept(real, 'unverified', 0)).toBe(true);
  expect(latch.destination).toEqual(real);
});

test('an authenticated packet moves it at once', () => {
  const latch = new SourceLatch();
  latch.accept(real, 'authenticated', 0);
  expect(latch.accept(other, 'authenticated', 1)).toBe(true);
  expect(latch.destination).toEqual(other);
});

test('an unverified packet moves it only after silence', () => {
  const latch = new SourceLatch();
  latch.accept(real, 'unverified', 0);
  expect(latch.accept(other, 'unverified', 1999)).toBe(false);
  expect(latch.destination).toEqual(real);
  expect(latch.accept(other, 'unverified', 2000)).toBe(true);
  expect(latch.destination).toEqual(other);
});

test('the same description again keeps the latch, another one drops it', () => {
  const latch = new SourceLatch();
  latch.describe(described);
  latch.accept(real, 'authenticated', 0);
  latch.describe({ ...described });
  expect(latch.destination).toEqual(real);
  latch.describe(other);
  expect(latch.destination).toEqual(other);
});
