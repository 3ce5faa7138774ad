import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ZonebridgeError, type VideoDescription } from '#kernel/index.ts';
import {
  descriptionOf,
  readSession,
  writeAnswer,
  writeOffer,
  writeReoffer,
  type FarEnd,
  type SessionRole,
} from '#signaling/sdp/index.ts';
import { answerTo, describedIn, fixture, origin } from './descriptions.ts';
import { browserSession, characters, phoneSession } from './generators.ts';
const names = (await readdir(new URL('../../../fixtures/sdp/', import.meta.url))).flatMap((file) =>
  file.endsWith('.sdp') ? [file.slice(0, -4)] : [],
);
const texts = await Promise.all(names.map(fixture));

/** Reads, and if that works answers and offers again; anything but our own error is a defect. */
function survives(text: string, [role, farEnd]: Reading): void {
  try {
    const session = readSession(text, role, farEnd);
    const described = descriptionOf(session);
    if (described === undefined) {
      writeAnswer(session, null, origin);
    } else {
      readSession(writeAnswer(session, answerTo(described), origin), 'answer');
      readSession(writeReoffer(session, answerTo(described), origin));
    }
  } catch (error) {
    if (!(error instanceof ZonebridgeError)) throw error;
  }
}

type Reading = readonly [SessionRole, FarEnd];

const readings: readonly Reading[] = [
  ['offer', 'phone'],
  ['answer', 'phone'],
  ['answer', 'browser'],
];

const line = fc
  .record({ type: characters('vosctbma'), value: fc.string({ maxLength: 60 }) })
  .map(({ type, value }) => `${type}=${value}`);

const attribute = fc
  .record({
    name: fc.constantFrom(
      ...['rtpmap', 'fmtp', 'crypto', 'fingerprint', 'setup', 'mid', 'group', 'candidate', 'rtcp', 'ssrc'],
      ...['extmap', 'ptime', 'ice-ufrag', 'ice-pwd', 'simulcast', 'imageattr', 'source-filter', 'mediaclk'],
      ...['rid', 'rtcp-fb', 'ssrc-group', 'content', 'bundle-only', 'framerate', 'label'],
    ),
    value: fc.string({ unit: characters('0123456789/ :|^=;-+*[],.aZ\t'), maxLength: 200 }),
  })
  .map(({ name, value }) => `a=${name}:${value}`);

/** Lines that a video section understands, with values that are nearly right. */
const videoLine = fc.oneof(
  fc
    .tuple(fc.nat(130), fc.constantFrom('VP8', 'H264', 'rtx', 'VP9'))
    .map(([number, name]) => `a=rtpmap:${number} ${name}/90000`),
  fc
    .record({
      number: fc.integer({ min: 94, max: 99 }),
      id: fc.string({ unit: characters('0123456789abcdefABCDEF'), minLength: 5, maxLength: 7 }),
      mode: fc.constantFrom('0', '1', '2', '3', ''),
    })
    .map(({ number, id, mode }) => `a=fmtp:${number} profile-level-id=${id};packetization-mode=${mode}`),
  fc.tuple(fc.nat(130), fc.nat(130)).map(([number, apt]) => `a=fmtp:${number} apt=${apt}`),
  fc.string({ unit: characters('qhf~;,'), maxLength: 8 }).map((list) => `a=simulcast:send ${list}`),
  fc.tuple(characters('qhf'), fc.constantFrom('send', 'recv')).map(([rid, way]) => `a=rid:${rid} ${way}`),
  fc
    .tuple(fc.constantFrom('FID', 'SIM'), fc.nat(9), fc.nat(9))
    .map(([kind, one, two]) => `a=ssrc-group:${kind} ${one} ${two}`),
  fc.tuple(fc.constantFrom('TIAS', 'AS', 'CT'), fc.nat()).map(([type, value]) => `b=${type}:${value}`),
);

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
      line: fc.oneof(line, attribute, videoLine),
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
    fc.property(edit, fc.constantFrom(...readings), (input, reading) => {
      survives(mutate(input), reading);
    }),
    { numRuns: 3000 },
  );
});

test('random lines are read or refused, never anything else', () => {
  const text = fc
    .tuple(
      fc.array(fc.oneof(line, attribute), { maxLength: 20 }),
      fc.array(fc.oneof(line, attribute, videoLine), { maxLength: 20 }),
    )
    .map(([audio, video]) =>
      [
        'v=0',
        'o=- 1 1 IN IP4 192.0.2.1',
        'c=IN IP4 192.0.2.1',
        'm=audio 4000 RTP/AVP 0',
        ...audio,
        'm=video 4002 RTP/AVP 94 95 96 97 98 99',
        ...video,
      ].join('\n'),
    );
  fc.assert(fc.property(fc.oneof(fc.string(), text), fc.constantFrom(...readings), survives), {
    numRuns: 3000,
  });
});

test('the longest lines that are allowed do not hang it, whatever they repeat', { timeout: 20_000 }, () => {
  const runs = [
    'a=imageattr:1 send [x=1',
    'a=simulcast: ',
    'a=ptime:1.',
    'a=fmtp:0 a;',
    'a=ssrc:1 ',
    'a=crypto:1 x ',
    'a=rid:q send ',
    'a=simulcast:send q;',
    'a=rtcp-fb:* x ',
    'a=ssrc-group:FID 1 ',
    'a=fmtp:96 apt=96;',
    'b=TIAS:1',
  ];
  for (const start of runs) {
    const long = start + (start.slice(-2) + ' ').repeat(8100 / 3);
    const lines = `${long.slice(0, 8190)}\n`.repeat(7);
    const session = 'v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\n';
    for (const reading of readings)
      survives(
        `${session}m=audio 4000 RTP/AVP 0\n${lines}m=video 4002 RTP/AVP 96\na=rtpmap:96 VP8/90000\n${lines}`,
        reading,
      );
  }
});

test('what a browser is offered reads back as it was described', () => {
  fc.assert(
    fc.property(browserSession, (session) => {
      const text = writeOffer(session, origin, 'browser');
      expect(describedIn(readSession(text, 'offer', 'browser'))).toEqual(session);
    }),
  );
});

test('what a phone is offered reads back as it was described', () => {
  fc.assert(
    fc.property(phoneSession, (session) => {
      expect(describedIn(readSession(writeOffer(session, origin, 'phone')))).toEqual(session);
    }),
  );
});

test('an answer to any offer of ours reads back as an answer of what was offered', () => {
  fc.assert(
    fc.property(fc.oneof(browserSession, phoneSession), (session) => {
      const remote = readSession(
        writeOffer(session, origin, session.audio.ice === undefined ? 'phone' : 'browser'),
      );
      const offered = describedIn(remote);
      const { audio, video } = describedIn(
        readSession(writeAnswer(remote, answerTo(offered), origin), 'answer'),
      );
      expect(audio.mid).toEqual(session.audio.mid);
      expect(audio.security.kind).toBe(session.audio.security.kind);
      expect(session.audio.codecs).toContainEqual({ ...audio.codecs[0], parameters: anything });
      expect(video === undefined).toBe(offered.video === undefined);
      if (video !== undefined && offered.video !== undefined) expectAnswer(video, offered.video);
    }),
  );
});

const anything: unknown = expect.anything();

function expectAnswer(answer: VideoDescription, offered: VideoDescription): void {
  const [codec] = answer.codecs;
  const asked = offered.codecs.find(({ payloadType }) => payloadType === codec?.payloadType);
  expect(answer.codecs).toHaveLength(1);
  expect(answer.mid).toBe(offered.mid);
  expect([codec?.name, codec?.rtxPayloadType]).toEqual([asked?.name, asked?.rtxPayloadType]);
  expect(asked?.feedback).toEqual(expect.arrayContaining([...(codec?.feedback ?? [])]));
  expect(codec?.parameters['packetization-mode']).toBe(asked?.parameters['packetization-mode']);
  expect(codec?.parameters['profile-level-id']?.slice(0, 4)).toBe(
    asked?.parameters['profile-level-id']?.slice(0, 4),
  );
}

test('an offer that comes again has every section where it was, with the same name', () => {
  fc.assert(
    fc.property(fc.constantFrom(...texts), (text) => {
      const session = readSession(text);
      const again = readSession(writeReoffer(session, answerTo(describedIn(session)), origin));
      const shape = ({ sections }: typeof session): string[] =>
        sections.map(({ kind, protocol, mid = '' }) => `${kind} ${protocol} ${mid}`);
      expect(shape(again)).toEqual(shape(session));
      expect([again.audioIndex, again.videoIndex]).toEqual([session.audioIndex, session.videoIndex]);
    }),
  );
});
