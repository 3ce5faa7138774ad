import { readFile } from 'node:fs/promises';
import {
  audioCodecNames,
  srtpSuites,
  videoCodecNames,
  type AudioDescription,
  type MediaSecurity,
  type SessionDescription,
  type VideoDescription,
} from '#kernel/index.ts';
import { descriptionOf, readSession, type RemoteSession } from '#signaling/sdp/index.ts';

const folder = new URL('../../../fixtures/sdp/', import.meta.url);

export const origin = { sessionId: '4711', sessionVersion: 1 };

export const fingerprint = {
  algorithm: 'sha-256',
  value: Array.from({ length: 32 }, (_, index) => (index + 0xa0).toString(16).toUpperCase()).join(':'),
};

export function fixture(name: string): Promise<string> {
  return readFile(new URL(`${name}.sdp`, folder), 'utf8');
}

/** An offer of one audio section with these lines after its connection line. */
export function offer(mediaLine: string, ...attributes: string[]): string {
  const session = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'];
  return [...session, mediaLine, ...attributes, ''].join('\r\n');
}

export function audioOf(remote: RemoteSession): AudioDescription {
  return describedIn(remote).audio;
}

export function videoOf(remote: RemoteSession): VideoDescription {
  const { video } = describedIn(remote);
  if (video === undefined) throw new Error('the description has no usable video');
  return video;
}

export function describedIn(remote: RemoteSession): SessionDescription {
  const description = descriptionOf(remote);
  if (description === undefined) throw new Error('the description has no usable audio');
  return description;
}

export function readAudioOf(text: string): AudioDescription {
  return audioOf(readSession(text));
}

export function readVideoOf(text: string): VideoDescription {
  return videoOf(readSession(text));
}

/** An offer of plain audio and, after it, a video section with these lines. */
export function videoOffer(mediaLine: string, ...attributes: string[]): string {
  return offer('m=audio 4000 RTP/AVP 0', mediaLine, ...attributes);
}

/** What a media leg would answer: one codec a medium, its own keys, our address. */
export function answerTo({ audio, video }: SessionDescription): SessionDescription {
  return { audio: answerAudio(audio), ...(video === undefined ? {} : { video: answerVideo(video) }) };
}

function answerAudio(offered: AudioDescription): AudioDescription {
  const codec = audioCodecNames.flatMap((name) => offered.codecs.filter((known) => known.name === name))[0];
  if (codec === undefined) throw new Error('the offer has no codec');
  const { telephoneEvent } = offered;
  const parameters: Record<string, string> =
    codec.name === 'opus' ? { minptime: '10', useinbandfec: '1' } : {};
  return {
    ...answerTransport(offered, 40_000),
    codecs: [{ ...codec, parameters }],
    ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
    ssrc: 1_234_567_890,
    cname: 'fresh',
    headerExtensions: { audioLevel: 1, mid: 4, transportCc: 5 },
    ptimeMs: 20,
  };
}

function answerVideo(offered: VideoDescription): VideoDescription {
  const codec = videoCodecNames.flatMap((name) => offered.codecs.filter((known) => known.name === name))[0];
  if (codec === undefined) throw new Error('the offer has no codec');
  const { ice } = offered;
  return {
    // With ICE we are a browser's peer, on one port for everything.
    ...answerTransport(offered, ice === undefined ? 40_002 : 40_000),
    codecs: [
      {
        ...codec,
        parameters: codec.name === 'H264' ? ourH264 : {},
        feedback: ['nack', 'nack pli', 'ccm fir', 'transport-cc'],
      },
    ],
    ssrc: 1_234_567_891,
    ...(codec.rtxPayloadType === undefined ? {} : { rtxSsrc: 1_234_567_892 }),
    cname: 'fresh',
    headerExtensions: { mid: 4, transportCc: 3, absSendTime: 2, videoOrientation: 13 },
    maxBitrate: 2_000_000,
  };
}

export const ourH264 = {
  'profile-level-id': '42e01f',
  'packetization-mode': '1',
  'level-asymmetry-allowed': '1',
};

function answerTransport({ security, ice, rtcpMux }: AudioDescription | VideoDescription, port: number) {
  return {
    direction: 'sendrecv',
    security: answerSecurity(security),
    ...(ice === undefined ? {} : { ice: ourIce }),
    address: '203.0.113.5',
    port,
    rtcpMux,
    ...(rtcpMux ? {} : { rtcpPort: port + 1 }),
  } as const;
}

export const ourIce = {
  usernameFragment: 'abcdefgh',
  password: 'abcdefghijklmnopqrstuvwx',
  lite: true,
  candidates: [
    { foundation: 'udp', priority: 1_078_862_079, address: '203.0.113.5', port: 40_000, protocol: 'udp' },
    {
      foundation: 'tcp',
      priority: 1_078_862_078,
      address: '2001:db8::5',
      port: 40_000,
      protocol: 'tcp',
      tcpType: 'passive',
    },
  ],
} as const;

function answerSecurity(security: MediaSecurity): MediaSecurity {
  if (security.kind === 'none') return security;
  if (security.kind === 'dtls') return { kind: 'dtls', fingerprints: [fingerprint], setup: 'passive' };
  const chosen = srtpSuites.flatMap((suite) => security.keys.filter((key) => key.suite === suite))[0];
  if (chosen === undefined) throw new Error('the offer has no key');
  const { suite, tag } = chosen;
  return { kind: 'sdes', keys: [{ tag, suite, key: ourKey(suite) }] };
}

export function ourKey(suite: (typeof srtpSuites)[number]): string {
  return Buffer.alloc(suite === 'AEAD_AES_256_GCM' ? 44 : 30, suite).toString('base64');
}
