import { afterEach, expect, test } from 'vitest';
import { audioCodecNames } from '#kernel/index.ts';
import { codecTimings } from '#media/mixer/audio/codecs.ts';
import { toneDb, tonePresence } from '#test/support/tones.ts';
import { Room, unitsPerTick, type RoomLeg } from './Room.ts';

const rooms: Room[] = [];
afterEach(() => {
  for (const room of rooms.splice(0)) room.close();
});

function openRoom(maxTalkers?: number): Room {
  const room = new Room(maxTalkers);
  rooms.push(room);
  return room;
}

function hears(room: Room, leg: RoomLeg, hz: number, from: number): number {
  return toneDb(room.heardBy(leg, from), codecTimings[leg.config.codec].sampleRateHz, hz);
}

function encodesOf(room: Room): number {
  const { opus, G722, PCMA, PCMU } = room.engine.encodes;
  return opus + G722 + PCMA + PCMU;
}

test('everyone hears everyone but himself, in every codec', () => {
  const room = openRoom(4);
  const tones = [440, 620, 1010, 1370];
  const talkers = audioCodecNames.map((codec, index) => {
    const toneHz = tones[index] ?? 0;
    return { toneHz, leg: room.join(codec, { codec, toneHz }) };
  });
  const audience = audioCodecNames.map((codec) => room.join(`${codec} audience`, { codec }));
  room.run(120);
  for (const { toneHz, leg } of talkers) {
    expect(hears(room, leg, toneHz, 40)).toBeLessThan(-70);
    for (const other of talkers) {
      if (other.leg !== leg) expect(hears(room, other.leg, toneHz, 40)).toBeCloseTo(-20, -1);
    }
    for (const listener of audience) expect(hears(room, listener, toneHz, 40)).toBeCloseTo(-20, -1);
  }
});

test('no input produces silence, and packets all the same', () => {
  const room = openRoom();
  const legs = audioCodecNames.map((codec) => room.join(codec, { codec }));
  room.run(50);
  for (const leg of legs) {
    expect(leg.heard).toHaveLength(50);
    expect(Math.max(...room.heardBy(leg).map(Math.abs))).toBeLessThan(16);
  }
});

test('a silent room costs no Opus encode, and hears the first word whole', () => {
  const room = openRoom();
  const listener = room.join('listener');
  const talker = room.join('talker', { toneHz: 440 });
  talker.talking = false;
  room.run(60);
  expect(encodesOf(room)).toBe(0);
  talker.talking = true;
  room.run(60);
  expect(encodesOf(room)).toBe(1);
  expect(tonePresence(room.heardBy(listener, 64), 48000, 440, -30)).toBe(1);
});

test('encodes per tick are one for each talker and one for each codec of the listeners', () => {
  const room = openRoom(3);
  room.join('a', { toneHz: 440 });
  room.join('b', { toneHz: 620 });
  room.join('c', { toneHz: 1010, codec: 'G722' });
  for (let index = 0; index < 20; index += 1) room.join(`opus ${index}`);
  for (let index = 0; index < 5; index += 1) room.join(`PCMA ${index}`, { codec: 'PCMA' });
  room.run(60);
  expect(room.engine.encodes).toEqual({ opus: 3, G722: 1, PCMA: 1, PCMU: 0 });
});

test('legs of one codec who do not talk get the same payload', () => {
  const room = openRoom();
  room.join('talker', { toneHz: 440 });
  const [a, b] = [room.join('a'), room.join('b')];
  room.run(20);
  for (const [index, { payload }] of a.heard.entries()) expect(payload).toEqual(b.heard[index]?.payload);
});

test.each([...audioCodecNames])(
  'the sequence numbers and timestamps of a %s listener have no gap when he starts to talk and stops',
  (codec) => {
    const room = openRoom();
    room.join('other', { toneHz: 620 });
    const leg = room.join('leg', { codec, toneHz: 440 });
    for (const talking of [false, true, false, true]) {
      leg.talking = talking;
      room.run(100);
    }
    expect(leg.heard).toHaveLength(400);
    const first = leg.heard[0];
    for (const [index, frame] of leg.heard.entries()) {
      expect(frame.ssrc).toBe(leg.config.outbound.ssrc);
      expect(frame.sequence).toBe(((first?.sequence ?? 0) + index) & 0xffff);
      expect(frame.timestamp).toBe(((first?.timestamp ?? 0) + index * unitsPerTick(codec)) >>> 0);
      expect(frame.marker).toBe(index === 0);
    }
    expect(tonePresence(room.heardBy(leg, 20), codecTimings[codec].sampleRateHz, 620, -30)).toBeGreaterThan(
      0.98,
    );
  },
);

test('a mixer that starts again goes on ahead of where the one before stopped', () => {
  const before = openRoom();
  const leg = before.join('leg');
  before.run(500);
  const after = openRoom();
  after.wallMs = before.wallMs + 300;
  const again = after.join('leg');
  after.run(1);
  const step = (again.heard[0]?.sequence ?? 0) - (leg.heard.at(-1)?.sequence ?? 0);
  expect(step & 0xffff).toBeGreaterThan(0);
  expect(step & 0xffff).toBeLessThan(20);
  const media = (again.heard[0]?.timestamp ?? 0) - (leg.heard.at(-1)?.timestamp ?? 0);
  expect(media >>> 0).toBe((step & 0xffff) * 960);
});

test('ticks that were given up show in the timestamp and not in the sequence', () => {
  const room = openRoom();
  const leg = room.join('leg');
  room.run(2);
  room.engine.skip(10);
  room.run(1);
  const [, before, after] = leg.heard;
  expect(after?.sequence).toBe(((before?.sequence ?? 0) + 1) & 0xffff);
  expect(after?.timestamp).toBe(((before?.timestamp ?? 0) + 11 * 960) >>> 0);
  expect(after?.marker).toBe(true);
});

test('a muted leg is not heard from the next tick on, hears on, and its keys count', () => {
  const room = openRoom();
  const talker = room.join('talker', { toneHz: 440 });
  const other = room.join('other', { toneHz: 620 });
  const listener = room.join('listener');
  room.run(50);
  room.engine.setMuted('talker', true);
  room.run(60);
  expect(hears(room, listener, 440, 55)).toBeLessThan(-70);
  expect(hears(room, talker, 620, 55)).toBeGreaterThan(-25);
  const press = Uint8Array.from([6, 0x8a, 3, 0x20]);
  room.receive(talker, { payloadType: 101, sequence: 9000, timestamp: 77 }, press);
  room.engine.setMuted('talker', false);
  room.run(60);
  expect(room.digits).toEqual(['6']);
  expect(hears(room, other, 440, 130)).toBeGreaterThan(-25);
});

test('more than the limit talk: the loudest are heard, the others are not', () => {
  const room = openRoom(2);
  const listener = room.join('listener');
  room.join('quiet', { toneHz: 1370, amplitude: 0.02 });
  room.join('loud', { toneHz: 440, amplitude: 0.3 });
  room.join('louder', { toneHz: 620, amplitude: 0.3 });
  room.run(200);
  expect(hears(room, listener, 440, 150)).toBeGreaterThan(-15);
  expect(hears(room, listener, 620, 150)).toBeGreaterThan(-15);
  expect(hears(room, listener, 1370, 150)).toBeLessThan(-60);
  expect(room.speaking.at(-1)).toHaveLength(2);
});

test('a leg that says its level and is not among the loudest is not decoded', () => {
  const room = openRoom(1);
  room.join('loud', { toneHz: 440, amplitude: 0.3 });
  const quiet = room.join('quiet', { toneHz: 620, amplitude: 0.02, saidLevelDb: -44 });
  room.run(100);
  const stats = room.engine.legStats().find(({ id }) => id === 'quiet');
  expect(stats?.levelDb).toBe(-44);
  quiet.talking = false;
  room.run(5);
  expect(room.engine.legStats().find(({ id }) => id === 'quiet')?.concealed).toBe(0);
});

test('a leg that says its level is heard from its first frame when it speaks up', () => {
  const room = openRoom();
  const listener = room.join('listener');
  const talker = room.join('talker', { toneHz: 440, saidLevelDb: -90 });
  room.run(50);
  expect(hears(room, listener, 440, 10)).toBeLessThan(-80);
  talker.saidLevelDb = -23;
  room.run(50);
  expect(tonePresence(room.heardBy(listener, 54), 48000, 440, -30)).toBe(1);
});

test('it catches up after not running: what arrived meanwhile is played in its order', () => {
  const room = openRoom();
  const listener = room.join('listener');
  room.join('talker', { toneHz: 440 });
  room.run(50);
  // Five packets arrive while no tick runs; the late ticks have their own deadlines.
  room.run(5);
  for (let tick = 0; tick < 5; tick += 1) room.tick();
  room.run(100);
  expect(tonePresence(room.heardBy(listener, 80), 48000, 440, -30)).toBe(1);
});

test('a leg with another codec goes on in the same stream', () => {
  const room = openRoom();
  room.join('talker', { toneHz: 440 });
  const leg = room.join('leg');
  room.run(20);
  const config = { ...leg.config, codec: 'PCMA', payloadType: 8 } as const;
  room.engine.setLeg(config);
  room.run(60);
  const [last, next] = leg.heard.slice(19, 21);
  expect(next?.sequence).toBe(((last?.sequence ?? 0) + 1) & 0xffff);
  expect([next?.ssrc, next?.payloadType, next?.marker]).toEqual([last?.ssrc, 8, true]);
  const changed = { ...leg, config, heard: leg.heard.slice(20) };
  expect(hears(room, changed, 440, 10)).toBeGreaterThan(-25);
});

test('a conference hears nothing of another, and what left is forgotten', () => {
  const room = openRoom();
  const listener = room.join('listener');
  const talker = room.join('talker', { toneHz: 440 });
  room.engine.setLeg({ ...talker.config, conferenceId: 'elsewhere' });
  room.run(30);
  expect(hears(room, listener, 440, 0)).toBeLessThan(-80);
  room.leave(talker);
  room.run(1);
  expect(room.engine.legCount).toBe(1);
});

test('two at full scale are limited, not clipped', () => {
  const room = openRoom();
  const listener = room.join('listener', { codec: 'PCMA' });
  room.join('a', { toneHz: 440, amplitude: 0.9 });
  room.join('b', { toneHz: 620, amplitude: 0.9 });
  room.run(150);
  const heard = room.heardBy(listener, 50);
  // The third order products are what clipping would make.
  expect(toneDb(heard, 8000, 2 * 440 - 620)).toBeLessThan(-45);
  expect(toneDb(heard, 8000, 2 * 620 - 440)).toBeLessThan(-45);
  expect(toneDb(heard, 8000, 440)).toBeGreaterThan(-10);
});

test('a leg that no packet could be sent to is refused', () => {
  const room = openRoom();
  const { config } = room.join('leg');
  const outbound = { ...config.outbound, port: 0 };
  expect(() => room.engine.setLeg({ ...config, outbound })).toThrow(/port 0 must be/);
  expect(() => room.engine.setLeg({ ...config, payloadType: 128 })).toThrow(/payload type 128/);
});

test('how long voices are held back is told of those from whom something comes', () => {
  const room = openRoom();
  room.join('talker', { toneHz: 440 });
  room.join('listener', { listenOnly: true });
  room.run(20);
  expect(room.engine.voiceDelays()).toEqual([{ id: 'talker', delayMs: expect.any(Number) as number }]);
  expect(room.engine.voiceDelays()[0]?.delayMs).toBeGreaterThanOrEqual(20);
});
