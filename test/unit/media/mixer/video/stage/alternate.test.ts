import { expect, test } from 'vitest';
import { layOut, type Guest } from '#media/mixer/video/layouts/index.ts';
import { alternateFor, alternateOrder } from '#media/mixer/video/stage/index.ts';

const guests = (count: number): Guest[] =>
  Array.from({ length: count }, (_, index) => ({ legId: `${index}`, source: 'camera', aspect: 16 / 9 }));

test('who fills the picture is given another one; nobody in a grid, nobody who is alone', () => {
  expect(alternateFor(layOut('1:7', guests(4)), 4)).toBe('0');
  expect(alternateFor(layOut('1:0', guests(2)), 2)).toBe('0');
  expect(alternateFor(layOut('1:21', guests(9)), 9)).toBe('0');
  expect(alternateFor(layOut('auto', guests(2)), 2)).toBeUndefined();
  expect(alternateFor(layOut('3x3', guests(9)), 9)).toBeUndefined();
  expect(alternateFor(layOut('auto', guests(1)), 1)).toBeUndefined();
  const screen: Guest = { legId: 'sharer', source: 'screen', aspect: 1.6 };
  expect(alternateFor(layOut('presentation', [screen, ...guests(3)]), 3)).toBeUndefined();
});

test('the other picture shows whoever spoke before, and never the one that it is for', () => {
  expect(alternateOrder(['a', 'b', 'c'], 'a', 'c')).toEqual(['c', 'b']);
  expect(alternateOrder(['a', 'b', 'c'], 'a', undefined)).toEqual(['b', 'c']);
  expect(alternateOrder(['a', 'b'], 'a', 'gone')).toEqual(['b']);
});
