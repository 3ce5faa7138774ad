import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  audioCodecNames,
  srtpSuites,
  ZonebridgeError,
  type AudioCodec,
  type AudioCodecName,
  type AudioDescription,
  type HeaderExtensions,
  type IceCandidate,
  type MediaSecurity,
} from '#kernel/index.ts';
import { readSession, writeAnswer, writeOffer } from '#signaling/sdp/index.ts';
import { answerTo, audioOf, fixture, origin, readAudioOf } from './descriptions.ts';

const names = (await readdir(new URL('../../../fixtures/sdp/', import.meta.url))).flatMap((file) =>
  file.endsWith('.sdp') ? [file.slice(0, -4)] : [],
);
const texts = await Promise.all(names.map(fixture));

function characters(text: string): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from(text));
}

/** Reads, and if that works answers; anything but our own error is a defect. */
function survives(text: string): void {
  try {
    const session = readSession(text);
    if (session.audioIndex === undefined) writeAnswer(session, null, origin);
    else readSession(writeAnswer(session, answerTo(audioOf(session)), origin), 'answer');
  } catch (error) {
    if (!(error instanceof ZonebridgeError)) throw error;
  }
}

const line = fc
  .record({ type: characters('vosctbma'), value: fc.string({ maxLength: 60 }) })
  .map(({ type, value }) => `${type}=${value}`);

const attribute = fc
  .record({
    name: fc.constantFrom(
      ...['rtpmap', 'fmtp', 'crypto', 'fingerprint', 'setup', 'mid', 'group', 'candidate', 'rtcp', 'ssrc'],
      ...['extmap', 'ptime', 'ice-ufrag', 'ice-pwd', 'simulcast', 'imageattr', 'source-filter', 'mediaclk'],
    ),
    value: fc.string({ unit: characters('0123456789/ :|^=;-+*[],.aZ\t'), maxLength: 200 }),
  })
  .map(({ name, value }) => `a=${name}:${value}`);

const edit = fc.record({
  text: fc.constantFrom(...texts),
  edits: fc.array(
    fc.record({
      kind: fc.constantFrom('cut', 'insert', 'swap', 'repeat', 'line'),
      at: fc.nat(8000),
      length: fc.nat(40),
      what: fc.oneof(
        fc.string({ maxLength: 20 }),
        fc.constantFrom('\0', '\r', '\n', '0', '65536', '-1', '__proto__'),
      ),
      line: fc.oneof(line, attribute),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

function mutate({ text, edits }: typeof edit extends fc.Arbitrary<infer E> ? E : never): string {
  return edits.reduce((result, { kind, at, length, what, line: added }) => {
    const start = at % (result.length + 1);
    const [head, part, tail] = [
      result.slice(0, start),
      result.slice(start, start + length),
      result.slice(start + length),
    ];
    if (kind === 'cut') return head + tail;
    if (kind === 'insert') return head + what + part + tail;
    if (kind === 'swap') return tail + part + head;
    if (kind === 'repeat') return head + part.repeat(4) + tail;
    const end = result.indexOf('\n', start) + 1;
    return `${result.slice(0, end)}${added}\r\n${result.slice(end)}`;
  }, text);
}

test('mutated descriptions are read or refused, never anything else', () => {
  fc.assert(
    fc.property(edit, (input) => {
      survives(mutate(input));
    }),
    { numRuns: 3000 },
  );
});

test('random lines are read or refused, never anything else', () => {
  const text = fc
    .array(fc.oneof(line, attribute), { maxLength: 30 })
    .map((lines) => ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 0', ...lines].join('\n'));
  fc.assert(fc.property(fc.oneof(fc.string(), text), survives), { numRuns: 3000 });
});

test('the longest lines that are allowed do not hang it, whatever they repeat', { timeout: 20_000 }, () => {
  const runs = [
    'a=imageattr:1 send [x=1',
    'a=simulcast: ',
    'a=ptime:1.',
    'a=fmtp:0 a;',
    'a=ssrc:1 ',
    'a=crypto:1 x ',
  ];
  for (const start of runs) {
    const long = start + (start.slice(-2) + ' ').repeat(8100 / 3);
    const text = `v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\n${`${long.slice(0, 8190)}\n`.repeat(15)}`;
    survives(text);
  }
});

const token = fc.string({ unit: characters('abcXYZ019+/'), minLength: 4, maxLength: 12 });
const payloadTypes = fc.uniqueArray(fc.integer({ min: 96, max: 127 }), { minLength: 5, maxLength: 5 });

function codecOf(name: AudioCodecName, payloadType: number, parameters: Record<string, string>): AudioCodec {
  const opus = name === 'opus';
  return { name, payloadType, clockRateHz: opus ? 48_000 : 8000, channels: opus ? 2 : 1, parameters };
}

const parameters = fc.dictionary(
  fc.constantFrom('useinbandfec', 'usedtx', 'maxaveragebitrate'),
  fc.constantFrom('', '0', '64000'),
  {
    noNullPrototype: true,
  },
);

const codecs = fc
  .record({
    order: fc.shuffledSubarray([...audioCodecNames], { minLength: 1 }),
    payloadTypes,
    parameters,
    event: fc.boolean(),
  })
  .map(({ order, payloadTypes: numbers, parameters: fmtp, event }) => ({
    codecs: order.map((name, index) => codecOf(name, numbers[index] ?? 0, name === 'opus' ? fmtp : {})),
    ...(event
      ? { telephoneEvent: { payloadType: numbers[4] ?? 0, clockRateHz: order[0] === 'opus' ? 48_000 : 8000 } }
      : {}),
  }));

function hex(bytes: number): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((hash) => Array.from(hash, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(':'));
}

const dtls = fc.record({
  kind: fc.constant('dtls' as const),
  fingerprints: fc.tuple(
    hex(32).map((value) => ({ algorithm: 'sha-256', value })),
    hex(64).map((value) => ({ algorithm: 'sha-512', value })),
  ),
  setup: fc.constantFrom('actpass', 'active', 'passive'),
});

const sdes = fc
  .record({
    keys: fc.uint8Array({ minLength: 44, maxLength: 44 }),
    suites: fc.shuffledSubarray([...srtpSuites], { minLength: 1 }),
  })
  .map(({ keys, suites }): MediaSecurity => ({
    kind: 'sdes',
    keys: suites.map((suite, index) => ({
      tag: index + 1,
      suite,
      key: Buffer.from(keys.subarray(0, suite === 'AEAD_AES_256_GCM' ? 44 : 30)).toString('base64'),
    })),
  }));

const address = fc.oneof(
  fc.ipV4().filter((ip) => Number(ip.split('.')[0]) < 224 && ip !== '0.0.0.0'),
  fc.constant('2001:db8::17'),
);
const port = fc.integer({ min: 1, max: 65_534 });

const candidate = fc
  .record({ foundation: token, priority: fc.nat(2 ** 31 - 1), address, port, tcp: fc.boolean() })
  .map(({ tcp, ...rest }): IceCandidate =>
    tcp ? { ...rest, protocol: 'tcp', tcpType: 'passive' } : { ...rest, protocol: 'udp' },
  );

const ice = fc.record({
  usernameFragment: token,
  password: fc.string({ unit: characters('abcXYZ019+/'), minLength: 22, maxLength: 64 }),
  lite: fc.boolean(),
  candidates: fc.array(candidate, { maxLength: 5 }),
});

const extensions: fc.Arbitrary<HeaderExtensions> = fc.record(
  {
    audioLevel: fc.integer({ min: 1, max: 14 }),
    mid: fc.integer({ min: 1, max: 14 }),
    transportCc: fc.integer({ min: 1, max: 14 }),
    absSendTime: fc.integer({ min: 1, max: 14 }),
  },
  { requiredKeys: [] },
);

const common = fc.record({
  direction: fc.constantFrom('sendrecv', 'sendonly', 'recvonly', 'inactive'),
  address,
  port,
  headerExtensions: extensions,
  ptimeMs: fc.constantFrom(10, 20, 40),
  ssrc: fc.nat(2 ** 31 - 1),
  cname: token,
});

const browserAudio = fc
  .tuple(common, codecs, dtls, ice, token)
  .map(([rest, formats, security, parametersOfIce, mid]): AudioDescription => ({
    ...rest,
    ...formats,
    security,
    ice: parametersOfIce,
    mid,
    rtcpMux: true,
  }));

const phoneAudio = fc
  .tuple(common, codecs, fc.oneof(dtls, sdes, fc.constant({ kind: 'none' } as const)), fc.boolean())
  .map(([rest, formats, security, rtcpMux]): AudioDescription => ({
    ...rest,
    ...formats,
    security,
    rtcpMux,
    ...(rtcpMux ? {} : { rtcpPort: rest.port + 1 }),
  }));

test('what a browser is offered reads back as it was described', () => {
  fc.assert(
    fc.property(browserAudio, (audio) => {
      expect(readAudioOf(writeOffer(audio, origin, 'browser'))).toEqual(audio);
    }),
  );
});

test('what a phone is offered reads back as it was described', () => {
  fc.assert(
    fc.property(phoneAudio, (audio) => {
      expect(readAudioOf(writeOffer(audio, origin, 'phone'))).toEqual(audio);
    }),
  );
});

test('an answer to any offer of ours reads back as an answer of one accepted section', () => {
  fc.assert(
    fc.property(fc.oneof(browserAudio, phoneAudio), (audio) => {
      const kind = audio.ice === undefined ? 'phone' : 'browser';
      const remote = readSession(writeOffer(audio, origin, kind));
      const answer = audioOf(readSession(writeAnswer(remote, answerTo(audio), origin), 'answer'));
      expect(answer.mid).toEqual(audio.mid);
      expect(answer.security.kind).toBe(audio.security.kind);
      expect(audio.codecs).toContainEqual({ ...answer.codecs[0], parameters: expect.anything() as unknown });
    }),
  );
});
