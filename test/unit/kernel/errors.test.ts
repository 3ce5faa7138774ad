import { expect, test } from 'vitest';
import {
  ZonebridgeError,
  errorCodeOf,
  errorText,
  termination,
  terminationCauses,
  terminationTexts,
} from '#kernel/index.ts';

test('an error has a code to branch on and keeps its cause', () => {
  const cause = new Error('disk full');
  const error = new ZonebridgeError('unavailable', 'the record cannot be written', { cause });
  expect(errorCodeOf(error)).toBe('unavailable');
  expect(error.cause).toBe(cause);
  expect(error.name).toBe('ZonebridgeError');
});

test('what is not ours counts as a defect of ours', () => {
  expect(errorCodeOf(new TypeError('undefined is not a function'))).toBe('internal');
  expect(errorCodeOf('text')).toBe('internal');
});

test('the text of an error holds its causes, in one line', () => {
  const error = new ZonebridgeError('internal', 'outer', {
    cause: new Error('inner', { cause: 'innermost' }),
  });
  expect(errorText(error)).toBe('outer: inner: innermost');
  expect(errorText(42)).toBe('42');
});

test('an unknown room and a refused call read the same at the far end', () => {
  expect(terminationTexts['not-found']).toBe(terminationTexts.forbidden);
});

test('every cause of an ending has a sentence, and detail is optional', () => {
  for (const cause of terminationCauses) expect(terminationTexts[cause]).toMatch(/^[A-Z]/);
  expect(termination('busy')).toEqual({ cause: 'busy' });
  expect(termination('busy', 'room x')).toEqual({ cause: 'busy', detail: 'room x' });
});
