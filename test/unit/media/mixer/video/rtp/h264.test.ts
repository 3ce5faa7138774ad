import { expect, test } from 'vitest';
import { datagram, Receiver } from './pictureNetwork.ts';

const sps = [0x67, 0x42, 0xe0, 0x1f];
const pps = [0x68, 0xce, 0x3c, 0x80];
const idr = [0x65, 0x88, 0x84];
const startCode = [0, 0, 0, 1];

function annexB(...units: readonly (readonly number[])[]): number[] {
  return units.flatMap((unit) => [...startCode, ...unit]);
}

function sized(unit: readonly number[]): number[] {
  return [unit.length >> 8, unit.length & 0xff, ...unit];
}

/** Frames of payloads, the last of which has the marker. */
function assemble(payloads: readonly (readonly number[])[], sprop?: string): Receiver {
  const receiver = new Receiver('H264');
  if (sprop !== undefined) receiver.assembler.setParameterSets(sprop);
  payloads.forEach((payload, sequence) => {
    receiver.receive(datagram({ sequence, marker: sequence === payloads.length - 1 }, payload), 0);
  });
  return receiver;
}

function bytesOf(receiver: Receiver): number[][] {
  return receiver.frames.map(({ bytes }) => [...bytes]);
}

test('single NAL units, STAP-A and FU-A of RFC 6184 make the same access unit', () => {
  const expected = [annexB(sps, pps, idr)];
  expect(bytesOf(assemble([sps, pps, idr]))).toEqual(expected);
  expect(bytesOf(assemble([[0x78, ...sized(sps), ...sized(pps), ...sized(idr)]]))).toEqual(expected);
  expect(
    bytesOf(
      assemble([
        [0x78, ...sized(sps), ...sized(pps)],
        [0x7c, 0x85, 0x88],
        [0x7c, 0x45, 0x84],
      ]),
    ),
  ).toEqual(expected);
});

test('FU-A keeps the importance bits, and may be of several fragments and without an end bit', () => {
  const fragments = [
    [0x5c, 0x81, 0x9a, 1],
    [0x5c, 0x01, 2, 3],
    [0x5c, 0x01, 4],
  ];
  const receiver = assemble([sps, pps, idr]);
  fragments.forEach((payload, index) => {
    receiver.receive(datagram({ sequence: 3 + index, timestamp: 9, marker: index === 2 }, payload), 0);
  });
  expect(bytesOf(receiver).at(1)).toEqual(annexB([0x41, 0x9a, 1, 2, 3, 4]));
  expect(receiver.frames.at(1)?.keyFrame).toBe(false);
});

test('what is of packetization mode 2, or malformed, costs the frame; reserved types cost nothing', () => {
  const broken = [
    [0x79, 0, 0, ...sized(idr)],
    [0x7a, 0, 0, 0],
    [0x7b, 0, 0, 0],
    [0x7d, 0x85, 0, 0, 1],
    [0x78, 0, 9, 1],
    [0x78, 0, 0],
    [0x78, ...sized(idr), 0],
    [0x7c, 0x05, 1],
    [0x7c, 0x85],
  ];
  for (const payload of broken) {
    const receiver = assemble([sps, pps, idr, payload]);
    expect([receiver.frames.length, receiver.assembler.discarded]).toEqual([0, 1]);
  }
  for (const payload of [
    [0x60, 1],
    [0x7e, 1],
    [0x7f, 1],
  ]) {
    expect(bytesOf(assemble([sps, pps, idr, payload]))).toEqual([annexB(sps, pps, idr)]);
  }
});

test('an IDR picture is a key frame only with parameter sets, from wherever they are', () => {
  const without = assemble([idr]);
  expect([without.frames.length, without.assembler.needsKeyFrame]).toEqual([0, true]);
  const sprop = [sps, pps].map((set) => Buffer.from(set).toString('base64')).join(', ');
  expect(bytesOf(assemble([idr], sprop))).toEqual([annexB(sps, pps, idr)]);
  const own = [0x67, 0x42, 0xe0, 0x0d];
  expect(bytesOf(assemble([own, pps, idr], sprop))).toEqual([annexB(own, pps, idr)]);
});

test('parameter sets that came before, in a frame of their own too, are put before an IDR picture without', () => {
  const receiver = assemble([sps, pps]);
  expect([receiver.frames.length, receiver.assembler.discarded]).toEqual([0, 0]);
  receiver.receive(datagram({ sequence: 2, timestamp: 1, marker: true }, idr), 0);
  receiver.receive(datagram({ sequence: 3, timestamp: 2 }, sps), 0);
  receiver.receive(datagram({ sequence: 4, timestamp: 2 }, [0x68, 0xff]), 0);
  receiver.receive(datagram({ sequence: 5, timestamp: 2, marker: true }, idr), 0);
  receiver.receive(datagram({ sequence: 6, timestamp: 3, marker: true }, idr), 0);
  const second = annexB(sps, [0x68, 0xff], idr);
  expect(bytesOf(receiver)).toEqual([annexB(sps, pps, idr), second, second]);
});

test('picture parameter sets that are sent again and again are kept once', () => {
  const receiver = assemble([sps, pps, pps, pps, idr]);
  receiver.receive(datagram({ sequence: 5, timestamp: 1, marker: true }, idr), 0);
  expect(bytesOf(receiver).at(1)).toEqual(annexB(sps, pps, idr));
});

test('after a loss an IDR picture whose first slice is missing is no key frame', () => {
  const later = [0x65, 0x12, 0x34];
  for (const [slice, frames] of [
    [later, 1],
    [idr, 2],
  ] as const) {
    const receiver = assemble([sps, pps, idr]);
    receiver.receive(datagram({ sequence: 4, timestamp: 2, marker: true }, slice), 0);
    receiver.assembler.tick(500);
    expect(receiver.frames).toHaveLength(frames);
    expect(receiver.assembler.needsKeyFrame).toBe(frames === 1);
  }
});

test('after a loss of its parameter sets an IDR picture goes with those that came before', () => {
  const receiver = assemble([sps, pps, idr]);
  receiver.receive(datagram({ sequence: 5, timestamp: 2, marker: true }, idr), 0);
  receiver.assembler.tick(500);
  expect(bytesOf(receiver).at(1)).toEqual(annexB(sps, pps, idr));
  expect(receiver.assembler.lost).toBe(2);
});
