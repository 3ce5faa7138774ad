import { expect, test } from 'vitest';
import { readSession } from '#signaling/sdp/index.ts';
import { audioOf, fingerprint, offer, ourKey, readAudioOf } from './descriptions.ts';

const aes = 'AES_CM_128_HMAC_SHA1_80';
const key = ourKey(aes);

function keysOf(...crypto: string[]): string[] {
  const { security } = readAudioOf(
    offer('m=audio 4000 RTP/AVP 0', ...crypto.map((line) => `a=crypto:${line}`)),
  );
  return security.kind === 'sdes'
    ? security.keys.map(({ tag, suite }) => `${tag} ${suite}`)
    : [security.kind];
}

function dtlsOffer(...attributes: string[]): string {
  return offer('m=audio 4000 UDP/TLS/RTP/SAVPF 0', 'a=rtcp-mux', ...attributes);
}

const sha256 = `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`;

test('static payload types need no rtpmap, and names match without case', () => {
  const { codecs } = readAudioOf(
    offer('m=audio 4000 RTP/AVP 9 8 0 97', 'a=rtpmap:0 pcmu/8000/1', 'a=rtpmap:97 OPUS/48000/2'),
  );
  expect(codecs.map(({ name, payloadType }) => `${name} ${payloadType}`)).toEqual([
    'G722 9',
    'PCMA 8',
    'PCMU 0',
    'opus 97',
  ]);
});

test('a payload type that was given another meaning has that meaning', () => {
  expect(readAudioOf(offer('m=audio 4000 RTP/AVP 0 8', 'a=rtpmap:0 G729/8000')).codecs).toHaveLength(1);
});

test.each(['opus/48000', 'opus/48000/1', 'opus/16000/2', 'G722/16000', 'PCMA/16000', 'PCMU/8000/2'])(
  'a codec in a shape that its RFC does not know is left out: %s',
  (rtpmap) => {
    const { codecs } = readAudioOf(offer('m=audio 4000 RTP/AVP 96 0', `a=rtpmap:96 ${rtpmap}`));
    expect(codecs.map(({ payloadType }) => payloadType)).toEqual([0]);
  },
);

test('two different rtpmaps for one payload type are refused, the same one twice is not', () => {
  const twice = (second: string): string =>
    offer('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 opus/48000/2', `a=rtpmap:96 ${second}`);
  expect(() => readSession(twice('G722/8000'))).toThrow('payload type 96 has two different rtpmaps');
  expect(readAudioOf(twice('opus/48000/2')).codecs).toHaveLength(1);
});

test('codec parameters are read with names in lower case, flags with an empty value', () => {
  const parameters = readAudioOf(
    offer(
      'm=audio 4000 RTP/AVP 96',
      'a=fmtp:96 UseInbandFEC=1; stereo=0 ;cbr;maxaveragebitrate=24000;x=a=b',
      'a=rtpmap:96 opus/48000/2',
    ),
  ).codecs[0]?.parameters;
  expect(parameters).toEqual({
    useinbandfec: '1',
    stereo: '0',
    cbr: '',
    maxaveragebitrate: '24000',
    x: 'a=b',
  });
});

test('telephone-event is taken with the clock of the first codec, else with 8 kHz', () => {
  const events = ['a=rtpmap:100 telephone-event/48000', 'a=rtpmap:101 telephone-event/8000'];
  const lines = ['m=audio 4000 RTP/AVP 96 0 100 101', 'm=audio 4000 RTP/AVP 0 96 100 101'] as const;
  const opus = 'a=rtpmap:96 opus/48000/2';
  const picked = lines.map((line) => readAudioOf(offer(line, opus, ...events)).telephoneEvent?.payloadType);
  expect(picked).toEqual([100, 101]);
  const only8000 = readAudioOf(offer('m=audio 4000 RTP/AVP 96 101', opus, ...events));
  expect(only8000.telephoneEvent).toEqual({ payloadType: 101, clockRateHz: 8000 });
});

test('crypto lines are read with lifetime, and unknown suites are passed over', () => {
  expect(keysOf(`1 ${aes} inline:${key}|2^31`, `2 ${aes} inline:${key}|1048576`)).toEqual([
    `1 ${aes}`,
    `2 ${aes}`,
  ]);
  expect(keysOf(`1 AES_256_CM_HMAC_SHA1_80 inline:${key}`, `9 ${aes}  inline:${key}`)).toEqual([`9 ${aes}`]);
  expect(keysOf(`1 F8_128_HMAC_SHA1_80 inline:${key}`)).toEqual(['none']);
});

test.each([
  ['an MKI', `1 ${aes} inline:${key}|2^31|1:4`],
  ['two keys', `1 ${aes} inline:${key}|2^20|1:4;inline:${key}|2^20|2:4`],
  ['a key of the wrong length', `1 ${aes} inline:${key.slice(4)}`],
  ['a key that is no base64', `1 ${aes} inline:${'%'.repeat(40)}`],
  ['no key method', `1 ${aes} ${key}`],
  ['a tag that is no number', `x ${aes} inline:${key}`],
  ['clear RTCP', `1 ${aes} inline:${key} UNENCRYPTED_SRTCP`],
  ['clear RTP after another parameter', `1 ${aes} inline:${key} WSH=128 UNENCRYPTED_SRTP`],
  ['no authentication', `1 ${aes} inline:${key} UNAUTHENTICATED_SRTP`],
  ['a key derivation rate', `1 ${aes} inline:${key} KDR=4`],
])('a crypto line with %s is as good as absent', (_what, line) => {
  expect(keysOf(line, `7 ${aes} inline:${key}`)).toEqual([`7 ${aes}`]);
});

test('session parameters that may be ignored do not matter, and a tag counts once', () => {
  expect(keysOf(`1 ${aes} inline:${key} WSH=256 -FEC_ORDER=FEC_SRTP`, `1 ${aes} inline:${key}`)).toEqual([
    `1 ${aes}`,
  ]);
});

test('DTLS takes fingerprints of media before session level, every hash but the forbidden ones', () => {
  const sha512 = `a=fingerprint:SHA-512 ${fingerprint.value}:${fingerprint.value}`;
  const md5 = `a=fingerprint:md5 ${fingerprint.value.slice(0, 47)}`;
  const text = dtlsOffer(sha256.toLowerCase(), sha512, md5).replace(
    't=0 0',
    `t=0 0\r\na=fingerprint:sha-1 ${fingerprint.value.slice(0, 59)}`,
  );
  const { security } = readAudioOf(text);
  expect(security).toMatchObject({ kind: 'dtls', fingerprints: [fingerprint, { algorithm: 'sha-512' }] });
});

test.each([
  ['has no fingerprint', dtlsOffer(), 'offers DTLS without a=fingerprint'],
  ['has half a fingerprint', dtlsOffer('a=fingerprint:sha-256 AB:CD'), 'must have 32 bytes'],
  ['has a fingerprint that is no hex', dtlsOffer('a=fingerprint:sha-256 XY'), 'is not "hash AA:BB:…"'],
  ['has a setup that does not exist', dtlsOffer(sha256, 'a=setup:both'), 'a=setup is none of'],
  ['has no ICE password', dtlsOffer(sha256, 'a=ice-ufrag:abcd'), 'a=ice-pwd is missing'],
  [
    'has a short ICE name',
    dtlsOffer(sha256, 'a=ice-ufrag:abc', `a=ice-pwd:${'p'.repeat(22)}`),
    'a=ice-ufrag is',
  ],
])('DTLS that %s is refused', (_what, text, message) => {
  expect(() => readSession(text)).toThrow(message);
});

test('without a=setup the offerer is active and the answerer passive', () => {
  expect(audioOf(readSession(dtlsOffer(sha256))).security).toMatchObject({ setup: 'active' });
  expect(audioOf(readSession(dtlsOffer(sha256), 'answer')).security).toMatchObject({ setup: 'passive' });
});

test('an answer that leaves the choice to us, as baresip writes it, is taken as active', () => {
  const answer = readSession(dtlsOffer(sha256, 'a=setup:actpass'), 'answer');
  expect(audioOf(answer).security).toMatchObject({ setup: 'active' });
});

test('DTLS on hold, or with only a forbidden hash, is no usable security', () => {
  const obstacles = [dtlsOffer(sha256, 'a=setup:holdconn'), dtlsOffer('a=fingerprint:md5 00:11')].map(
    (text) => readSession(text).sections[0]?.obstacle,
  );
  expect(obstacles).toEqual(['security', 'security']);
});

test('best effort: RTP/AVP prefers DTLS to SDES, RTP/SAVP means SDES', () => {
  const both = [sha256, 'a=setup:actpass', `a=crypto:1 ${aes} inline:${key}`];
  expect(readAudioOf(offer('m=audio 4000 RTP/AVP 0', ...both)).security.kind).toBe('dtls');
  expect(readAudioOf(offer('m=audio 4000 RTP/SAVPF 0', ...both)).security.kind).toBe('sdes');
  expect(readAudioOf(offer('m=audio 4000 RTP/SAVPF 0', sha256, 'a=setup:actpass')).security.kind).toBe(
    'dtls',
  );
});

test('RTCP goes to its own attribute, else to the next port, else shares the port', () => {
  const rtcp = (...attributes: string[]): unknown => {
    const { rtcpMux, rtcpPort } = readAudioOf(offer('m=audio 4000 RTP/AVP 0', ...attributes));
    return rtcpMux ? 'mux' : rtcpPort;
  };
  expect(rtcp()).toBe(4001);
  expect(rtcp('a=rtcp:5555 IN IP4 192.0.2.9')).toBe(5555);
  expect(rtcp('a=rtcp:5555', 'a=rtcp-mux')).toBe('mux');
  expect(rtcp('a=rtcp-mux-only')).toBe('mux');
  expect(() => rtcp('a=rtcp:99999')).toThrow('RTCP has no port');
  expect(() => readSession(offer('m=audio 65535 RTP/AVP 0'))).toThrow('RTCP has no port');
});

test('ICE candidates: UDP and TCP of component 1 with addresses; names and the rest are left out', () => {
  const ice = ['a=ice-ufrag:1234', `a=ice-pwd:${'1'.repeat(22)}`, 'a=ice-options:trickle'];
  const candidates = [
    'a=candidate:1 1 UDP 2130706431 192.0.2.7 5000 typ host',
    'a=candidate:1 2 UDP 2130706430 192.0.2.7 5001 typ host',
    'a=candidate:2 1 tcp 1518283007 2001:db8::7 9 typ host tcptype active',
    'a=candidate:3 1 udp 99999999999 192.0.2.8 5000 typ host',
    'a=candidate:4 1 udp 1 0f0f.local 5000 typ host',
    'a=candidate:5 1 sctp 1 192.0.2.8 5000 typ host',
    'a=candidate:nonsense',
  ];
  expect(readAudioOf(dtlsOffer(sha256, ...ice, ...candidates)).ice).toEqual({
    usernameFragment: '1234',
    password: '1'.repeat(22),
    lite: false,
    candidates: [
      { foundation: '1', priority: 2_130_706_431, address: '192.0.2.7', port: 5000, protocol: 'udp' },
      {
        foundation: '2',
        priority: 1_518_283_007,
        address: '2001:db8::7',
        port: 9,
        protocol: 'tcp',
        tcpType: 'active',
      },
    ],
  });
});

test('a browser whose address is not known yet has not put us on hold', () => {
  const ice = ['a=ice-ufrag:abcd', `a=ice-pwd:${'p'.repeat(22)}`, 'c=IN IP4 0.0.0.0'];
  expect(readAudioOf(dtlsOffer(sha256, ...ice)).direction).toBe('sendrecv');
});

test('header extensions are read with and without a direction, inactive and impossible ids are not', () => {
  const { headerExtensions } = readAudioOf(
    offer(
      'm=audio 4000 RTP/AVP 0',
      'a=extmap:1/sendonly urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on',
      'a=extmap:2/inactive urn:ietf:params:rtp-hdrext:sdes:mid',
      'a=extmap:15 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
      'a=extmap:7 urn:unknown',
    ),
  );
  expect(headerExtensions).toEqual({ audioLevel: 1 });
});

test('the first source and its name are read; a number that is no SSRC is not', () => {
  const ssrc = (...lines: string[]): unknown => {
    const { ssrc: id, cname } = readAudioOf(offer('m=audio 4000 RTP/AVP 0', ...lines));
    return { id, cname };
  };
  expect(ssrc('a=ssrc:7 msid:a b', 'a=ssrc:8 cname:x', 'a=ssrc:7 cname:42')).toEqual({ id: 7, cname: '42' });
  expect(ssrc('a=ssrc:4294967296 cname:x')).toEqual({ id: undefined, cname: undefined });
});

test.each(['0', '20.5', '5000', 'x'])('a packet time of %s is no packet time', (ptime) => {
  expect(readAudioOf(offer('m=audio 4000 RTP/AVP 0', `a=ptime:${ptime}`)).ptimeMs).toBeUndefined();
});
