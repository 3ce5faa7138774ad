/** Run as a process of its own by fuzz.test.ts: prints one JSON line when the addon has survived. */
import fc from 'fast-check';
import { srtpSuites } from '#kernel/index.ts';
import { native, type DatagramBatch, type TextOptions } from '#media/native/index.ts';
import { relayOptions } from '#test/support/RelayStage.ts';

const runs = Number(process.argv[2]);
const seed = Number(process.argv[3]);

function typedArrays(): fc.Arbitrary<unknown> {
  const length = fc.oneof(fc.nat(2000), fc.constantFrom(0, 1, 120, 160, 320, 960, 5760));
  const kinds: readonly ((buffer: ArrayBufferLike, offset: number) => unknown)[] = [
    (buffer, offset) => new Int16Array(buffer, offset),
    (buffer, offset) => new Uint8Array(buffer, offset),
    (buffer, offset) => new Int32Array(buffer, offset),
    (buffer, offset) => new Float64Array(buffer, offset),
    (buffer, offset) => new Uint8ClampedArray(buffer, offset),
    (buffer, offset) => new BigInt64Array(buffer, offset),
    (buffer, offset) => new DataView(buffer, offset),
  ];
  return fc
    .tuple(fc.constantFrom(...kinds), length, fc.constantFrom('plain', 'shared', 'detached', 'shrunk'))
    .map(([view, count, state]) => {
      if (state === 'shared') return view(new SharedArrayBuffer(count * 8), count > 1 ? 8 : 0);
      const buffer = new ArrayBuffer(count * 8, { maxByteLength: count * 16 });
      const array = view(buffer, count > 1 ? 8 : 0);
      if (state === 'detached') buffer.transfer();
      if (state === 'shrunk') buffer.resize(0);
      return array;
    });
}

function throwing(): never {
  throw new Error('a getter of the fuzzer');
}

/** Every kind of JavaScript value, and objects of ours in wrong places. */
const values: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: typedArrays() },
  { weight: 2, arbitrary: fc.integer({ min: -1, max: 6000 }) },
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
  fc.constantFrom(undefined, null, NaN, Infinity, -0, 2 ** 31, 2 ** 32, 2 ** 53, 1e308, 0.5, true, false),
  fc.constantFrom(
    'PCMA',
    'PCMU',
    ...srtpSuites,
    'pending',
    'none',
    'audio',
    'voip',
    '127.0.0.1',
    '0.0.0.0',
    '127.0.0.1\0',
    '',
    'VP8',
    'H264',
    '\ud800\0\u202e王',
  ),
  fc.constantFrom(Symbol('s'), throwing, WeakRef, Promise.resolve(), /x/, globalThis, native),
  fc.constant(new Proxy({}, { get: throwing, getPrototypeOf: throwing })),
  fc.record({
    sampleRateHz: fc.constantFrom(48_000, 16_000, 8000, 0),
    bitrate: fc.nat(300_000),
    complexity: fc.nat(11),
  }),
  fc.record({
    codec: fc.constantFrom('VP8', 'H264'),
    maxPixels: fc.nat(1 << 20),
    width: fc.constantFrom(0, 16, 17, 64, 176, 2 ** 31),
    height: fc.constantFrom(0, 16, 17, 64, 144, 1e9),
    bitrate: fc.nat(300_000),
    frameRate: fc.nat(70),
    maxSliceBytes: fc.nat(2000),
    quality: fc.nat(110),
    sizePx: fc.nat(100),
    maxWidthPx: fc.nat(1000),
    bold: fc.boolean(),
  }),
);

/** Arguments of all of these are an array of pixels and numbers; some of them must fit, or nothing is tested. */
const canvas = new Uint8Array(96);
const pictureArguments = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(canvas) },
    { weight: 20, arbitrary: fc.constantFrom(0, 2, 4, 8) },
    { weight: 1, arbitrary: values },
  ),
  { minLength: 9, maxLength: 12 },
);

const batchLike = fc.record(
  {
    slotBytes: fc.oneof(fc.nat(100), values),
    data: fc.oneof(fc.constant(new Uint8Array(6400)), values),
    lengths: fc.oneof(
      fc.uint8Array({ maxLength: 70 }).map((bytes) => Int32Array.from(bytes)),
      values,
    ),
    ports: fc.oneof(fc.constant(new Int32Array(70).fill(9)), values),
    arrivalMs: fc.oneof(fc.constant(new Float64Array(70)), values),
  },
  { requiredKeys: [] },
);

type Callable = (...args: unknown[]) => unknown;

/** Whatever is thrown must be an Error of the addon or of the fuzzer's own getters; a crash ends the process. */
function attempt(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof Error) || error.message === '') throw error;
  }
}

function instances(): object[] {
  const video = { width: 16, height: 16, bitrate: 100_000, frameRate: 30 };
  return [
    native.pictures,
    new native.VideoDecoder({ codec: 'VP8', maxPixels: 10_000 }),
    new native.VideoDecoder({ codec: 'H264', maxPixels: 10_000 }),
    new native.Vp8Encoder(video),
    new native.H264Encoder({ ...video, maxSliceBytes: 1000 }),
    new native.JpegEncoder({ ...video, quality: 50 }),
    new native.OpusEncoder({ sampleRateHz: 48_000, bitrate: 32_000, complexity: 0, application: 'audio' }),
    new native.OpusDecoder({ sampleRateHz: 16_000 }),
    new native.G722Encoder(),
    new native.G722Decoder(),
    new native.G711Codec('PCMU'),
    new native.UdpSocket({ address: '127.0.0.1', port: 0 }),
    new native.MediaRelay({ ...relayOptions, onStream: () => undefined }),
  ];
}

function fuzzConstructors(): void {
  const classes = Object.values(native) as (new (...args: unknown[]) => object)[];
  const property = fc.property(
    fc.constantFrom(...classes),
    fc.array(values, { maxLength: 3 }),
    (Class, args) => {
      attempt(() => (new Class(...args) as { close(): void }).close());
      attempt(() => Reflect.apply(Class as unknown as Callable, args[0], args));
      attempt(() => (Reflect.construct(Class, args, Object) as { close(): void }).close());
      attempt(() => native.renderText(args[0] as string, args[1] as TextOptions));
    },
  );
  fc.assert(property, { numRuns: runs, seed });
}

function fuzzMethods(): void {
  let objects = instances();
  const argument = fc.oneof({ weight: 3, arbitrary: values }, batchLike);
  const property = fc.property(
    fc.nat(1000),
    fc.nat(10),
    fc.oneof({ weight: 2, arbitrary: fc.array(argument, { maxLength: 5 }) }, pictureArguments),
    (which, method, args) => {
      if (which % 50 === 0) objects = instances();
      const object = objects[which % objects.length] ?? {};
      const prototype = (object === native.pictures ? object : Object.getPrototypeOf(object)) as object;
      const names = Object.getOwnPropertyNames(prototype);
      const name = names[method % names.length] ?? 'close';
      attempt(() => {
        const member: unknown = Reflect.get(prototype, name, object);
        if (typeof member !== 'function' || name === 'constructor') return;
        // Now and then on a foreign `this`.
        Reflect.apply(
          member as Callable,
          which % 7 === 0 ? (args[0] ?? objects[method % objects.length]) : object,
          args,
        );
      });
    },
  );
  fc.assert(property, { numRuns: runs, seed });
}

function fuzzPackets(): Record<string, number> {
  const out = new Int16Array(65_536 * 2);
  const opus = new native.OpusDecoder({ sampleRateHz: 48_000 });
  const decoders = { opus, g722: new native.G722Decoder(), g711: new native.G711Codec('PCMA') };
  const decoded = { opus: 0, g722: 0, g711: 0 };
  const lost = out.subarray(0, 960);
  const property = fc.property(fc.uint8Array({ maxLength: 1500, size: 'max' }), (packet) => {
    for (const name of ['opus', 'g722', 'g711'] as const)
      if (decoders[name].decode(packet, 0, packet.length, out) > 0) decoded[name]++;
    opus.decodeForwardErrorCorrection(packet, 0, packet.length, lost);
    if (packet.length % 5 === 0) opus.conceal(lost);
  });
  fc.assert(property, { numRuns: runs, seed });
  return decoded;
}

/** Random datagrams through a real socket, in slots that are too short for half of them. */
function fuzzDatagrams(): number {
  const socket = new native.UdpSocket({ address: '127.0.0.1', port: 0 });
  const make = (slotBytes: number): DatagramBatch => ({
    slotBytes,
    data: new Uint8Array(16 * slotBytes),
    lengths: new Int32Array(16),
    ports: new Int32Array(16).fill(socket.port),
    arrivalMs: new Float64Array(16),
  });
  const [long, short] = [make(200), make(100)];
  let received = 0;
  const lengths = fc.array(fc.nat(200), { minLength: 1, maxLength: 16 });
  const property = fc.property(lengths, (chosen) => {
    long.lengths.set(chosen);
    const sent = socket.send(long, chosen.length);
    const before = socket.truncated;
    const got = socket.receive(short);
    received += got;
    return got + socket.truncated - before === sent;
  });
  fc.assert(property, { numRuns: Math.ceil(runs / 10), seed });
  return received;
}

fuzzConstructors();
fuzzMethods();
const decoded = fuzzPackets();
const received = fuzzDatagrams();
process.stdout.write(`${JSON.stringify({ decoded, received })}\n`);
