import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JitterBuffer, take } from '#media/mixer/audio/jitterBuffer.ts';
import { emptyRtpPacket, type RtpPacket } from '#media/mixer/rtp/packet.ts';

const frame = 160;

function packet(sequence: number, timestamp = sequence * frame, ssrc = 1, length = frame): RtpPacket {
  const header = { ...emptyRtpPacket(), sequence: sequence & 0xffff, timestamp: timestamp >>> 0 };
  return { ...header, ssrc, payloadLength: length };
}

/** A payload that says which packet it was. */
function payload(id: number): Uint8Array {
  const data = new Uint8Array(1500);
  new DataView(data.buffer).setUint32(0, id);
  return data;
}

function takenId(buffer: JitterBuffer): number {
  return new DataView(buffer.bytes.buffer).getUint32(buffer.takenOffset);
}

/** Takes one tick's worth; the ids of packets that were played. */
function playTick(buffer: JitterBuffer, nowMs: number): number[] {
  const ids: number[] = [];
  for (let units = 0; units < frame;) {
    const what = buffer.next(nowMs + units / 8, frame - units);
    if (what === take.packet) ids.push(takenId(buffer));
    units += buffer.takenDuration;
  }
  return ids;
}

test('packets that overtook one another are played in order, across the wrap of sequence and timestamp', () => {
  const buffer = new JitterBuffer(8000, false);
  const first = 65_530;
  const order = [0, 2, 1, 4, 3, 5, 7, 6, 9, 8, 10, 11];
  const played: number[] = [];
  for (let tick = 0; tick < 16; tick += 1) {
    const index = order[tick];
    if (index !== undefined) {
      const timestamp = 0xfffffc00 + index * frame;
      buffer.insert(packet(first + index, timestamp), payload(index), frame, 1, tick * 20);
    }
    played.push(...playTick(buffer, tick * 20));
  }
  expect(played).toEqual([...order].sort((a, b) => a - b));
  expect(buffer.late).toBe(0);
});

test('a packet after its time is late, one that came before is a duplicate', () => {
  const buffer = new JitterBuffer(8000, false);
  for (let index = 0; index < 20; index += 1) {
    if (index !== 10) buffer.insert(packet(index), payload(index), frame, 1, index * 20);
    playTick(buffer, index * 20);
  }
  buffer.insert(packet(10), payload(10), frame, 1, 400);
  buffer.insert(packet(5), payload(5), frame, 1, 400);
  expect(buffer.late).toBe(1);
  expect(buffer.duplicates).toBe(1);
});

test('a number that an event took is not concealed', () => {
  const buffer = new JitterBuffer(8000, false);
  const kinds = new Set<number>();
  for (let index = 0; index < 30; index += 1) {
    if (index === 10) buffer.skip(packet(index));
    else {
      const timestamp = (index < 10 ? index : index - 1) * frame;
      buffer.insert(
        packet(index, timestamp),
        payload(index),
        frame,
        1,
        (index < 10 ? index : index - 1) * 20,
      );
    }
    if (index > 4 && index !== 10) {
      kinds.add(buffer.next((index < 10 ? index : index - 1) * 20, frame));
    }
  }
  expect(kinds.has(take.concealment)).toBe(false);
});

test('the level of what plays next is what its sender says', () => {
  const buffer = new JitterBuffer(48000, true);
  expect(buffer.nextLevelDb(-99)).toBe(-99);
  buffer.insert(packet(1, 0, 1, 100), payload(1), 960, -33, 0);
  expect(buffer.nextLevelDb(-99)).toBe(-33);
});

test('a packet that claims to be played in an hour does not hold up the stream', () => {
  const buffer = new JitterBuffer(8000, false);
  const played: number[] = [];
  for (let index = 0; index < 50; index += 1) {
    if (index === 21) buffer.insert(packet(20, 8000 * 3600), payload(0), frame, 1, index * 20);
    if (index !== 20) buffer.insert(packet(index), payload(index), frame, 1, index * 20);
    played.push(...playTick(buffer, index * 20));
  }
  expect(played.filter((id) => id > 25)).toEqual(Array.from({ length: 23 }, (_, index) => 26 + index));
});

const arrivals = fc.array(
  fc.record({
    sequence: fc.oneof(fc.nat(40), fc.nat(0xffff)),
    timestamp: fc.oneof(
      fc.nat(40).map((index) => index * frame),
      fc.nat(0xffffffff),
    ),
    ssrc: fc.nat(2),
    length: fc.nat(1500),
    duration: fc.oneof(fc.constant(frame), fc.integer({ min: -1, max: 1000 })),
    levelDb: fc.integer({ min: -127, max: 1 }),
    afterMs: fc.oneof(fc.constant(20), fc.integer({ min: -50, max: 2000 })),
    event: fc.boolean(),
  }),
  { maxLength: 120 },
);

test('no sequence of packets makes it throw, stall or hold more than its ring', () => {
  fc.assert(
    fc.property(arrivals, fc.boolean(), (packets, isOpus) => {
      const buffer = new JitterBuffer(8000, isOpus);
      const data = new Uint8Array(1500);
      let nowMs = 0;
      for (const { sequence, timestamp, ssrc, length, duration, levelDb, afterMs, event } of packets) {
        nowMs += Math.max(0, afterMs);
        const header = packet(sequence, timestamp, ssrc, length);
        if (event) buffer.skip(header);
        else buffer.insert(header, data, duration, levelDb, nowMs + Math.min(0, afterMs));
        let steps = 0;
        for (let units = 0; units < frame; steps += 1) {
          buffer.next(nowMs + units / 8, frame - units);
          expect(buffer.takenDuration).toBeGreaterThan(0);
          expect(buffer.takenOffset + buffer.takenLength).toBeLessThanOrEqual(buffer.bytes.length);
          units += buffer.takenDuration;
        }
        expect(steps).toBeLessThanOrEqual(frame);
        expect(buffer.waiting).toBeLessThanOrEqual(64);
        expect(buffer.targetMs).toBeLessThanOrEqual(200);
      }
    }),
    { numRuns: 300 },
  );
});

test('whatever the network does, packets of one stream are played at most once and in order', () => {
  const network = fc.array(fc.record({ delayMs: fc.nat(300), lost: fc.boolean(), twice: fc.boolean() }), {
    maxLength: 150,
  });
  fc.assert(
    fc.property(network, fc.nat(0xffff), (fates, first) => {
      const arriving = fates
        .flatMap(({ delayMs, lost, twice }, index) => {
          const one = { index, atMs: index * 20 + delayMs };
          if (lost) return [];
          return twice ? [one, { index, atMs: one.atMs + 7 }] : [one];
        })
        .sort((a, b) => a.atMs - b.atMs);
      const buffer = new JitterBuffer(8000, false);
      const played: number[] = [];
      let next = 0;
      for (let nowMs = 0; nowMs < fates.length * 20 + 600; nowMs += 20) {
        for (let one = arriving[next]; one !== undefined && one.atMs <= nowMs; one = arriving[next]) {
          buffer.insert(packet(first + one.index, one.index * frame), payload(one.index), frame, 1, one.atMs);
          next += 1;
        }
        played.push(...playTick(buffer, nowMs));
      }
      for (const [at, id] of played.entries()) expect(id).toBeGreaterThan(played[at - 1] ?? -1);
    }),
    { numRuns: 200 },
  );
});
