import { expect, test } from 'vitest';
import { colourOf, initialsOf } from '../../../web/src/page/avatar.ts';
import { fallSlowly, loudnessDb, meterPosition } from '../../../web/src/page/levels.ts';
import { cleanName, readLink, readRoomName } from '../../../web/src/page/link.ts';
import { captureProblem, screenProblem } from '../../../web/src/page/captureProblem.ts';

test.each([
  ['/', { room: undefined, invalid: false, name: undefined, join: false, camera: undefined }],
  ['/welcome', { room: 'welcome', invalid: false, name: undefined, join: false, camera: undefined }],
  [
    '/welcome/?name=Alice&join=1',
    { room: 'welcome', invalid: false, name: 'Alice', join: true, camera: undefined },
  ],
  [
    '/Board.Room_4?join=0',
    { room: 'board.room_4', invalid: false, name: undefined, join: false, camera: undefined },
  ],
  ['/r?camera=1', { room: 'r', invalid: false, name: undefined, join: false, camera: true }],
  ['/r?join&camera=0', { room: 'r', invalid: false, name: undefined, join: true, camera: false }],
  ['/%C3%BC', { room: undefined, invalid: true, name: undefined, join: false, camera: undefined }],
  ['/a/b', { room: undefined, invalid: true, name: undefined, join: false, camera: undefined }],
  ['/r?name=%20%20&join', { room: 'r', invalid: false, name: undefined, join: true, camera: undefined }],
])('the address %s asks for what it says', (address, expected) => {
  expect(readLink(new URL(address, 'https://meetme.localhost:8443'))).toEqual(expected);
});

test('the page is told how a login ended, in words that it knows', () => {
  const problem = (query: string): string | undefined =>
    readLink(new URL(`/r?login=${query}`, 'https://meetme.localhost:8443')).loginProblem;
  expect(['failed', 'unavailable', 'hacked', ''].map(problem)).toEqual([
    'failed',
    'unavailable',
    undefined,
    undefined,
  ]);
});

test('a room may be typed as people write it, or pasted as a whole link', () => {
  expect(readRoomName('  Team Room ')).toBe('team-room');
  expect(readRoomName('https://meetme.localhost:8443/welcome?join=1')).toBe('welcome');
  expect(readRoomName('%zz')).toBeUndefined();
  expect(readRoomName('-a')).toBeUndefined();
});

test('names lose needless spaces and what is too long', () => {
  expect(cleanName('  Alice \t B.  ')).toBe('Alice B.');
  expect(cleanName('x'.repeat(100))).toHaveLength(80);
});

test.each([
  ['Alice Example', 'AE'],
  ['alice', 'A'],
  ['Dr. Wilhelmina von Hohenstein', 'DH'],
  ['+49 711 123456', '56'],
  ['sip:bob@example.org', 'SO'],
  ['李小龙', '李'],
  ['🙂', '?'],
  ['', '?'],
])('the avatar of %s shows %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
  expect([0, 1, 2, 3, 4, 5]).toContain(colourOf(name));
});

test('the level meter shows silence as nothing and a full tone as all', () => {
  expect(meterPosition(loudnessDb(new Float32Array(64)))).toBe(0);
  expect(meterPosition(loudnessDb(new Float32Array(64).fill(1)))).toBe(1);
  expect(loudnessDb(new Float32Array(64).fill(0.1))).toBeCloseTo(-20);
  expect(fallSlowly(0.2, 0.9, 16)).toBe(0.9);
  expect(fallSlowly(0.9, 0, 60)).toBeCloseTo(0.8);
});

test.each(['microphone', 'camera'] as const)(
  'every failure of a %s has words, also one that nobody thought of',
  (kind) => {
    const named = (name: string): Error => Object.assign(new Error('detail of the browser'), { name });
    const problem = (name: string): string => captureProblem(kind, named(name)).title;
    expect(problem('NotAllowedError')).toBe(`The browser does not allow the ${kind}`);
    expect(problem('SecurityError')).toBe(`The browser does not allow the ${kind}`);
    expect(problem('OverconstrainedError')).toBe(`No ${kind} was found`);
    expect(problem('NotReadableError')).toBe(`The ${kind} is busy`);
    expect(captureProblem(kind, named('Strange')).advice).toMatch(/detail of the browser/);
    expect(captureProblem(kind, 'text').advice).toMatch(/text/);
  },
);

test('a person who closes the choice of screens is told of no problem', () => {
  expect(screenProblem(new DOMException('', 'NotAllowedError'))).toBeUndefined();
  expect(screenProblem(new DOMException('no source', 'NotReadableError'))?.advice).toMatch(/no source/);
});
