import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { native } from '#media/native/index.ts';
import { relayOptions } from '#test/support/RelayStage.ts';
import { waitFor } from '#test/support/waitFor.ts';

const pcm = new Int16Array(960);
const packet = new Uint8Array(1500);
const encoderOptions = {
  sampleRateHz: 48_000,
  bitrate: 32_000,
  complexity: 5,
  application: 'audio',
} as const;

const pixels = new Uint8Array(64 * 64 * 1.5);
const videoOptions = { width: 64, height: 64, bitrate: 100_000, frameRate: 30 } as const;

/** Knows no object: a listener that does keeps its relay from being collected. */
function ignore(): void {
  return;
}

/** Every class with a call that needs its native state. */
const makers = {
  OpusEncoder: () => {
    const encoder = new native.OpusEncoder(encoderOptions);
    return { object: encoder, use: () => encoder.encode(pcm, packet) };
  },
  OpusDecoder: () => {
    const decoder = new native.OpusDecoder({ sampleRateHz: 48_000 });
    return { object: decoder, use: () => decoder.conceal(pcm) };
  },
  G722Encoder: () => {
    const encoder = new native.G722Encoder();
    return { object: encoder, use: () => encoder.encode(pcm.subarray(0, 320), packet) };
  },
  G722Decoder: () => {
    const decoder = new native.G722Decoder();
    return { object: decoder, use: () => decoder.decode(packet, 0, 160, pcm) };
  },
  G711Codec: () => {
    const codec = new native.G711Codec('PCMA');
    return { object: codec, use: () => codec.encode(pcm, packet) };
  },
  Vp8Encoder: () => {
    const encoder = new native.Vp8Encoder(videoOptions);
    return { object: encoder, use: () => encoder.encode(pixels, 0, false, packet) };
  },
  H264Encoder: () => {
    const encoder = new native.H264Encoder({ ...videoOptions, maxSliceBytes: 1000 });
    return { object: encoder, use: () => encoder.encode(pixels, 0, false, packet) };
  },
  VideoDecoder: () => {
    const decoder = new native.VideoDecoder({ codec: 'VP8', maxPixels: 10_000 });
    return { object: decoder, use: () => decoder.width };
  },
  JpegEncoder: () => {
    const encoder = new native.JpegEncoder({ width: 64, height: 64, quality: 50 });
    return { object: encoder, use: () => encoder.encode(pixels, packet) };
  },
  UdpSocket: () => {
    const socket = new native.UdpSocket({ address: '127.0.0.1', port: 0 });
    const one = new Int32Array(1);
    const batch = { slotBytes: 1500, data: packet, lengths: one, ports: one, arrivalMs: new Float64Array(1) };
    return { object: socket, use: () => socket.receive(batch) };
  },
  MediaRelay: () => {
    const relay = new native.MediaRelay({ ...relayOptions, onStream: ignore });
    return { object: relay, use: () => relay.loopbackPort };
  },
};

test.each(Object.entries(makers))('%s works, closes twice, and then says that it is closed', (name, make) => {
  const { object, use } = make();
  expect(use()).toBeGreaterThanOrEqual(0);
  object.close();
  object.close();
  expect(use).toThrow(new TypeError(`${name} is closed`));
});

test('a getter that closes the socket and detaches the buffer in the middle of a call does no harm', () => {
  const socket = new native.UdpSocket({ address: '127.0.0.1', port: 0 });
  const batch = {
    slotBytes: 64,
    data: new Uint8Array(64),
    lengths: new Int32Array(1),
    ports: new Int32Array(1),
  };
  const detaching = {
    ...batch,
    get arrivalMs(): Float64Array {
      structuredClone(batch.data.buffer, { transfer: [batch.data.buffer] });
      return new Float64Array(1);
    },
  };
  expect(() => socket.receive(detaching)).toThrow(/batch\.data must have at least 64 elements, but has 0/);
  const closing = {
    ...batch,
    data: new Uint8Array(64),
    get arrivalMs(): Float64Array {
      socket.close();
      return new Float64Array(1);
    },
  };
  expect(() => socket.receive(closing)).toThrow('UdpSocket is closed');
});

test('forgotten objects give back their sockets and memory when collected', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  for (let i = 0; i < 100; i++) for (const make of Object.values(makers)) make();
  await waitFor('collection', () => {
    collect();
    return descriptors() < before + 10;
  });
});

test('threads have instances of their own, and one may be terminated while it works', async () => {
  const source = `
    const { native } = await import(${JSON.stringify(new URL('../../../../media/native/index.ts', import.meta.url).href)});
    const { parentPort } = await import('node:worker_threads');
    const encoder = new native.OpusEncoder(${JSON.stringify(encoderOptions)});
    const socket = new native.UdpSocket({ address: '127.0.0.1', port: 0 });
    const relay = new native.MediaRelay({ ...${JSON.stringify(relayOptions)}, onStream() {} });
    const pcm = new Int16Array(960), out = new Uint8Array(1500);
    const pixels = new Uint8Array(64 * 64 * 1.5);
    const vp8 = new native.Vp8Encoder(${JSON.stringify(videoOptions)});
    const h264 = new native.H264Encoder({ ...${JSON.stringify(videoOptions)}, maxSliceBytes: 1000 });
    const decoder = new native.VideoDecoder({ codec: 'H264', maxPixels: 10000 });
    for (let i = 0; ; i++) {
      if (encoder.encode(pcm, out) < 1) throw new Error('no packet');
      if (vp8.encode(pixels, i * 3000, false, out) < 1) throw new Error('no VP8 frame');
      const length = h264.encode(pixels, i * 3000, false, out);
      if (decoder.decode(out, 0, length) !== 1) throw new Error('no H.264 picture');
      decoder.draw(pixels, 64, 64, 0, 0, 64, 64, 0, 0, 64, 64, 90);
      native.renderText('name ' + i, { sizePx: 20, maxWidthPx: 200, bold: false });
      if (i === 10) parentPort.postMessage(relay.loopbackPort + socket.port * 65536);
    }`;
  const workers = Array.from(
    { length: 3 },
    () => new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`)),
  );
  const ports = await Promise.all(
    workers.map(
      (worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)),
    ),
  );
  expect(new Set(ports).size).toBe(3);
  await Promise.all(workers.map((worker) => worker.terminate()));
  expect(makers.OpusEncoder().use()).toBeGreaterThan(0);
});
