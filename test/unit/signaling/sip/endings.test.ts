import { expect, test } from 'vitest';
import { terminationCauses, terminationTexts } from '#kernel/index.ts';
import { byeReason, causeOfEngine, reasonHeader, refusalOf, warningHeader } from '#signaling/sip/endings.ts';

test('a refusal is always a failure, and says the cause’s sentence and nothing else of the call', () => {
  for (const cause of terminationCauses) {
    const { status, headers } = refusalOf(cause);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(headers.Reason).toBe(`SIP;cause=${status};text="${terminationTexts[cause]}"`);
  }
});

test('an unknown room and a refused call differ in nothing', () => {
  expect(refusalOf('forbidden')).toEqual(refusalOf('not-found'));
});

test('what passes by itself may be tried again, and says when', () => {
  const retried = terminationCauses.filter((cause) => refusalOf(cause).headers['Retry-After'] !== undefined);
  expect(retried).toEqual(['no-capacity', 'zone-draining', 'server-stopping', 'worker-lost']);
});

test('a normal end has cause 200 in its BYE', () => {
  expect(byeReason('local-hangup')).toBe('SIP;cause=200;text="The call has ended"');
  expect(byeReason('media-timeout')).toBe('SIP;cause=408;text="No audio or video arrived for too long"');
});

test('no text can break out of its quotes, end its line or leave ASCII', () => {
  const text = 'a"b\\c\r\nX: y § … é';
  expect(reasonHeader(400, text)).toBe(`SIP;cause=400;text="a'b/c??X: y section  ... ?"`);
  expect(warningHeader(399, text)).toBe(`399 zonebridge "a'b/c??X: y section  ... ?"`);
});

test.each([
  ['SIP;cause=200;text="ACK timeout"', 'ack-timeout'],
  ['SIP;cause=408;text="Session timer expired"', 'session-expired'],
  ['SIP;cause=430;text="Flow lost"', 'transport-lost'],
  [undefined, 'transport-lost'],
])('the engine’s own goodbye %s means %s', (reason, cause) => {
  expect(causeOfEngine(reason)).toBe(cause);
});
