import { expect, test } from 'vitest';
import type { DrachtioMessage } from '#signaling/sip/drachtio.ts';
import { AnnouncedRoster, readConferenceInfo } from '#signaling/sip/conferenceInfo.ts';

function message(body: string, type = 'application/conference-info+xml;charset=utf-8'): DrachtioMessage {
  return { body, get: (name) => (name === 'Content-Type' ? type : undefined) };
}

const head = '<?xml version="1.0" encoding="UTF-8"?>';

/** As in RFC 4575 §6, shortened. */
const full = `${head}
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sips:conf233@example.com" state="full" version="1">
 <conference-state><user-count>33</user-count></conference-state>
 <users>
  <user entity="sip:bob@example.com" state="full"><display-text>Bob Hoskins</display-text>
   <endpoint entity="sip:bob@pc33.example.com"><status>on-hold</status></endpoint></user>
  <user entity="sip:alice@example.com" state="full"/>
 </users>
</conference-info>`;

function following(...bodies: readonly string[]): number {
  const roster = new AnnouncedRoster();
  for (const body of bodies) {
    const document = readConferenceInfo(message(body));
    if (document !== undefined) roster.follow(document);
  }
  return roster.size;
}

test('a focus is believed to have as many as it counts, or names', () => {
  expect(following(full)).toBe(33);
  expect(following(full.replace(/<conference-state>.*<.conference-state>/, ''))).toBe(2);
  expect(
    following(full.replaceAll('<', '<ci:').replaceAll('<ci:/', '</ci:').replace('<ci:?xml', '<?xml')),
  ).toBe(33);
});

test('changes are followed: who has come, who has gone, another count', () => {
  const named = full.replace(/<conference-state>.*<.conference-state>/, '');
  const partial = (users: string): string =>
    `<conference-info entity="x" state="partial" version="2"><users state="partial">${users}</users></conference-info>`;
  const carl = "<user entity='sip:carl@example.com' state='full'>";
  expect(following(named, partial(carl))).toBe(3);
  expect(
    following(named, partial(carl), partial('<user entity="sip:bob@example.com" state="deleted"/>')),
  ).toBe(2);
  expect(
    following(
      full,
      partial('').replace('<users', '<conference-state><user-count>4</user-count></conference-state><users'),
    ),
  ).toBe(4);
  expect(following(full, named)).toBe(2);
});

test.each(['', 'nonsense', '<conference-info', '<html></html>'])('what is none tells nothing: %s', (body) => {
  expect(readConferenceInfo(message(body))?.users ?? []).toEqual([]);
});

test('another type of content is none', () => {
  expect(readConferenceInfo(message(full, 'text/plain'))).toBeUndefined();
});

test('a document that goes on and on is read once', () => {
  const timed = (length: number): number => {
    const body = `<conference-info>${'<user '.repeat(length)}`;
    const startedMs = performance.now();
    readConferenceInfo(message(body));
    return performance.now() - startedMs;
  };
  timed(1000);
  const [short, long] = [timed(2000), timed(20_000)];
  expect(long).toBeLessThan(Math.max(short, 1) * 100);
});
