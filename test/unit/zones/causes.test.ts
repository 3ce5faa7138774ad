import { expect, test } from 'vitest';
import { ZonebridgeError } from '#kernel/index.ts';
import { isDefect, terminationOf } from '#zones/causes.ts';

test('what was thrown becomes the reason of the refusal, with its text for the zone’s own log', () => {
  const error = new ZonebridgeError('busy', 'no port is free', { cause: new Error('20000 to 20099') });
  expect(terminationOf(error)).toEqual({ cause: 'busy', detail: 'no port is free: 20000 to 20099' });
  expect(terminationOf(new ZonebridgeError('not-acceptable', 'no codec')).cause).toBe('not-acceptable');
  expect(terminationOf(new TypeError('x is not a function')).cause).toBe('failed');
});

test('a far end that is slow, gone or wrong is no defect; what nobody expected is', () => {
  for (const code of ['timeout', 'closed', 'bad-description', 'busy'] as const) {
    expect(isDefect(new ZonebridgeError(code, 'ordinary'))).toBe(false);
  }
  expect(isDefect(new ZonebridgeError('internal', 'ours'))).toBe(true);
  expect(isDefect(new TypeError('x is not a function'))).toBe(true);
});
