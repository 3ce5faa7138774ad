import { expect, test } from 'vitest';
import { datagram, Receiver } from './pictureNetwork.ts';

test('descriptors of RFC 7741 in all their forms are taken off', () => {
  const forms = [
    [0x10],
    [0x90, 0x80, 17],
    [0x90, 0x80, 0x80 | (4711 >> 8), 4711 & 0xff],
    [0x90, 0x00],
    [0x90, 0xe0, 0x92, 0x67, 5, 0x20],
    [0x90, 0x10, 0x03],
    [0xb0, 0x60, 5, 0x00],
  ];
  for (const form of forms) {
    const receiver = new Receiver('VP8');
    receiver.receive(datagram({ sequence: 1, marker: true }, [...form, 0x50, 0x9d, 0x01, 0x2a]), 0);
    expect(receiver.frames.map(({ bytes }) => [...bytes])).toEqual([[0x50, 0x9d, 0x01, 0x2a]]);
  }
});

test('the P bit tells key frames, of the packet that begins partition 0 only', () => {
  const receiver = new Receiver('VP8');
  receiver.receive(datagram({ sequence: 1, timestamp: 1 }, [0x10, 0x30, 1]), 0);
  receiver.receive(datagram({ sequence: 2, timestamp: 1, marker: true }, [0x11, 0x31, 1]), 0);
  receiver.receive(datagram({ sequence: 3, timestamp: 2, marker: true }, [0x10, 0x31, 1]), 0);
  expect(receiver.frames.map(({ keyFrame }) => keyFrame)).toEqual([true, false]);
});

test('a frame that is malformed, or whose beginning is missing, is thrown away with what refers to it', () => {
  const broken = [
    [0x90],
    [0x90, 0x80],
    [0x90, 0x80, 0x91, 0x01],
    [0x90, 0xf0, 1, 2, 3],
    [0x00, 0x30],
    [0x11, 0x30],
  ];
  for (const payload of broken) {
    const receiver = new Receiver('VP8');
    receiver.receive(datagram({ sequence: 1, timestamp: 1, marker: true }, [0x10, 0x30, 1]), 0);
    receiver.receive(datagram({ sequence: 2, timestamp: 2, marker: true }, payload), 0);
    receiver.receive(datagram({ sequence: 3, timestamp: 3, marker: true }, [0x10, 0x31, 1]), 0);
    expect([receiver.frames.length, receiver.assembler.discarded]).toEqual([1, 2]);
    expect(receiver.assembler.needsKeyFrame).toBe(true);
  }
});

interface LayeredFrame {
  readonly layer: number;
  readonly base: number;
  readonly sync?: boolean;
  readonly key?: boolean;
  readonly lost?: boolean;
}

/** Which of the frames, by index, come out. */
function receiveLayers(frames: readonly LayeredFrame[]): { received: number[]; needsKeyFrame: boolean } {
  const receiver = new Receiver('VP8');
  frames.forEach(({ layer, base, sync, key, lost }, index) => {
    const layers = (layer << 6) | (sync === true ? 0x20 : 0);
    const payload = [0x90, 0xe0, index, base & 0xff, layers, key === true ? 0x10 : 0x11, 7];
    if (lost !== true)
      receiver.receive(datagram({ sequence: index, timestamp: index, marker: true }, payload), 0);
  });
  receiver.assembler.tick(1000);
  const received = receiver.frames.map(({ timestamp }) => timestamp);
  return { received, needsKeyFrame: receiver.assembler.needsKeyFrame };
}

const keyFrame = { layer: 0, base: 254, key: true };

test('a lost frame of an upper temporal layer costs no key frame, only what refers to it', () => {
  const frames = [
    keyFrame,
    { layer: 2, base: 254, sync: true },
    { layer: 1, base: 254, sync: true, lost: true },
    { layer: 2, base: 254 },
    { layer: 0, base: 255 },
    { layer: 2, base: 255 },
    { layer: 1, base: 255, sync: true },
    { layer: 2, base: 255 },
    { layer: 0, base: 256 },
    { layer: 2, base: 256, sync: true },
    { layer: 1, base: 256 },
    { layer: 2, base: 256 },
  ];
  expect(receiveLayers(frames)).toEqual({ received: [0, 1, 4, 6, 8, 9, 10, 11], needsKeyFrame: false });
});

test('a lost frame of the base layer costs a key frame, whatever is lost with it', () => {
  const middle = { layer: 2, base: 254, sync: true };
  for (const then of [
    { layer: 0, base: 256 },
    { layer: 2, base: 255, sync: true },
  ]) {
    const lostBase = { layer: 0, base: 255, lost: true };
    const after = [
      { layer: 0, base: 257 },
      { layer: 0, base: 258, key: true },
    ];
    expect(receiveLayers([keyFrame, middle, lostBase, then])).toEqual({
      received: [0, 1],
      needsKeyFrame: true,
    });
    const lostMiddle = { ...middle, lost: true };
    expect(receiveLayers([keyFrame, lostMiddle, lostBase, then, ...after])).toEqual({
      received: [0, 5],
      needsKeyFrame: false,
    });
  }
});

test('a stream that stops telling its layers is treated as one without', () => {
  const receiver = new Receiver('VP8');
  receiver.receive(datagram({ sequence: 1, timestamp: 1, marker: true }, [0x90, 0xe0, 1, 5, 0, 0x10, 1]), 0);
  receiver.receive(datagram({ sequence: 3, timestamp: 3, marker: true }, [0x10, 0x11, 1]), 0);
  receiver.assembler.tick(500);
  expect([receiver.frames.length, receiver.assembler.needsKeyFrame]).toEqual([1, true]);
});
