import { expect, test } from 'vitest';
import type { AudioDescription, SessionDescription, VideoCodec, VideoDescription } from '#kernel/index.ts';
import { readSession, writeAnswer, writeOffer, writeReoffer } from '#signaling/sdp/index.ts';
import {
  answerTo,
  describedIn,
  fingerprint,
  fixture,
  origin,
  ourH264,
  ourIce,
  ourKey,
  videoOf,
  videoOffer,
} from './descriptions.ts';

const transport = {
  direction: 'sendrecv',
  security: { kind: 'dtls', fingerprints: [fingerprint], setup: 'actpass' },
  ice: ourIce,
  address: '203.0.113.5',
  port: 40_000,
  rtcpMux: true,
  cname: 'fresh',
} as const;

const audio: AudioDescription = {
  ...transport,
  mid: '0',
  codecs: [{ name: 'opus', payloadType: 111, clockRateHz: 48_000, channels: 2, parameters: {} }],
  headerExtensions: { mid: 1 },
};

const vp8: VideoCodec = {
  name: 'VP8',
  payloadType: 96,
  parameters: {},
  feedback: ['nack', 'nack pli', 'transport-cc'],
  rtxPayloadType: 97,
};

const camera: VideoDescription = {
  ...transport,
  mid: '1',
  codecs: [vp8],
  ssrc: 1001,
  rtxSsrc: 1002,
  rids: ['q', 'h', 'f'],
  maxBitrate: 2_500_000,
  headerExtensions: { mid: 1, rid: 2, repairedRid: 3, videoOrientation: 11 },
};

const browser: SessionDescription = {
  audio,
  video: camera,
  screen: { ...transport, mid: '2', codecs: [vp8], ssrc: 2001, headerExtensions: { mid: 1 } },
  alternate: {
    ...transport,
    mid: '3',
    direction: 'sendonly',
    codecs: [vp8],
    ssrc: 3001,
    headerExtensions: { mid: 1 },
  },
};

const sdes = {
  security: {
    kind: 'sdes',
    keys: [{ tag: 1, suite: 'AES_CM_128_HMAC_SHA1_80', key: ourKey('AES_CM_128_HMAC_SHA1_80') }],
  },
  direction: 'sendrecv',
  address: '203.0.113.5',
  rtcpMux: false,
  headerExtensions: {},
} as const;

const h264: VideoCodec = {
  name: 'H264',
  payloadType: 108,
  parameters: ourH264,
  feedback: ['nack pli', 'ccm fir'],
};

const phone = {
  audio: { ...sdes, codecs: audio.codecs, port: 40_000, rtcpPort: 40_001 },
  video: {
    ...sdes,
    codecs: [h264, { name: 'VP8', payloadType: 96, parameters: {}, feedback: ['nack pli'] }],
    port: 40_002,
    rtcpPort: 40_003,
    ssrc: 1001,
    cname: 'fresh',
    maxBitrate: 2_000_000,
  },
} as const satisfies SessionDescription;

/** The lines of the section with this index. */
function section(text: string, index: number): string[] {
  return (text.split(/(?=^m=)/m)[index + 1] ?? '').split('\r\n').filter((line) => line !== '');
}

test('a browser is offered four bundled sections, of the camera three sizes', () => {
  const text = writeOffer(browser, origin, 'browser');
  expect(text).toContain('a=group:BUNDLE 0 1 2 3\r\n');
  expect(section(text, 1)).toEqual([
    'm=video 40000 UDP/TLS/RTP/SAVPF 96 97',
    'b=TIAS:2500000',
    'a=rtpmap:96 VP8/90000',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
    'a=rtcp-fb:96 nack',
    'a=rtcp-fb:96 nack pli',
    'a=rtcp-fb:96 transport-cc',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
    'a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
    'a=extmap:11 urn:3gpp:video-orientation',
    'a=setup:actpass',
    'a=mid:1',
    'a=msid:zonebridge picture',
    'a=sendrecv',
    'a=ice-ufrag:abcdefgh',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    'a=candidate:udp 1 udp 1078862079 203.0.113.5 40000 typ host',
    'a=candidate:tcp 1 tcp 1078862078 2001:db8::5 40000 typ host tcptype passive',
    'a=end-of-candidates',
    'a=ssrc:1001 cname:fresh',
    'a=ssrc:1002 cname:fresh',
    'a=ssrc-group:FID 1001 1002',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    'a=rid:q recv',
    'a=rid:h recv',
    'a=rid:f recv',
    'a=simulcast:recv q;h;f',
    `a=fingerprint:sha-256 ${fingerprint.value}`,
  ]);
});

test('screen and alternate picture are sections of their own, with a stream of their own', () => {
  const text = writeOffer(browser, origin, 'browser');
  const screen = section(text, 2);
  const alternate = section(text, 3);
  expect(screen).toEqual(
    expect.arrayContaining(['a=mid:2', 'a=sendrecv', 'a=msid:zonebridge-screen screen']),
  );
  expect(alternate).toEqual(
    expect.arrayContaining(['a=mid:3', 'a=sendonly', 'a=msid:zonebridge-alternate alternate']),
  );
  expect([...screen, ...alternate].filter((line) => /rid:|simulcast/.test(line))).toEqual([]);
});

test('a phone is offered audio and video, and nothing that only browsers know', () => {
  const text = writeOffer({ ...phone, screen: browser.screen ?? camera }, origin, 'phone');
  expect(section(text, 1)).toEqual([
    'm=video 40002 RTP/SAVP 108 96',
    'b=TIAS:2000000',
    'a=rtpmap:108 H264/90000',
    'a=rtpmap:96 VP8/90000',
    'a=fmtp:108 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1',
    'a=rtcp:40003',
    'a=rtcp-fb:108 nack pli',
    'a=rtcp-fb:108 ccm fir',
    'a=rtcp-fb:96 nack pli',
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${ourKey('AES_CM_128_HMAC_SHA1_80')}`,
    'a=sendrecv',
    'a=ssrc:1001 cname:fresh',
  ]);
  expect(section(text, 2)).toEqual([]);
});

test('a section has a connection line of its own only at another address than the audio', () => {
  const moved = { ...phone, video: { ...phone.video, address: '2001:db8::7' } };
  expect(section(writeOffer(moved, origin, 'phone'), 1)).toContain('c=IN IP6 2001:db8::7');
  expect(section(writeOffer(phone, origin, 'phone'), 0).join()).not.toContain('c=IN');
});

test('every video of a browser needs DTLS, ICE and a mid', () => {
  const { ice: _ice, ...withoutIce } = camera;
  const { mid: _mid, ...withoutMid } = camera;
  for (const video of [withoutIce, withoutMid, { ...camera, security: sdes.security }]) {
    expect(() => writeOffer({ audio, video }, origin, 'browser')).toThrow('needs DTLS, ICE and a mid');
  }
});

/** What we answer, with H.264 of level 3.1, to an offer of H.264 with these parameters. */
function answeredFmtp(offered: string, ours: Readonly<Record<string, string>> = ourH264): string[] {
  const fmtp = offered === '' ? [] : [`a=fmtp:108 ${offered}`];
  const remote = readSession(videoOffer('m=video 4002 RTP/AVP 108', 'a=rtpmap:108 H264/90000', ...fmtp));
  const local = answerTo(describedIn(remote));
  const video = { ...videoOf(remote), codecs: [{ ...h264, parameters: ours }], port: 40_002 };
  const text = writeAnswer(remote, { ...local, video }, origin);
  return section(text, 1).filter((line) => line.startsWith('a=fmtp:'));
}

test.each([
  ['profile-level-id=42e01f;packetization-mode=1', '42e01f', '1'],
  ['profile-level-id=42801F;packetization-mode=1', '42801F', '1'],
  ['profile-level-id=42800d;packetization-mode=0', '42800d', '0'],
  ['profile-level-id=428028;packetization-mode=1', '42801f', '1'],
  ['profile-level-id=42F00B;packetization-mode=1', '42F00B', '1'],
  ['profile-level-id=42e00d;packetization-mode=1;level-asymmetry-allowed=1', '42e01f', '1'],
  ['profile-level-id=42e034;packetization-mode=1;level-asymmetry-allowed=1', '42e01f', '1'],
])('H.264 offered with %s is answered with %s, mode %s', (offered, id, mode) => {
  expect(answeredFmtp(offered)).toEqual([
    `a=fmtp:108 profile-level-id=${id};packetization-mode=${mode};level-asymmetry-allowed=1`,
  ]);
});

test('H.264 that was offered without a profile or a mode is answered without them', () => {
  expect(answeredFmtp('')).toEqual(['a=fmtp:108 level-asymmetry-allowed=1']);
  expect(answeredFmtp('profile-level-id=42801f')).toEqual([
    'a=fmtp:108 profile-level-id=42801f;level-asymmetry-allowed=1',
  ]);
});

test('what else we can receive is said as it is, whatever the offer says of the other side', () => {
  const ours = { ...ourH264, 'max-fs': '3600', 'max-mbps': '108000' };
  expect(answeredFmtp('profile-level-id=42800d;packetization-mode=1;max-fs=9000', ours)).toEqual([
    'a=fmtp:108 profile-level-id=42800d;packetization-mode=1;level-asymmetry-allowed=1;max-fs=3600;max-mbps=108000',
  ]);
});

function answeredVideo(text: string, changes: Partial<VideoDescription>): VideoDescription {
  const remote = readSession(text);
  const local = answerTo(describedIn(remote));
  const video = { ...(local.video ?? camera), ...changes };
  return videoOf(readSession(writeAnswer(remote, { ...local, video }, origin), 'answer'));
}

test('feedback and retransmissions are answered only where they were offered', () => {
  const lines = [
    'm=video 4002 RTP/AVP 96 97',
    'a=rtpmap:96 VP8/90000',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
  ];
  const [first = '', ...rest] = lines;
  const offered = videoOffer(first, ...rest, 'a=rtcp-fb:* nack pli', 'a=rtcp-fb:96 goog-remb');
  const ours = { codecs: [vp8], ssrc: 5, rtxSsrc: 6, cname: 'fresh' };
  const answered = answeredVideo(offered, ours);
  expect(answered.codecs).toEqual([{ ...vp8, feedback: ['nack pli'] }]);
  expect(answered.rtxSsrc).toBe(6);
  const without = answeredVideo(offered.replace('apt=96', 'apt=95'), ours);
  expect(without.codecs[0]?.rtxPayloadType).toBeUndefined();
  expect(without).toMatchObject({ ssrc: 5 });
  expect(without.rtxSsrc).toBeUndefined();
});

test('simulcast is taken only as far as it was offered', () => {
  const rids = ['q', 'h'].map((rid) => `a=rid:${rid} send`);
  const offered = videoOffer(
    'm=video 4002 RTP/AVP 96',
    'a=rtpmap:96 VP8/90000',
    ...rids,
    'a=simulcast:send q;h',
  );
  const remote = readSession(offered);
  const local = answerTo(describedIn(remote));
  const answer = (wanted: readonly string[]): string[] =>
    section(
      writeAnswer(remote, { ...local, video: { ...(local.video ?? camera), rids: wanted } }, origin),
      1,
    ).filter((line) => /^a=(?:rid|simulcast)/.test(line));
  expect(answer(['q', 'h', 'f'])).toEqual(['a=rid:q recv', 'a=rid:h recv', 'a=simulcast:recv q;h']);
  expect(answer(['x'])).toEqual([]);
});

test('of a bundle, video stays where it shares our transport, and leaves it where it has its own', async () => {
  const remote = readSession(await fixture('chromium-offer'));
  const local = answerTo(describedIn(remote));
  expect(writeAnswer(remote, local, origin)).toContain('a=group:BUNDLE 0 1\r\n');
  const apart = { ...local, video: { ...(local.video ?? camera), port: 40_002 } };
  expect(writeAnswer(remote, apart, origin)).toContain('a=group:BUNDLE 0\r\n');
  expect(writeReoffer(remote, apart, origin)).toContain('a=group:BUNDLE 0\r\n');
});

test('slides beside the video, and floor control, are refused in their places', async () => {
  const remote = readSession(await fixture('cisco-ce-high-profile'));
  const text = writeAnswer(remote, answerTo(describedIn(remote)), origin);
  expect(text.split('\r\n').filter((line) => line.startsWith('m='))).toEqual([
    'm=audio 40000 RTP/SAVP 114 101',
    'm=video 40002 RTP/SAVP 126',
    'm=application 0 TCP/TLS/BFCP *',
    'm=video 0 RTP/SAVP 97 126',
  ]);
});

test('a call that is audio only refuses the video that was offered', () => {
  const remote = readSession(videoOffer('m=video 4002 RTP/AVP 96', 'a=rtpmap:96 VP8/90000'));
  const { audio: voice } = answerTo(describedIn(remote));
  expect(section(writeAnswer(remote, { audio: voice }, origin), 1)).toEqual(['m=video 0 RTP/AVP 96']);
});

test('video that cannot answer the offer is a defect of the caller', () => {
  const remote = readSession(videoOffer('m=video 4002 RTP/AVP 96', 'a=rtpmap:96 VP8/90000'));
  const local = answerTo(describedIn(remote));
  const other = { ...(local.video ?? camera), codecs: [{ ...vp8, payloadType: 97 }] };
  expect(() => writeAnswer(remote, { ...local, video: other }, origin)).toThrow(
    'no video codec that was chosen',
  );
  const protectedVideo = { ...(local.video ?? camera), security: sdes.security };
  expect(() => writeAnswer(remote, { ...local, video: protectedVideo }, origin)).toThrow(
    'sdes cannot answer none',
  );
  const voice = readSession(videoOffer('m=video 0 RTP/AVP 96'));
  expect(() => writeAnswer(voice, local, origin)).toThrow('no video section to answer');
});
