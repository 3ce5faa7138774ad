import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { AudioDescription, SessionDescription, VideoDescription } from '#kernel/index.ts';
import { readSession, writeAnswer, type RemoteSession } from '#signaling/sdp/index.ts';
import { answerTo, describedIn, fixture, origin } from './descriptions.ts';
import { readings, type Reading, type VideoReading } from './fixtureReadings.ts';

test.each(readings)('reads what $name says', async (reading) => {
  const session = await read(reading.name);
  const section = `${session.audioIndex ?? 'none'} of ${session.sections.length}`;
  const { name } = reading;
  expect({ name, section, ...summary(describedIn(session), session) }).toEqual({ rest: '', ...reading });
});

test('a browser that answers an offer with pictures takes each for what it is', async () => {
  const session = await read('chromium-video-answer');
  const { video, screen, alternate } = describedIn(session);
  expect(video?.rids).toEqual(['q', 'h', 'f']);
  expect(
    [video, screen, alternate].map((section) => `${section?.mid ?? ''} ${section?.direction ?? ''}`),
  ).toEqual(['1 sendrecv', '2 sendrecv', '3 recvonly']);
  expect([screen?.rtxSsrc, alternate?.ssrc]).toEqual([4171335678, undefined]);
});

async function read(name: string): Promise<RemoteSession> {
  const farEnd = name.startsWith('chromium-video') ? 'browser' : 'phone';
  return readSession(await fixture(name), name.endsWith('answer') ? 'answer' : 'offer', farEnd);
}

const offers = readings.filter(({ name }) => !name.endsWith('answer'));

test.each(offers)('answers $name in its own order and numbers', async ({ name }) => {
  const session = readSession(await fixture(name));
  const text = writeAnswer(session, answerTo(describedIn(session)), origin);
  expect(text).toBe(await fixture(`answers/${name}`));
});

test('every answer has the section order, media, protocols and mids of its offer', async () => {
  for (const { name, video } of offers) {
    const offered = readSession(await fixture(name));
    const answer = readSession(await fixture(`answers/${name}`), 'answer');
    const shape = ({ sections }: typeof offered): string[] =>
      sections.map(({ kind, protocol, mid = '' }) => `${kind} ${protocol} ${mid}`);
    expect(shape(answer)).toEqual(shape(offered));
    expect(answer.sections.filter(({ disabled }) => !disabled)).toHaveLength(video === undefined ? 1 : 2);
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

function summary(
  { audio, video }: SessionDescription,
  { videoIndex = -1 }: RemoteSession,
): Omit<Reading, 'name' | 'section'> {
  const { telephoneEvent } = audio;
  return {
    event: telephoneEvent === undefined ? '' : `${telephoneEvent.payloadType}/${telephoneEvent.clockRateHz}`,
    ...commonSummary(audio),
    ...(video === undefined ? {} : { video: videoSummary(video, videoIndex) }),
  };
}

function commonSummary(media: AudioDescription | VideoDescription) {
  const { codecs, address, port, rtcpMux, rtcpPort = 0, direction } = media;
  return {
    codecs: codecs.map(({ name, payloadType }) => `${name}/${payloadType}`).join(' '),
    security: securitySummary(media),
    media: `${address} ${port} ${rtcpMux ? 'mux' : `rtcp ${rtcpPort}`} ${direction}`,
    rest: restSummary(media),
  };
}

function videoSummary(video: VideoDescription, section: number): VideoReading {
  const { codecs, maxBitrate, rtxSsrc } = video;
  const { rest, ...common } = commonSummary(video);
  const feedback = codecs.map((codec) => codec.feedback.join(', '));
  const words = [
    rest === '' ? [] : [rest],
    codecs.flatMap(({ rtxPayloadType }) => (rtxPayloadType === undefined ? [] : [`rtx ${rtxPayloadType}`])),
    rtxSsrc === undefined ? [] : [`repeated ${rtxSsrc}`],
    maxBitrate === undefined ? [] : [`max ${maxBitrate}`],
  ].flat();
  return {
    section,
    ...common,
    ...(feedback.join('') === '' ? {} : { feedback: [...new Set(feedback)].join(' | ') }),
    ...(words.length === 0 ? {} : { rest: words.join(' ') }),
  };
}

function securitySummary({ security }: AudioDescription | VideoDescription): string {
  if (security.kind === 'none') return 'none';
  if (security.kind === 'sdes') return security.keys.map(({ tag, suite }) => `${tag} ${suite}`).join(' ');
  const shown = security.fingerprints.map(({ algorithm, value }) => `${algorithm} ${value.slice(0, 5)}`);
  return [security.setup, ...shown].join(' ');
}

function restSummary(media: AudioDescription | VideoDescription): string {
  const { mid, ssrc, cname = '', ice, headerExtensions } = media;
  const ptimeMs = 'ptimeMs' in media ? media.ptimeMs : undefined;
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
