import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { AudioDescription } from '#kernel/index.ts';
import { readSession, writeAnswer } from '#signaling/sdp/index.ts';
import { answerTo, audioOf, fixture, origin } from './descriptions.ts';

interface Reading {
  readonly name: string;
  /** Where our audio is, of how many sections. */
  readonly section: string;
  readonly codecs: string;
  readonly event: string;
  readonly security: string;
  readonly media: string;
  readonly rest?: string;
}

const aes = 'AES_CM_128_HMAC_SHA1_80';
const gcm = 'AEAD_AES_256_GCM';
const g711Last = 'G722/9 PCMU/0 PCMA/8';

const readings: readonly Reading[] = [
  {
    name: 'baresip-none',
    section: '0 of 1',
    codecs: 'PCMA/8',
    event: '101/8000',
    security: 'none',
    media: '192.0.2.11 40546 rtcp 40547 sendrecv',
    rest: 'ssrc 2757830078 sip:phone@192.0.2.11 ptime 20',
  },
  {
    name: 'baresip-srtp',
    section: '0 of 1',
    codecs: 'opus/96',
    event: '101/8000',
    security: `1 ${aes}`,
    media: '192.0.2.11 42940 rtcp 42941 sendrecv',
    rest: 'ssrc 279987752 sip:phone@192.0.2.11 ptime 20',
  },
  {
    name: 'baresip-srtp-mand',
    section: '0 of 1',
    codecs: 'opus/96',
    event: '101/8000',
    security: `1 ${aes}`,
    media: '192.0.2.11 6770 rtcp 6771 sendrecv',
    rest: 'ssrc 3747159197 sip:phone@192.0.2.11 ptime 20',
  },
  {
    name: 'baresip-srtp-mandf',
    section: '0 of 1',
    codecs: 'G722/9',
    event: '101/8000',
    security: `1 ${aes}`,
    media: '192.0.2.11 19896 rtcp 19897 sendrecv',
    rest: 'ssrc 721829474 sip:phone@192.0.2.11 ptime 20',
  },
  {
    name: 'baresip-dtls_srtp',
    section: '0 of 1',
    codecs: 'opus/96',
    event: '101/8000',
    security: 'actpass sha-256 30:4F',
    media: '192.0.2.11 3370 rtcp 3371 sendrecv',
    rest: 'ssrc 1593999482 sip:phone@192.0.2.11 ptime 20',
  },
  {
    name: 'chromium-offer',
    section: '0 of 3',
    codecs: `opus/111 ${g711Last}`,
    event: '110/48000',
    security: 'actpass sha-256 96:03',
    media: '192.0.2.2 36134 mux sendrecv',
    rest: 'mid 0 ssrc 1822617049 SdHSxEj043rd8Tau ice ts6x/4 audioLevel=1 mid=4 transportCc=3 absSendTime=2',
  },
  {
    name: 'chromium-answer',
    section: '0 of 3',
    codecs: `opus/111 ${g711Last}`,
    event: '110/48000',
    security: 'active sha-256 8D:EF',
    media: '192.0.2.2 60971 mux sendrecv',
    rest: 'mid 0 ssrc 4198556326 qOK0U3hsRPWkQbyr ice 0PKb/2 audioLevel=1 mid=4 transportCc=3 absSendTime=2',
  },
  {
    name: 'firefox-offer',
    section: '0 of 2',
    codecs: `opus/109 ${g711Last}`,
    event: '101/8000',
    security: 'actpass sha-256 16:E5',
    media: '0.0.0.0 9 mux sendrecv',
    rest: 'mid 0 ssrc 2261144461 {9082c289-e488-4d8f-bc05-1d9d1071980f} ice afa2841a/1 audioLevel=1 mid=3',
  },
  {
    name: 'linphone-srtp',
    section: '0 of 2',
    codecs: 'opus/96 PCMU/0 G722/9',
    event: '97/48000',
    security: `1 ${aes} 6 ${gcm}`,
    media: '192.0.2.21 11200 rtcp 11201 sendrecv',
  },
  {
    name: 'poly-realpresence-group',
    section: '0 of 4',
    codecs: g711Last,
    event: '119/8000',
    security: `1 ${aes}`,
    media: '192.0.2.31 49154 rtcp 49155 sendrecv',
  },
  {
    name: 'poly-trio-optional-srtp',
    section: '1 of 2',
    codecs: g711Last,
    event: '127/8000',
    security: `1 ${aes}`,
    media: '192.0.2.32 2260 rtcp 2261 sendrecv',
  },
  {
    name: 'poly-studio-x',
    section: '0 of 3',
    codecs: `opus/111 ${g711Last}`,
    event: '101/8000',
    security: `1 ${gcm} 4 ${aes}`,
    media: '192.0.2.33 16384 rtcp 16385 sendrecv',
    rest: 'ptime 20',
  },
  {
    name: 'cisco-ce-best-effort',
    section: '0 of 6',
    codecs: 'G722/9 PCMA/8 PCMU/0',
    event: '101/8000',
    security: `0 ${aes}`,
    media: '192.0.2.41 2326 rtcp 2327 sendrecv',
  },
  {
    name: 'cisco-cucm-late-answer',
    section: '0 of 1',
    codecs: 'G722/9',
    event: '101/8000',
    security: `2 ${aes}`,
    media: '192.0.2.43 31182 rtcp 31183 sendrecv',
    rest: 'ptime 20',
  },
  {
    name: 'cisco-cucm-hold',
    section: '0 of 1',
    codecs: 'PCMU/0',
    event: '101/8000',
    security: 'none',
    media: '0.0.0.0 24580 rtcp 24581 inactive',
    rest: 'ptime 20',
  },
  {
    name: 'yealink-t46-srtp',
    section: '0 of 1',
    codecs: `opus/107 ${g711Last}`,
    event: '101/8000',
    security: `1 ${aes}`,
    media: '192.0.2.61 11782 rtcp 11783 sendrecv',
    rest: 'ptime 20',
  },
  {
    name: 'yealink-vc',
    section: '0 of 4',
    codecs: g711Last,
    event: '101/8000',
    security: `1 ${aes}`,
    media: '192.0.2.62 10000 rtcp 10001 sendrecv',
    rest: 'ptime 20',
  },
];

test.each(readings)('reads what $name says', async (reading) => {
  const { name } = reading;
  const session = readSession(await fixture(name), name.endsWith('answer') ? 'answer' : 'offer');
  const section = `${session.audioIndex ?? 'none'} of ${session.sections.length}`;
  expect({ name, section, ...summary(audioOf(session)) }).toEqual({ rest: '', ...reading });
});

const offers = readings.filter(({ name }) => !name.endsWith('answer'));

test.each(offers)('answers $name in its own order and numbers', async ({ name }) => {
  const session = readSession(await fixture(name));
  const text = writeAnswer(session, answerTo(audioOf(session)), origin);
  expect(text).toBe(await fixture(`answers/${name}`));
});

test('every answer has the section order, media, protocols and mids of its offer', async () => {
  for (const { name } of offers) {
    const offered = readSession(await fixture(name));
    const answer = readSession(await fixture(`answers/${name}`), 'answer');
    const shape = ({ sections }: typeof offered): string[] =>
      sections.map(({ kind, protocol, mid = '' }) => `${kind} ${protocol} ${mid}`);
    expect(shape(answer)).toEqual(shape(offered));
    expect(answer.sections.filter(({ disabled }) => !disabled)).toHaveLength(1);
  }
});

test('no fixture has an address of a real network', async () => {
  for (const { name } of readings) {
    const text = await readFile(new URL(`../../../fixtures/sdp/${name}.sdp`, import.meta.url), 'utf8');
    const addresses = text.match(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g) ?? [];
    const allowed = /^(?:192\.0\.2\.|0\.0\.0\.0$|127\.0\.0\.1$)/;
    expect(addresses.filter((address) => !allowed.test(address))).toEqual([]);
  }
});

function summary(audio: AudioDescription): Omit<Reading, 'name' | 'section'> {
  const { codecs, telephoneEvent, address, port, rtcpMux, rtcpPort = 0, direction } = audio;
  return {
    codecs: codecs.map(({ name, payloadType }) => `${name}/${payloadType}`).join(' '),
    event: telephoneEvent === undefined ? '' : `${telephoneEvent.payloadType}/${telephoneEvent.clockRateHz}`,
    security: securitySummary(audio),
    media: `${address} ${port} ${rtcpMux ? 'mux' : `rtcp ${rtcpPort}`} ${direction}`,
    rest: restSummary(audio),
  };
}

function securitySummary({ security }: AudioDescription): string {
  if (security.kind === 'none') return 'none';
  if (security.kind === 'sdes') return security.keys.map(({ tag, suite }) => `${tag} ${suite}`).join(' ');
  const shown = security.fingerprints.map(({ algorithm, value }) => `${algorithm} ${value.slice(0, 5)}`);
  return [security.setup, ...shown].join(' ');
}

function restSummary({ mid, ssrc, cname = '', ice, headerExtensions, ptimeMs }: AudioDescription): string {
  return [
    mid === undefined ? [] : `mid ${mid}`,
    ssrc === undefined ? [] : `ssrc ${ssrc} ${cname}`,
    ice === undefined ? [] : `ice ${ice.usernameFragment}/${ice.candidates.length}`,
    Object.entries(headerExtensions).map(([name, id]) => `${name}=${String(id)}`),
    ptimeMs === undefined ? [] : `ptime ${ptimeMs}`,
  ]
    .flat()
    .join(' ');
}
