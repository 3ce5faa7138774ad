import { expect, test } from 'vitest';
import { Keypad, type KeypadCommand } from '#zones/Keypad.ts';

function type(digits: string): (KeypadCommand | undefined)[] {
  const keypad = new Keypad();
  return digits.split('').map((digit) => keypad.press(digit));
}

test('*6 toggles mute, each time it is typed', () => {
  expect(type('*6*6')).toEqual([undefined, 'toggle-mute', undefined, 'toggle-mute']);
});

test('a star starts over, so a mistyped command can be typed again', () => {
  expect(type('*5*6').at(-1)).toBe('toggle-mute');
  expect(type('**6').at(-1)).toBe('toggle-mute');
});

test('a 6 that does not follow a star does nothing', () => {
  expect(type('16*16')).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test('*3 is for who waits at the door', () => {
  expect(type('*3')).toEqual([undefined, 'admit-all']);
});
