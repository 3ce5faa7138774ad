import { readFile } from 'node:fs/promises';
import { audioCodecNames, srtpSuites, type AudioDescription, type MediaSecurity } from '#kernel/index.ts';
import { readSession, type RemoteSession } from '#signaling/sdp/index.ts';

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

export function audioOf({ audioIndex, sections }: RemoteSession): AudioDescription {
  const audio = audioIndex === undefined ? undefined : sections[audioIndex]?.audio;
  if (audio === undefined) throw new Error('the description has no usable audio');
  return audio;
}

export function readAudioOf(text: string): AudioDescription {
  return audioOf(readSession(text));
}

/** What a media leg would answer: one codec, its own keys, our address. */
export function answerTo(offered: AudioDescription): AudioDescription {
  const codec = audioCodecNames.flatMap((name) => offered.codecs.filter((known) => known.name === name))[0];
  if (codec === undefined) throw new Error('the offer has no codec');
  const { telephoneEvent, rtcpMux, ice } = offered;
  const parameters: Record<string, string> =
    codec.name === 'opus' ? { minptime: '10', useinbandfec: '1' } : {};
  return {
    direction: 'sendrecv',
    codecs: [{ ...codec, parameters }],
    ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
    security: answerSecurity(offered.security),
    ...(ice === undefined ? {} : { ice: ourIce }),
    address: '203.0.113.5',
    port: 40_000,
    rtcpMux,
    ...(rtcpMux ? {} : { rtcpPort: 40_001 }),
    ssrc: 1_234_567_890,
    cname: 'fresh',
    headerExtensions: { audioLevel: 1, mid: 4, transportCc: 5 },
    ptimeMs: 20,
  };
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
