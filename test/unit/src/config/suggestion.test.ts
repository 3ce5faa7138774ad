import { expect, test } from 'vitest';
import { suggestion } from '#src/config/suggestion.ts';

const allowed = ['certificate', 'client_ca', 'key', 'webrtc_port'];

test.each([
  ['certificat', 'certificate'],
  ['clientCA', 'client_ca'],
  ['client-ca', 'client_ca'],
  ['kee', 'key'],
  ['web_rtc_prot', 'webrtc_port'],
])('%s probably means %s', (given, meant) => {
  expect(suggestion(given, allowed)).toBe(meant);
});

test('a word that is near to none means none', () => {
  expect(suggestion('passphrase', allowed)).toBeUndefined();
  expect(suggestion('x', [])).toBeUndefined();
});
