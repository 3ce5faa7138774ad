import { expect, test } from 'vitest';
import type { AudioDescription, MediaDirection } from '#kernel/index.ts';
import { readSession, writeAnswer, writeOffer } from '#signaling/sdp/index.ts';
import {
  answerTo,
  audioOf,
  describedIn,
  fingerprint,
  offer,
  origin,
  ourIce,
  ourKey,
} from './descriptions.ts';

const browser: AudioDescription = {
  mid: '0',
  direction: 'sendrecv',
  codecs: [
    {
      name: 'opus',
      payloadType: 111,
      clockRateHz: 48_000,
      channels: 2,
      parameters: { minptime: '10', useinbandfec: '1' },
    },
    { name: 'PCMU', payloadType: 0, clockRateHz: 8000, channels: 1, parameters: {} },
  ],
  telephoneEvent: { payloadType: 126, clockRateHz: 8000 },
  security: { kind: 'dtls', fingerprints: [fingerprint], setup: 'actpass' },
  ice: ourIce,
  address: '203.0.113.5',
  port: 40_000,
  rtcpMux: true,
  ssrc: 99,
  cname: 'fresh',
  headerExtensions: { audioLevel: 10, mid: 1, transportCc: 5, absSendTime: 4 },
  ptimeMs: 20,
};

const phone: AudioDescription = {
  direction: 'sendrecv',
  codecs: browser.codecs,
  telephoneEvent: { payloadType: 101, clockRateHz: 8000 },
  security: {
    kind: 'sdes',
    keys: [
      { tag: 1, suite: 'AEAD_AES_256_GCM', key: ourKey('AEAD_AES_256_GCM') },
      { tag: 2, suite: 'AES_CM_128_HMAC_SHA1_80', key: ourKey('AES_CM_128_HMAC_SHA1_80') },
    ],
  },
  address: '2001:db8::5',
  port: 40_000,
  rtcpMux: false,
  rtcpPort: 40_001,
  headerExtensions: {},
  ptimeMs: 20,
};

test('an offer to a browser is one bundled DTLS-SRTP section of an ICE-lite agent', () => {
  expect(
    writeOffer({ audio: browser }, { sessionId: '4711', sessionVersion: 3 }, 'browser').split('\r\n'),
  ).toEqual([
    'v=0',
    'o=- 4711 3 IN IP4 0.0.0.0',
    's=-',
    'c=IN IP4 203.0.113.5',
    't=0 0',
    'a=ice-lite',
    'a=group:BUNDLE 0',
    'm=audio 40000 UDP/TLS/RTP/SAVPF 111 0 126',
    'a=rtpmap:111 opus/48000/2',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:126 telephone-event/8000',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=fmtp:126 0-15',
    'a=rtcp-fb:111 transport-cc',
    'a=rtcp-fb:0 transport-cc',
    'a=extmap:10 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    'a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
    'a=setup:actpass',
    'a=mid:0',
    'a=msid:zonebridge audio',
    'a=ptime:20',
    'a=sendrecv',
    'a=ice-ufrag:abcdefgh',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    'a=candidate:udp 1 udp 1078862079 203.0.113.5 40000 typ host',
    'a=candidate:tcp 1 tcp 1078862078 2001:db8::5 40000 typ host tcptype passive',
    'a=end-of-candidates',
    'a=ssrc:99 cname:fresh',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    `a=fingerprint:sha-256 ${fingerprint.value}`,
    '',
  ]);
});

test('an offer to a phone has every suite of ours, and nothing that only browsers know', () => {
  expect(writeOffer({ audio: phone }, origin, 'phone').split('\r\n')).toEqual([
    'v=0',
    'o=- 4711 1 IN IP4 0.0.0.0',
    's=-',
    'c=IN IP6 2001:db8::5',
    't=0 0',
    'm=audio 40000 RTP/SAVP 111 0 101',
    'a=rtpmap:111 opus/48000/2',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=fmtp:101 0-15',
    'a=rtcp:40001',
    `a=crypto:1 AEAD_AES_256_GCM inline:${ourKey('AEAD_AES_256_GCM')}`,
    `a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${ourKey('AES_CM_128_HMAC_SHA1_80')}`,
    'a=ptime:20',
    'a=sendrecv',
    '',
  ]);
});

test('the profile of an offer to a phone follows its security', () => {
  const plain: AudioDescription = { ...phone, security: { kind: 'none' } };
  expect(writeOffer({ audio: plain }, origin, 'phone')).toContain('m=audio 40000 RTP/AVP ');
  expect(writeOffer({ audio: browser }, origin, 'phone')).toContain('m=audio 40000 UDP/TLS/RTP/SAVP ');
});

test('a browser is never offered SDES, no ICE or no mid', () => {
  const withoutMid = { ...browser } as { -readonly [K in keyof AudioDescription]: AudioDescription[K] };
  delete withoutMid.mid;
  const withoutIce = { ...phone, mid: '0', security: browser.security };
  for (const audio of [phone, withoutMid, withoutIce]) {
    expect(() => writeOffer({ audio }, origin, 'browser')).toThrow('needs DTLS, ICE and a mid');
  }
});

const key = ourKey('AES_CM_128_HMAC_SHA1_80');

function answered(text: string, changes: Partial<AudioDescription> = {}): AudioDescription {
  const remote = readSession(text);
  const { audio } = answerTo(describedIn(remote));
  const answer = writeAnswer(remote, { audio: { ...audio, ...changes } }, origin);
  return audioOf(readSession(answer, 'answer'));
}

test.each([
  ['sendrecv', 'sendrecv', 'sendrecv'],
  ['sendonly', 'sendrecv', 'recvonly'],
  ['recvonly', 'sendrecv', 'sendonly'],
  ['inactive', 'sendrecv', 'inactive'],
  ['sendrecv', 'sendonly', 'sendonly'],
  ['sendonly', 'sendonly', 'inactive'],
] as const)('%s answered by a side that wants %s is %s', (offered, ours, direction) => {
  const text = offer('m=audio 4000 RTP/AVP 0', `a=${offered}`);
  expect(answered(text, { direction: ours satisfies MediaDirection }).direction).toBe(direction);
});

test('the answer takes the tag of the line that was chosen', () => {
  const gcm = ourKey('AEAD_AES_256_GCM');
  const lines = [
    `a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:${key}`,
    `a=crypto:8 AEAD_AES_256_GCM inline:${gcm}`,
  ];
  const { security } = answered(offer('m=audio 4000 RTP/SAVP 0', ...lines));
  expect(security).toEqual({ kind: 'sdes', keys: [{ tag: 8, suite: 'AEAD_AES_256_GCM', key: gcm }] });
});

test('rtcp-mux is answered only where it was offered', () => {
  const text = offer('m=audio 4000 RTP/AVP 0');
  expect(answered(text, { rtcpMux: true, rtcpPort: 40_001 })).toMatchObject({
    rtcpMux: false,
    rtcpPort: 40_001,
  });
  expect(answered(offer('m=audio 4000 RTP/AVP 0', 'a=rtcp-mux'), { rtcpMux: true }).rtcpMux).toBe(true);
});

test('a header extension is answered only with the id that was offered', () => {
  const level = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
  const mid = 'urn:ietf:params:rtp-hdrext:sdes:mid';
  const { headerExtensions } = answered(
    offer('m=audio 4000 RTP/AVP 0', `a=extmap:1 ${level}`, `a=extmap:9 ${mid}`),
  );
  expect(headerExtensions).toEqual({ audioLevel: 1 });
});

test('without a group in the offer there is none in the answer, and the mid stays', () => {
  const text = writeAnswer(
    readSession(offer('m=audio 4000 RTP/AVP 0', 'a=mid:one')),
    answerTo(describedIn(readSession(offer('m=audio 4000 RTP/AVP 0')))),
    origin,
  );
  expect(text).toContain('a=mid:one\r\n');
  expect(text).not.toContain('a=group');
});

test('null refuses everything, in order and with formats and mids', () => {
  const remote = readSession(offer('m=audio 4000 RTP/AVP 0', 'a=mid:0', 'm=image 4002 udptl t38'));
  expect(writeAnswer(remote, null, origin).split('\r\n')).toEqual([
    'v=0',
    'o=- 4711 1 IN IP4 0.0.0.0',
    's=-',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'm=audio 0 RTP/AVP 0',
    'a=mid:0',
    'm=image 0 udptl t38',
    '',
  ]);
});

test('what cannot answer the offer is a defect of the caller', () => {
  const plain = readSession(offer('m=audio 4000 RTP/AVP 0'));
  const dtls = readSession(
    offer('m=audio 4000 UDP/TLS/RTP/SAVP 0', `a=fingerprint:sha-256 ${fingerprint.value}`, 'a=setup:actpass'),
  );
  const none = readSession(offer('m=video 4000 RTP/AVP 97'));
  expect(() => writeAnswer(plain, { audio: phone }, origin)).toThrow('sdes cannot answer none');
  expect(() => writeAnswer(dtls, { audio: browser }, origin)).toThrow('chooses setup active or passive');
  expect(() => writeAnswer(none, { audio: phone }, origin)).toThrow('no audio section');
});
