import fc from 'fast-check';
import {
  audioCodecNames,
  srtpSuites,
  videoFeedbacks,
  type AudioCodec,
  type AudioCodecName,
  type HeaderExtensions,
  type IceCandidate,
  type MediaSecurity,
  type SessionDescription,
  type VideoCodec,
} from '#kernel/index.ts';

export function characters(text: string): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from(text));
}

const token = fc.string({ unit: characters('abcXYZ019+/'), minLength: 4, maxLength: 12 });
const payloadTypes = fc.uniqueArray(fc.integer({ min: 96, max: 127 }), { minLength: 6, maxLength: 6 });

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

const audioFormats = fc
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
    rid: fc.integer({ min: 1, max: 14 }),
    repairedRid: fc.integer({ min: 1, max: 14 }),
    videoOrientation: fc.integer({ min: 1, max: 14 }),
  },
  { requiredKeys: [] },
);

const common = fc.record({
  direction: fc.constantFrom('sendrecv', 'sendonly', 'recvonly', 'inactive'),
  address,
  port,
  headerExtensions: extensions,
  ssrc: fc.nat(2 ** 31 - 1),
  cname: token,
});
const packetTime = fc.record({ ptimeMs: fc.constantFrom(10, 20, 40) });

const modes = ['1', '0'] as const;

/** H.264 in mode 1 before mode 0, as it is read. */
const videoFormats = fc
  .record({
    names: fc.shuffledSubarray(['VP8', 'H264'] as const, { minLength: 1 }),
    payloadTypes,
    profile: fc.constantFrom('42e01f', '42801E', '42001f', '42E00D'),
    modes: fc.subarray([...modes], { minLength: 1 }),
    feedback: fc.subarray([...videoFeedbacks]),
    rtx: fc.boolean(),
  })
  .map(({ names, payloadTypes: numbers, profile, modes: some, feedback, rtx }) => {
    const shapes = names.flatMap((name): Pick<VideoCodec, 'name' | 'parameters'>[] =>
      name === 'VP8'
        ? [{ name, parameters: { 'max-fr': '30' } }]
        : some.map((mode) => ({
            name,
            parameters: { 'profile-level-id': profile, 'packetization-mode': mode },
          })),
    );
    return {
      codecs: shapes.map((shape, index): VideoCodec => ({
        ...shape,
        payloadType: numbers[index] ?? 0,
        feedback,
        ...(rtx ? { rtxPayloadType: numbers[index + 3] ?? 0 } : {}),
      })),
    };
  });

const videoRest = fc.record(
  { maxBitrate: fc.integer({ min: 1, max: 20_000_000 }), rtxSsrc: fc.nat(2 ** 31 - 1) },
  { requiredKeys: [] },
);

const browserTransport = fc.record({ security: dtls, ice });

function browserVideo(mid: string) {
  return fc.tuple(common, videoFormats, videoRest).map(([rest, formats, more]) => ({
    ...rest,
    ...formats,
    ...more,
    mid,
  }));
}

/** What we offer to a browser: one transport for everything. */
export const browserSession = fc
  .record(
    {
      audio: fc.tuple(common, audioFormats, packetTime),
      transport: browserTransport,
      video: browserVideo('1'),
      screen: browserVideo('2'),
      alternate: browserVideo('3'),
    },
    { requiredKeys: ['audio', 'transport'] },
  )
  .map(({ audio: [rest, formats, time], transport, video, screen, alternate }): SessionDescription => {
    const shared = { ...transport, rtcpMux: true };
    return {
      audio: { ...rest, ...formats, ...time, ...shared, mid: '0' },
      ...(video === undefined ? {} : { video: { ...video, ...shared } }),
      ...(screen === undefined ? {} : { screen: { ...screen, ...shared } }),
      ...(alternate === undefined ? {} : { alternate: { ...alternate, ...shared } }),
    };
  });

const phoneSecurities = fc.oneof(
  fc.tuple(dtls, dtls),
  fc.tuple(sdes, sdes),
  fc.constant([{ kind: 'none' }, { kind: 'none' }] as const),
);

/** What we offer to a phone: each section has its own port, protected in the same way. */
export const phoneSession = fc
  .record(
    {
      audio: fc.tuple(common, audioFormats, packetTime),
      video: fc.tuple(common, videoFormats, videoRest),
      securities: phoneSecurities,
      rtcpMux: fc.boolean(),
    },
    { requiredKeys: ['audio', 'securities', 'rtcpMux'] },
  )
  .map(({ audio: [rest, formats, time], video, securities, rtcpMux }): SessionDescription => {
    const [security, videoSecurity] = securities;
    const rtcp = (rtpPort: number) => (rtcpMux ? { rtcpMux } : { rtcpMux, rtcpPort: rtpPort + 1 });
    const audio = { ...rest, ...formats, ...time, security, ...rtcp(rest.port) };
    if (video === undefined) return { audio };
    const [videoCommon, videoCodecs, more] = video;
    return {
      audio,
      video: {
        ...videoCommon,
        ...videoCodecs,
        ...more,
        security: videoSecurity,
        ...rtcp(videoCommon.port),
      },
    };
  });
