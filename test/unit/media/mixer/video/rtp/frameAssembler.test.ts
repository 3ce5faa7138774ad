import fc from 'fast-check';
import { expect, test } from 'vitest';
import { videoCodecNames, type VideoCodecName } from '#kernel/index.ts';
import {
  datagram,
  h264Frame,
  packetize,
  Receiver,
  streamStart,
  vp8Frame,
  type SentFrame,
} from './pictureNetwork.ts';

function makeFrame(codec: VideoCodecName, index: number, keyFrame: boolean, bytes: number): SentFrame {
  if (codec === 'VP8') return vp8Frame(index, keyFrame, bytes);
  return h264Frame(index, keyFrame, [bytes, Math.floor(bytes / 3), 20]);
}

const fate = fc.record({
  delayMs: fc.nat(100),
  lost: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
  /** Retransmitted when nobody waits any more. */
  tooLate: fc.integer({ min: 0, max: 19 }).map((value) => value === 0),
  twice: fc.boolean(),
});
const network = fc.record({
  codec: fc.constantFrom(...videoCodecNames),
  frames: fc.array(fc.record({ keyFrame: fc.boolean(), bytes: fc.integer({ min: 1, max: 1500 }) }), {
    minLength: 2,
    maxLength: 20,
  }),
  fates: fc.array(fate, { minLength: 100, maxLength: 180 }),
  sequenceOffset: fc.nat(0xffff),
  timestampOffset: fc.nat(0xffffffff),
});
const reliable = { delayMs: 0, lost: false, tooLate: false, twice: false };

test('whatever the network does, whole frames come out byte for byte, in order, and none that refers to a lost one', () => {
  fc.assert(
    fc.property(network, ({ codec, frames, fates, sequenceOffset, timestampOffset }) => {
      const sent = frames.map(({ keyFrame, bytes }, index) =>
        makeFrame(codec, index, keyFrame || index === 0, bytes),
      );
      const packets = packetize(codec, sent, { ...streamStart, sequenceOffset, timestampOffset });
      let number = 0;
      const inOrder = packets.flatMap((datagrams, index) =>
        datagrams.map((bytes, position) => {
          // Without its parameter sets, of which the assembler knows others, a frame may come out too: not here.
          const isParameterSet = codec === 'H264' && sent[index]?.keyFrame === true && position < 2;
          const inside = index > 0 && index < packets.length - 1 && !isParameterSet;
          const own = inside ? (fates[number] ?? reliable) : reliable;
          number += 1;
          return { index, bytes, ...own, atMs: index * 10 + (own.tooLate ? 900 : own.delayMs) };
        }),
      );
      const arriving = inOrder
        .filter(({ lost }) => !lost)
        .flatMap((one) => (one.twice ? [one, { ...one, atMs: one.atMs + 30 }] : [one]))
        .sort((a, b) => a.atMs - b.atMs);
      const receiver = new Receiver(codec);
      let nowMs = 0;
      for (const { bytes, atMs } of arriving) {
        for (; nowMs < atMs; nowMs += 5) receiver.assembler.tick(nowMs);
        receiver.receive(bytes, atMs);
      }
      receiver.assembler.tick(nowMs + 2000);

      let intact = false;
      const expected = sent.filter(({ keyFrame }, index) => {
        const whole = inOrder.every((one) => one.index !== index || !(one.lost || one.tooLate));
        intact = whole && (keyFrame || intact);
        return intact;
      });
      expect(receiver.frames.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(
        expected.map((frame) => Buffer.from(frame.expected).toString('hex')),
      );
      expect(receiver.frames.map(({ keyFrame }) => keyFrame)).toEqual(
        expected.map(({ keyFrame }) => keyFrame),
      );
      expect(receiver.assembler.frames).toBe(expected.length);
      expect(receiver.assembler.lost).toBe(inOrder.filter(({ lost, tooLate }) => lost || tooLate).length);
      expect(receiver.assembler.needsKeyFrame).toBe(!intact);
    }),
    { numRuns: 400 },
  );
});

test('sequence and timestamp may wrap within a frame and between frames', () => {
  for (const codec of videoCodecNames) {
    const sent = Array.from({ length: 300 }, (_, index) => makeFrame(codec, index, index === 0, 700));
    const start = { ...streamStart, sequenceOffset: 0xfff0, timestampOffset: 0xffffff00 };
    const receiver = new Receiver(codec);
    const packets = packetize(codec, sent, start);
    packets.forEach((datagrams, index) => {
      for (const bytes of datagrams) receiver.receive(bytes, index * 10);
    });
    expect(receiver.frames.map(({ bytes }) => bytes)).toEqual(sent.map(({ expected }) => expected));
    expect(receiver.frames[2]?.timestamp).toBe((0xffffff00 + 1800) % 0x100000000);
    expect(receiver.assembler.needsKeyFrame).toBe(false);
  }
});

const key = [0x90, 0x80, 0x01, 0x10, 1, 2, 3];
const delta = [0x90, 0x80, 0x01, 0x11, 1, 2, 3];

test('a frame without a marker ends where another timestamp begins', () => {
  const receiver = new Receiver('VP8');
  receiver.receive(datagram({ sequence: 1, timestamp: 100 }, key), 0);
  receiver.receive(datagram({ sequence: 2, timestamp: 100 }, [0x80, 0x80, 0x01, 4]), 3);
  expect(receiver.frames).toEqual([]);
  receiver.receive(datagram({ sequence: 3, timestamp: 200, marker: true }, delta), 9);
  expect(receiver.frames.map(({ bytes }) => [...bytes])).toEqual([
    [0x10, 1, 2, 3, 4],
    [0x11, 1, 2, 3],
  ]);
  expect(receiver.frames.map(({ arrivalMs }) => arrivalMs)).toEqual([3, 9]);
});

test('a missing packet is waited for, and given up after 120 ms by time alone', () => {
  const receiver = new Receiver('VP8');
  const { assembler } = receiver;
  receiver.receive(datagram({ sequence: 1, timestamp: 1, marker: true }, key), 0);
  receiver.receive(datagram({ sequence: 3, timestamp: 3, marker: true }, delta), 20);
  assembler.tick(139);
  expect([assembler.needsKeyFrame, assembler.lost]).toEqual([false, 0]);
  assembler.tick(140);
  expect([assembler.needsKeyFrame, assembler.lost, assembler.discarded]).toEqual([true, 1, 1]);
  receiver.receive(datagram({ sequence: 2, timestamp: 2, marker: true }, delta), 141);
  receiver.receive(datagram({ sequence: 4, timestamp: 4, marker: true }, key), 142);
  expect([assembler.needsKeyFrame, assembler.frames]).toEqual([false, 2]);
});

test('when more is missing than can be held, what is there goes on', () => {
  const receiver = new Receiver('VP8');
  receiver.receive(datagram({ sequence: 65_000, timestamp: 1, marker: true }, key), 0);
  for (let index = 2; index < 700; index += 1) {
    receiver.receive(datagram({ sequence: 65_000 + index, timestamp: index, marker: true }, key), 1);
  }
  expect(receiver.assembler.lost).toBe(1);
  expect(receiver.frames).toHaveLength(187);
  receiver.assembler.tick(500);
  expect(receiver.frames).toHaveLength(699);
});

test('a jump of the sequence by thousands, ahead or back, is a new stream at its second packet', () => {
  for (const jump of [10_000, -10_000]) {
    const receiver = new Receiver('VP8');
    receiver.receive(datagram({ sequence: 20_000, timestamp: 1, marker: true }, key), 0);
    receiver.receive(datagram({ sequence: 20_000 + jump, timestamp: 2, marker: true }, key), 30);
    expect(receiver.frames).toHaveLength(1);
    receiver.receive(datagram({ sequence: 20_001, timestamp: 2, marker: true }, delta), 31);
    expect(receiver.frames).toHaveLength(2);
    receiver.receive(datagram({ sequence: 20_001 + jump, timestamp: 3, marker: true }, delta), 60);
    receiver.receive(datagram({ sequence: 20_002 + jump, timestamp: 4, marker: true }, key), 90);
    expect(receiver.frames.map(({ timestamp }) => timestamp)).toEqual([1, 2, 4]);
  }
});

test('a sender that set its sequence back a little is heard again after a second', () => {
  const receiver = new Receiver('VP8');
  receiver.receive(datagram({ sequence: 500, timestamp: 1, marker: true }, key), 0);
  for (let index = 0; index < 40; index += 1) {
    receiver.receive(
      datagram({ sequence: 100 + index, timestamp: 5 + index, marker: true }, key),
      index * 50,
    );
  }
  expect(receiver.frames.length).toBeGreaterThan(10);
});

test('another SSRC takes over at once with a key frame, and stragglers of the old one do not take it back', () => {
  const receiver = new Receiver('VP8');
  receiver.receive(datagram({ sequence: 1, timestamp: 1, marker: true, ssrc: 1 }, key), 0);
  receiver.receive(datagram({ sequence: 900, timestamp: 7, marker: true, ssrc: 2 }, delta), 10);
  expect(receiver.assembler.needsKeyFrame).toBe(true);
  receiver.receive(datagram({ sequence: 901, timestamp: 8, marker: true, ssrc: 2 }, key), 20);
  receiver.receive(datagram({ sequence: 2, timestamp: 2, marker: true, ssrc: 1 }, delta), 21);
  receiver.receive(datagram({ sequence: 902, timestamp: 9, marker: true, ssrc: 2 }, delta), 30);
  expect(receiver.frames.map(({ timestamp }) => timestamp)).toEqual([1, 8, 9]);
});

test('a decoder that failed, also within its frame, gets nothing before the next key frame', () => {
  const receiver = new Receiver('VP8');
  receiver.receive(datagram({ sequence: 1, timestamp: 1, marker: true }, key), 0);
  receiver.assembler.decoderFailed();
  receiver.receive(datagram({ sequence: 2, timestamp: 2, marker: true }, delta), 10);
  expect([receiver.frames.length, receiver.assembler.needsKeyFrame]).toEqual([1, true]);
  receiver.receive(datagram({ sequence: 3, timestamp: 3, marker: true }, key), 20);
  expect([receiver.frames.length, receiver.assembler.needsKeyFrame]).toEqual([2, false]);
  receiver.assembler.reset();
  receiver.receive(datagram({ sequence: 9, timestamp: 9, marker: true }, delta), 30);
  expect([receiver.frames.length, receiver.assembler.needsKeyFrame]).toEqual([2, true]);
});

test('packets without payload, which probe the bandwidth, leave no gap and no frame', () => {
  const receiver = new Receiver('VP8');
  receiver.receive(datagram({ sequence: 1, timestamp: 1, marker: true }, key), 0);
  receiver.receive(datagram({ sequence: 2, timestamp: 1 }, []), 1);
  receiver.receive(datagram({ sequence: 3, timestamp: 2, marker: true }, delta), 2);
  expect([receiver.frames.length, receiver.assembler.discarded]).toEqual([2, 0]);
});

test('a frame of more than 2 MiB is thrown away, one just below is not', () => {
  const receiver = new Receiver('VP8');
  let sequence = 0;
  const send = (packets: number, timestamp: number): void => {
    for (let index = 0; index < packets; index += 1) {
      const body = new Array<number>(1400).fill(7);
      const payload = index === 0 ? [0x10, 0x10, ...body] : [0x00, ...body];
      receiver.receive(datagram({ sequence, timestamp, marker: index === packets - 1 }, payload), timestamp);
      sequence += 1;
    }
  };
  send(1400, 1);
  send(1600, 2);
  expect(receiver.frames.map(({ bytes }) => bytes.length)).toEqual([1 + 1400 * 1400]);
  expect([receiver.assembler.needsKeyFrame, receiver.assembler.discarded]).toEqual([true, 1]);
});

test('the orientation is what the sender said last', () => {
  const receiver = new Receiver('VP8');
  receiver.assembler.orientationId = 4;
  const withExtension = (sequence: number, element: number[]): Uint8Array => {
    const plain = datagram({ sequence, timestamp: sequence, marker: true }, [
      0xbe,
      0xde,
      0,
      1,
      ...element,
      ...key,
    ]);
    plain[0] = 0x90;
    return plain;
  };
  receiver.receive(datagram({ sequence: 1, timestamp: 1, marker: true }, key), 0);
  receiver.receive(withExtension(2, [0x40, 0x01, 0, 0]), 1);
  receiver.receive(datagram({ sequence: 3, timestamp: 3, marker: true }, key), 2);
  receiver.receive(withExtension(4, [0x30, 0x02, 0x40, 0x0b]), 3);
  receiver.receive(withExtension(5, [0x40, 0x0a, 0, 0]), 4);
  expect(receiver.frames.map(({ orientation }) => orientation)).toEqual([-1, 90, 90, 270, 180]);
});
