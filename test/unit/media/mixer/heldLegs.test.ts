import { afterEach, expect, test } from 'vitest';
import { audioCodecNames } from '#kernel/index.ts';
import { codecTimings } from '#media/mixer/audio/codecs.ts';
import { sine, toneDb } from '#test/support/tones.ts';
import { Room, type RoomLeg } from './Room.ts';

const promptHz = 1730;
const rooms: Room[] = [];
afterEach(() => {
  for (const room of rooms.splice(0)) room.close();
});

function openRoom(): Room {
  const room = new Room();
  rooms.push(room);
  return room;
}

function hears(room: Room, leg: RoomLeg, hz: number, from: number): number {
  return toneDb(room.heardBy(leg, from), codecTimings[leg.config.codec].sampleRateHz, hz);
}

function prompt(ms: number): Int16Array {
  return sine(promptHz, 48_000, 48 * ms, 0.1);
}

for (const codec of audioCodecNames) {
  test(`a held ${codec} leg is not heard, and hears its prompt and nothing else`, () => {
    const room = openRoom();
    const held = room.join('held', { codec, toneHz: 440 });
    const talker = room.join('talker', { codec, toneHz: 620 });
    room.engine.setHeld('held', true);
    room.engine.play('held', 1, prompt(3000));
    room.run(80);
    expect(hears(room, talker, 440, 20)).toBeLessThan(-70);
    expect(hears(room, held, 620, 20)).toBeLessThan(-70);
    expect(hears(room, held, promptHz, 20)).toBeCloseTo(-20, -1);
    expect(room.speaking.at(-1)).toEqual(['talker']);
  });
}

test('a leg that is held from the start never was a talker', () => {
  const room = openRoom();
  const held = room.join('held', { toneHz: 440 });
  room.engine.setLeg({ ...held.config, held: true });
  room.join('listener');
  room.run(30);
  expect(room.speaking).toEqual([]);
});

test('who is let in is heard in the next tick, hears the room, and goes on in the same stream', () => {
  const room = openRoom();
  const held = room.join('held', { toneHz: 440 });
  const other = room.join('other', { toneHz: 620 });
  room.engine.setHeld('held', true);
  room.run(50);
  room.engine.setHeld('held', false);
  room.run(1);
  const last = room.heardBy(other).slice(-960);
  expect(toneDb(last, 48_000, 440)).toBeGreaterThan(-40);
  room.run(49);
  expect(hears(room, held, 620, 60)).toBeCloseTo(-20, -1);
  const sequences = held.heard.map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.map((_, index) => ((sequences[0] ?? 0) + index) & 0xffff));
  expect(new Set(held.heard.map(({ ssrc }) => ssrc)).size).toBe(1);
});

test('who is held falls silent for the others at once', () => {
  const room = openRoom();
  room.join('one', { toneHz: 440 });
  const other = room.join('other');
  room.run(50);
  room.engine.setHeld('one', true);
  room.run(30);
  expect(hears(room, other, 440, 52)).toBeLessThan(-70);
  expect(room.speaking.at(-1)).toEqual([]);
});

test('a key that is pressed on hold is told', () => {
  const room = openRoom();
  const held = room.join('held');
  room.engine.setHeld('held', true);
  const end = new Uint8Array([5, 0x8a, 0, 0xa0]);
  room.receive(held, { payloadType: 101, sequence: 1, timestamp: 1 }, end);
  room.run(1);
  expect(room.digits).toEqual(['5']);
});

test('a silent leg on hold costs no Opus encode', () => {
  const room = openRoom();
  for (let index = 0; index < 5; index += 1) {
    room.join(`held ${index}`);
    room.engine.setHeld(`held ${index}`, true);
  }
  room.run(60);
  expect(room.engine.encodes.opus).toBe(0);
});

test('a prompt to one in the room is heard by him alone, over a room that is quieter meanwhile', () => {
  const room = openRoom();
  const called = room.join('called', { toneHz: 440 });
  const other = room.join('other', { toneHz: 620 });
  room.run(50);
  room.engine.play('called', 7, prompt(1000));
  room.run(100);
  const during = room.heardBy(called).subarray(60 * 960, 90 * 960);
  expect(toneDb(during, 48_000, promptHz)).toBeCloseTo(-20, -1);
  expect(toneDb(during, 48_000, 620)).toBeCloseTo(-34, -1);
  expect(toneDb(room.heardBy(other).subarray(60 * 960, 90 * 960), 48_000, promptHz)).toBeLessThan(-70);
  expect(toneDb(room.heardBy(other).subarray(60 * 960, 90 * 960), 48_000, 440)).toBeCloseTo(-20, -1);
  expect(hears(room, called, 620, 120)).toBeCloseTo(-20, -1);
  expect(room.promptsEnded).toEqual([7]);
});

test('a prompt is over when it ended, was stopped, gave way to another, or its leg went', () => {
  const room = openRoom();
  const leg = room.join('leg');
  room.engine.play('leg', 1, prompt(50));
  room.run(2);
  expect(room.promptsEnded).toEqual([]);
  room.run(1);
  expect(room.promptsEnded).toEqual([1]);
  room.engine.play('leg', 2, prompt(5000));
  room.run(5);
  room.engine.play('leg', 3, prompt(5000));
  expect(room.promptsEnded).toEqual([1, 2]);
  room.engine.stopPlaying('leg');
  room.run(1);
  expect(room.promptsEnded).toEqual([1, 2, 3]);
  const from = leg.heard.length + 5;
  room.run(20);
  expect(hears(room, leg, promptHz, from)).toBeLessThan(-70);
  room.engine.play('leg', 4, prompt(5000));
  room.leave(leg);
  expect(room.promptsEnded).toEqual([1, 2, 3, 4]);
});

test('a prompt to a leg that is not there is refused', () => {
  expect(() => openRoom().engine.play('nobody', 1, prompt(20))).toThrow('no leg nobody');
});

test('the most contributors of a packet of the last minute are told, and once more when there are none', () => {
  const room = openRoom();
  const leg = room.join('mixer');
  const packet = new Uint8Array(12 + 3 * 4 + 1);
  packet.set([0x83, 96, 0, 1]);
  new DataView(packet.buffer).setUint32(8, leg.config.inbound?.ssrc ?? 0);
  room.engine.receive(packet, 0, packet.length, room.nowMs);
  room.receive(leg, { payloadType: 96, sequence: 2, timestamp: 960 }, new Uint8Array([8]));
  expect(room.engine.contributors(room.nowMs + 59_000)).toEqual([{ legId: 'mixer', count: 3 }]);
  expect(room.engine.contributors(room.nowMs + 61_000)).toEqual([{ legId: 'mixer', count: 0 }]);
  expect(room.engine.contributors(room.nowMs + 62_000)).toEqual([]);
});
