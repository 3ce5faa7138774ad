import { expect, test } from 'vitest';
import type { VideoCodec } from '#kernel/index.ts';
import { descriptionOf, readSession } from '#signaling/sdp/index.ts';
import { fixture, ourKey, readVideoOf, videoOffer } from './descriptions.ts';

const vp8 = 'm=video 4002 RTP/AVP 96';
const vp8Map = 'a=rtpmap:96 VP8/90000';

function h264(...fmtps: (string | undefined)[]): string {
  const numbers = fmtps.map((_fmtp, index) => 100 + index);
  return videoOffer(
    `m=video 4002 RTP/AVP ${numbers.join(' ')}`,
    ...numbers.flatMap((number, index) => {
      const fmtp = fmtps[index];
      return [`a=rtpmap:${number} H264/90000`, ...(fmtp === undefined ? [] : [`a=fmtp:${number} ${fmtp}`])];
    }),
  );
}

function codecsOf(text: string): readonly VideoCodec[] {
  return descriptionOf(readSession(text))?.video?.codecs ?? [];
}

function numbersOf(text: string): number[] {
  return codecsOf(text).map(({ payloadType }) => payloadType);
}

test('VP8 and H.264 are read with any number, in the order of the m= line; the rest is left out', () => {
  const text = videoOffer(
    'm=video 4002 RTP/AVP 34 31 0 35 98 127',
    'a=rtpmap:127 vp8/90000',
    'a=rtpmap:98 VP9/90000',
    'a=rtpmap:35 h264/90000',
    'a=rtpmap:0 VP8/8000',
  );
  expect(codecsOf(text).map(({ name, payloadType }) => `${name} ${payloadType}`)).toEqual([
    'H264 35',
    'VP8 127',
  ]);
});

test('codec parameters are read as they were written, with names in lower case', () => {
  const [codec] = codecsOf(
    h264('Profile-Level-ID=42E01F; packetization-mode=1;sprop-parameter-sets=Z0I=,aM4=;max-fs=3600'),
  );
  expect(codec?.parameters).toEqual({
    'profile-level-id': '42E01F',
    'packetization-mode': '1',
    'sprop-parameter-sets': 'Z0I=,aM4=',
    'max-fs': '3600',
  });
});

test('of H.264 only baseline profiles are taken, in modes 0 and 1, whichever way they are written', () => {
  expect(
    numbersOf(
      h264(
        'profile-level-id=42001f',
        'profile-level-id=42801E',
        'profile-level-id=42e01f',
        'profile-level-id=4d801f',
        'profile-level-id=58c00d',
        undefined,
        'max-fs=3600',
      ),
    ),
  ).toEqual([100, 101, 102, 103, 104, 105, 106]);
  const others = ['4d001f', '4d401f', '64001f', '640c1f', 'f4001f', '000000', '42e0ff'];
  expect(numbersOf(h264(...others.map((id) => `profile-level-id=${id}`)))).toEqual([]);
  expect(numbersOf(h264('profile-level-id=42e01f;packetization-mode=2'))).toEqual([]);
});

test('packetization mode 1 goes before mode 0, and neither past another codec', () => {
  const text = h264('packetization-mode=0', undefined, 'packetization-mode=1', 'packetization-mode=1')
    .replace('AVP 100 ', 'AVP 100 96 ')
    .concat('a=rtpmap:96 VP8/90000\r\n');
  expect(numbersOf(text)).toEqual([102, 96, 103, 100, 101]);
});

test.each([
  ['a profile that is no number', 'profile-level-id=nonsense', 'profile-level-id is not six hex digits'],
  ['a short profile', 'profile-level-id=42e0', 'profile-level-id is not six hex digits'],
  ['an empty profile', 'profile-level-id', 'profile-level-id is not six hex digits'],
  ['a mode that does not exist', 'packetization-mode=3', 'packetization-mode is none of 0, 1, 2'],
])('H.264 with %s is refused', (_what, fmtp, message) => {
  expect(() => readSession(h264(fmtp))).toThrow(`SDP section 2 (video): its ${message}`);
});

test('feedback is read for each payload type and for all of them, and only what we know', () => {
  const text = videoOffer(
    'm=video 4002 RTP/AVPF 96 97',
    vp8Map,
    'a=rtpmap:97 H264/90000',
    'a=rtcp-fb:* nack pli',
    'a=rtcp-fb:*  ccm  fir',
    'a=rtcp-fb:96 nack',
    'a=rtcp-fb:96 goog-remb',
    'a=rtcp-fb:97 transport-cc',
    'a=rtcp-fb:97 nack sli',
    'a=rtcp-fb:* ccm tmmbr',
    'a=rtcp-fb:98 nack',
  );
  expect(codecsOf(text).map(({ feedback }) => feedback)).toEqual([
    ['nack', 'nack pli', 'ccm fir', 'goog-remb'],
    ['nack pli', 'ccm fir', 'transport-cc'],
  ]);
});

test('retransmissions are found by what they repeat, and their source by its FID group', () => {
  const text = videoOffer(
    'm=video 4002 RTP/AVPF 96 97 98 99',
    vp8Map,
    'a=rtpmap:98 H264/90000',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96;rtx-time=500',
    'a=rtpmap:99 rtx/90000',
    'a=fmtp:99 apt=120',
    'a=ssrc-group:FID 7 8',
    'a=ssrc:7 cname:x',
    'a=ssrc:8 cname:x',
  );
  expect(readVideoOf(text)).toMatchObject({ ssrc: 7, rtxSsrc: 8, cname: 'x' });
  expect(codecsOf(text).map(({ rtxPayloadType }) => rtxPayloadType)).toEqual([97, undefined]);
  for (const group of ['FID 8 7', 'SIM 7 8', 'FID 7', 'FID 7 99999999999', 'FID 7 x']) {
    expect(readVideoOf(text.replace('FID 7 8', group)).rtxSsrc).toBeUndefined();
  }
});

test('header extensions of video are read beside those of audio', () => {
  const { headerExtensions } = readVideoOf(
    videoOffer(
      vp8,
      vp8Map,
      'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
      'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
      'a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
      'a=extmap:13 urn:3gpp:video-orientation',
    ),
  );
  expect(headerExtensions).toEqual({ transportCc: 3, rid: 10, repairedRid: 11, videoOrientation: 13 });
});

test.each([
  [['b=TIAS:500000'], 500_000],
  [['b=AS:500'], 500_000],
  [['b=AS:900', 'b=TIAS:800000'], 800_000],
  [['b=CT:1', 'b=RS:1', 'b=TIAS:-1', 'b=AS:12345678901234'], undefined],
  [[], undefined],
])('bandwidth %j is a limit of %s bits per second', (lines, maxBitrate) => {
  expect(readVideoOf(videoOffer(vp8, ...lines, vp8Map)).maxBitrate).toBe(maxBitrate);
});

test('the session may have less bandwidth than its video', () => {
  const text = videoOffer(vp8, 'b=TIAS:2000000', vp8Map);
  expect(readVideoOf(text.replace('t=0 0', 'b=AS:512\r\nt=0 0')).maxBitrate).toBe(512_000);
  expect(readVideoOf(text.replace('t=0 0', 'b=AS:4096\r\nt=0 0')).maxBitrate).toBe(2_000_000);
});

test('who has no bandwidth receives nothing', () => {
  const directionOf = (direction: string): unknown =>
    readVideoOf(videoOffer(vp8, 'b=TIAS:0', vp8Map, `a=${direction}`)).direction;
  expect(['sendrecv', 'recvonly'].map(directionOf)).toEqual(['sendonly', 'inactive']);
});

function ridsOf(...lines: string[]): readonly string[] | undefined {
  const rids = ['q', 'h', 'f', 'f-2'].map((rid) => `a=rid:${rid} send max-width=320`);
  return readVideoOf(videoOffer(vp8, vp8Map, ...rids, 'a=rid:up recv', ...lines)).rids;
}

test.each([
  ['send q;h;f', ['q', 'h', 'f']],
  ['send f;~h;q', ['f', 'h', 'q']],
  ['send q;~h,f;f-2', ['q', 'h', 'f-2']],
  ['send x;h,q', ['h']],
  ['send x,q;q', ['q']],
  ['recv up send q;h', ['q', 'h']],
  ['send q recv up', ['q']],
  ['recv up', undefined],
])('simulcast "%s" is the streams %j', (value, rids) => {
  expect(ridsOf(`a=simulcast:${value}`)).toEqual(rids);
});

test('rids without simulcast are not simulcast', () => {
  expect(ridsOf()).toBeUndefined();
});

test.each([
  ['has no list', ['a=simulcast:send']],
  ['has another direction', ['a=simulcast:both q;h']],
  ['has one direction twice', ['a=simulcast:send q send h']],
  ['has an empty stream', ['a=simulcast:send q;;h']],
  ['has half of a second list', ['a=simulcast:send q recv']],
  ['stands there twice', ['a=simulcast:send q', 'a=simulcast:send h']],
])('simulcast that %s is refused', (_what, lines) => {
  expect(() => ridsOf(...lines)).toThrow(/section 2 \(video\): .*a=simulcast/);
});

test('simulcast has a limit of streams', () => {
  const many = Array.from({ length: 17 }, (_, index) => `r${index}`).join(';');
  expect(() => ridsOf(`a=simulcast:send ${many}`)).toThrow('more than 16 simulcast streams');
});

test('the main video is the first usable one that is no slides', () => {
  const slides = ['m=video 4002 RTP/AVP 96', vp8Map, 'a=content:slides'];
  const main = ['m=video 4004 RTP/AVP 96', vp8Map, 'a=content:main'];
  const unusable = ['m=video 4006 RTP/AVP 34'];
  const second = ['m=video 4008 RTP/AVP 96', vp8Map];
  const session = readSession(
    videoOffer(slides[0] ?? '', ...slides.slice(1), ...unusable, ...main, ...second),
  );
  expect(session.videoIndex).toBe(3);
  expect(session.sections.map(({ video }) => video?.port)).toEqual([
    undefined,
    undefined,
    undefined,
    4004,
    undefined,
  ]);
  expect(session.sections[2]?.obstacle).toBe('codec');
  const onlySlides = readSession(videoOffer(slides[0] ?? '', ...slides.slice(1)));
  expect(onlySlides.videoIndex).toBeUndefined();
});

const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${ourKey('AES_CM_128_HMAC_SHA1_80')}`;

test.each([
  ['other protection than the audio', ['m=video 4002 RTP/SAVP 96', vp8Map, crypto], 'security'],
  ['SRTP without a key', ['m=video 4002 RTP/SAVP 96', vp8Map], 'security'],
  ['no codec of ours', ['m=video 4002 RTP/AVP 34'], 'codec'],
  ['another transport', ['m=video 4002 TCP/RTP/AVP 96', vp8Map], 'transport'],
  ['port 0', ['m=video 0 RTP/AVP 96', vp8Map], 'disabled'],
])('video with %s is refused, not the call', (_what, lines, obstacle) => {
  const session = readSession(videoOffer(lines[0] ?? '', ...lines.slice(1)));
  expect(session.sections[1]?.obstacle).toBe(obstacle);
  expect(descriptionOf(session)).toEqual({ audio: expect.objectContaining({ port: 4000 }) as unknown });
});

test('plain video beside encrypted audio is refused', () => {
  const text = videoOffer(vp8, vp8Map).replace('RTP/AVP 0', `RTP/SAVP 0\r\n${crypto}`);
  const session = readSession(text);
  expect(session.audioIndex).toBe(0);
  expect(session.videoIndex).toBeUndefined();
});

test('video without audio is no session for us', () => {
  const session = readSession(videoOffer(vp8, vp8Map).replace('m=audio 4000', 'm=audio 0'));
  expect(session.videoIndex).toBeUndefined();
  expect(descriptionOf(session)).toBeUndefined();
});

test('video that can only be bundled is refused: each section of a phone has its own port', () => {
  const text = videoOffer('m=video 0 RTP/AVP 96', vp8Map, 'a=mid:v', 'a=bundle-only')
    .replace('RTP/AVP 0', 'RTP/AVP 0\r\na=mid:a')
    .replace('t=0 0', 't=0 0\r\na=group:BUNDLE a v');
  expect(readSession(text).sections[1]).toMatchObject({ disabled: false, obstacle: 'transport' });
});

test.each([
  ['a connection line that is none', [vp8, vp8Map, 'c=IN IP4 nonsense:1'], 'c= line has no valid address'],
  ['two rtpmaps for one number', [vp8, vp8Map, 'a=rtpmap:96 H264/90000'], 'has two different rtpmaps'],
  ['no port for RTCP', ['m=video 65535 RTP/AVP 96', vp8Map], 'RTCP has no port'],
  ['DTLS without a fingerprint', ['m=video 4002 UDP/TLS/RTP/SAVP 96', vp8Map], 'without a=fingerprint'],
])('video with %s is refused as audio would be', (_what, lines, message) => {
  expect(() => readSession(videoOffer(lines[0] ?? '', ...lines.slice(1)))).toThrow(message);
});

test('a browser’s bundled video has the transport of its audio', async () => {
  const text = (await fixture('chromium-video-answer')).replace(/(m=video [^]*)$/, (videos) =>
    videos.replace(/a=(?:ice-|fingerprint|setup).*\r\n/g, ''),
  );
  const description = descriptionOf(readSession(text, 'answer', 'browser'));
  expect(description?.video?.security).toEqual(description?.audio.security);
  expect(description?.screen?.ice?.usernameFragment).toBe('owGV');
});

test('sections of a browser are known by their mids, wherever they stand and whatever is missing', async () => {
  const text = await fixture('chromium-video-answer');
  const session = (changed: string): unknown => {
    const { videoIndex, screenIndex, alternateIndex } = readSession(changed, 'answer', 'browser');
    return { videoIndex, screenIndex, alternateIndex };
  };
  expect(session(text)).toEqual({ videoIndex: 1, screenIndex: 2, alternateIndex: 3 });
  const [head = '', audio = '', first = '', second = '', third = ''] = text.split(/(?=^m=)/m);
  expect(session(head + audio + third + first)).toEqual({
    videoIndex: 2,
    screenIndex: undefined,
    alternateIndex: 1,
  });
  expect(session(head + audio + first.replace('m=video 9', 'm=video 0') + second)).toEqual({
    videoIndex: undefined,
    screenIndex: 2,
    alternateIndex: undefined,
  });
});
