import { expect, test } from 'vitest';
import { ZonebridgeError } from '#kernel/index.ts';
import { readSession } from '#signaling/sdp/index.ts';
import { fixture, fingerprint, offer, readAudioOf } from './descriptions.ts';

const pcmu = 'm=audio 4000 RTP/AVP 0';

function refusal(text: string): string {
  try {
    readSession(text);
  } catch (error) {
    if (error instanceof ZonebridgeError && error.code === 'bad-description') return error.message;
    throw error;
  }
  throw new Error('it was read');
}

test('bare LF and bare CR end lines as CRLF does, and empty lines at the end are ignored', () => {
  const text = offer('m=audio 4000 RTP/AVP 0 8', 'a=sendonly');
  const reading = readSession(text);
  expect(readSession(text.replaceAll('\r\n', '\n'))).toEqual(reading);
  expect(readSession(text.replaceAll('\r\n', '\r'))).toEqual(reading);
  expect(readSession(`${text}\r\n\r\n`)).toEqual(reading);
});

test.each([
  ['', 'SDP line 1: must be v=0 (RFC 8866 §5.1)'],
  ['hello', 'SDP line 1: not of the form x=value (RFC 8866 §5)'],
  ['v=1\r\no=- 1 1 IN IP4 192.0.2.1\r\n', 'SDP line 1: must be v=0 (RFC 8866 §5.1)'],
  ['v=0\r\ns=-\r\n', 'SDP session level: must have one o= line (RFC 8866 §5.2)'],
  [offer(pcmu, '', 'a=sendrecv'), 'SDP line 7: not of the form x=value (RFC 8866 §5)'],
  [offer(pcmu, 'a=x\0y'), 'SDP line 7: has a NUL byte (RFC 8866 §5)'],
  [
    offer('m=audio x RTP/AVP 0'),
    'SDP section 1: its m= line is not "media port protocol formats" (RFC 8866 §5.14)',
  ],
  [offer('m=audio 70000 RTP/AVP 0'), 'SDP section 1: its port is over 65535'],
  [offer('m=audio 4000 RTP/AVP'), 'SDP section 1: its m= line names no format (RFC 8866 §5.14)'],
])('refuses a broken frame, saying where (%#)', (text, message) => {
  expect(refusal(text)).toBe(message);
});

test.each([
  ['longer than 131072 bytes', offer(pcmu, `a=x:${'y'.repeat(140_000)}`)],
  ['longer than 8192 characters', offer(pcmu, `a=x:${'y'.repeat(9000)}`)],
  ['more than 4000 lines', offer(pcmu, ...new Array<string>(4000).fill('a=x'))],
  ['more than 64 m= lines', offer(pcmu, ...new Array<string>(64).fill(pcmu))],
  ['more than 256 formats', offer(`m=audio 4000 RTP/AVP ${'0 '.repeat(257)}`)],
  [
    'more than 200 a=candidate lines',
    offer(
      pcmu,
      'a=ice-ufrag:abcd',
      `a=ice-pwd:${'p'.repeat(22)}`,
      ...new Array<string>(201).fill('a=candidate:1 1 udp 1 192.0.2.1 1 typ host'),
    ),
  ],
  [
    'more than 32 a=crypto lines',
    offer('m=audio 4000 RTP/SAVP 0', ...new Array<string>(33).fill('a=crypto:1 X inline:x')),
  ],
  [
    'more than 16 a=fingerprint lines',
    offer(
      'm=audio 4000 UDP/TLS/RTP/SAVP 0',
      ...new Array<string>(17).fill(`a=fingerprint:sha-256 ${fingerprint.value}`),
    ),
  ],
])('has a limit: %s', (message, text) => {
  expect(refusal(text)).toContain(message);
});

test('a refusal never quotes what the far end wrote', () => {
  expect(refusal(offer('m=marker-4711 x RTP/AVP 0'))).not.toContain('marker-4711');
  expect(refusal(offer(pcmu, 'c=marker-4711'))).not.toContain('marker-4711');
});

test('media level wins over session level, in any order of lines', () => {
  const session = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'a=sendonly', 'c=IN IP4 192.0.2.1', 't=0 0'];
  const own = ['m=audio 4000 RTP/AVP 0', 'a=ptime:30', 'a=recvonly', 'c=IN IP4 192.0.2.9', 'b=AS:64'];
  expect(readAudioOf([...session, ...own].join('\n'))).toMatchObject({
    direction: 'recvonly',
    address: '192.0.2.9',
    ptimeMs: 30,
  });
  expect(readAudioOf([...session, 'm=audio 4000 RTP/AVP 0'].join('\n'))).toMatchObject({
    direction: 'sendonly',
    address: '192.0.2.1',
  });
});

test.each([
  ['sendrecv', 'sendonly'],
  ['sendonly', 'sendonly'],
  ['recvonly', 'inactive'],
  ['inactive', 'inactive'],
])('the hold of old phones, c=0.0.0.0, takes receiving away: %s becomes %s', (written, meant) => {
  const audio = readAudioOf(offer(pcmu, 'c=IN IP4 0.0.0.0', `a=${written}`));
  expect(audio).toMatchObject({ direction: meant, address: '0.0.0.0' });
});

test.each([
  ['is missing', offer(pcmu).replace('c=IN IP4 192.0.2.1\r\n', ''), 'has no c= line, nor has the session'],
  ['is of another network', offer(pcmu, 'c=ATM NSAP 47'), 'its c= line is not "IN IP4|IP6 address"'],
  ['is multicast', offer(pcmu, 'c=IN IP4 224.2.1.1/127'), 'is multicast or broadcast'],
  ['is IPv6 multicast', offer(pcmu, 'c=IN IP6 ff02::1'), 'is multicast or broadcast'],
  ['is broadcast', offer(pcmu, 'c=IN IP4 255.255.255.255'), 'is multicast or broadcast'],
  ['mixes families', offer(pcmu, 'c=IN IP4 2001:db8::1'), 'mixes up IP4 and IP6'],
  ['is no address', offer(pcmu, 'c=IN IP4 192.0.2.300'), 'has no valid address'],
])('refuses a connection line that %s', (_what, text, message) => {
  expect(refusal(text)).toContain(message);
});

test('IPv6 is read, and a host name means that the address is unknown', () => {
  expect(readAudioOf(offer(pcmu, 'c=IN IP6 2001:db8::7')).address).toBe('2001:db8::7');
  expect(readAudioOf(offer(pcmu, 'c=IN IP4 phone.example'))).toMatchObject({
    address: '0.0.0.0',
    direction: 'sendrecv',
  });
});

test('a section with port 0 is disabled, and a later one with audio is used', () => {
  const session = readSession(
    offer('m=audio 0 RTP/AVP 0', 'm=video 4002 RTP/AVP 97', 'm=audio 4004 RTP/AVP 8'),
  );
  expect(session.audioIndex).toBe(2);
  expect(session.sections.map(({ disabled }) => disabled)).toEqual([true, false, false]);
  expect(session.sections[0]?.obstacle).toBe('disabled');
});

test('of several audio sections the first with SRTP is used, wherever it stands', () => {
  const key = Buffer.alloc(30).toString('base64');
  const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`;
  const plainFirst = readSession(
    offer(pcmu, 'm=audio 4002 RTP/SAVP 0', crypto, 'm=audio 4004 RTP/SAVP 0', crypto),
  );
  expect(plainFirst.audioIndex).toBe(1);
  expect(plainFirst.sections.map(({ audio }) => audio !== undefined)).toEqual([false, true, false]);
  const plainOnly = readSession(offer(pcmu, 'm=audio 4002 RTP/AVP 8'));
  expect(plainOnly.audioIndex).toBe(0);
});

test.each([
  ['transport', 'm=audio 4000 UDPTL 0'],
  ['codec', 'm=audio 4000 RTP/AVP 18 4'],
  ['security', 'm=audio 4000 RTP/SAVP 0'],
  ['disabled', 'm=audio 0 RTP/AVP 0'],
])('names the obstacle of an audio section that is of no use: %s', (obstacle, line) => {
  const session = readSession(offer(line));
  expect(session.audioIndex).toBeUndefined();
  expect(session.sections[0]).toMatchObject({ kind: 'audio', obstacle });
});

test('an m= line may count its ports and have spaces at its end', () => {
  const { sections } = readSession(offer('m=audio 4000/2  RTP/AVP  0 8 '));
  expect(sections[0]).toMatchObject({ protocol: 'RTP/AVP', formats: '0 8', audio: { port: 4000 } });
});

test('a refused section without formats is mirrored with one', () => {
  expect(readSession(offer(pcmu, 'm=video 0 RTP/AVP')).sections[1]).toMatchObject({ formats: '0' });
});

test('an offer without any section is read: there is nothing to use in it', () => {
  expect(readSession('v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nt=0 0\n')).toEqual({ sections: [], bundle: [] });
});

test('an offer of 200 payload types is read, whatever the numbers', () => {
  const numbers = Array.from({ length: 200 }, (_, number) => number).reverse();
  const codecs = readAudioOf(offer(`m=audio 4000 RTP/AVP ${numbers.join(' ')}`)).codecs;
  expect(codecs.map(({ name }) => name)).toEqual(['G722', 'PCMA', 'PCMU']);
});

test('a bundled section shares the transport of the first in its group', async () => {
  const text = (await fixture('chromium-offer'))
    .replace('BUNDLE 0 1 2', 'BUNDLE 1 0')
    .replace(/m=audio [^]*?a=setup:actpass\r\n/, (head) =>
      head.replace(/a=(?:ice-|fingerprint|setup|candidate).*\r\n/g, '').replace('m=audio 36134', 'm=audio 0'),
    )
    .replace('a=mid:0', 'a=mid:0\r\na=bundle-only');
  expect(readAudioOf(text)).toMatchObject({
    port: 60_219,
    ice: { usernameFragment: 'ts6x' },
    security: { kind: 'dtls', setup: 'actpass' },
  });
});

test.each([
  ['two sections have the same mid', offer(pcmu, 'a=mid:a', pcmu, 'a=mid:a'), 'has the same a=mid'],
  ['a mid is no token', offer(pcmu, `a=mid:${'x'.repeat(65)}`), 'a=mid is no token'],
  [
    'a mid stands in two groups',
    offer(pcmu, 'a=mid:a').replace('t=0 0', 't=0 0\r\na=group:BUNDLE a\r\na=group:BUNDLE a'),
    'a mid stands twice',
  ],
])('refuses a grouping where %s', (_what, text, message) => {
  expect(refusal(text)).toContain(message);
});

test('a group may name sections that are not there', () => {
  const text = offer(pcmu, 'a=mid:a').replace('t=0 0', 't=0 0\r\na=group:BUNDLE x a y');
  expect(readSession(text).bundle).toEqual(['a']);
});
