import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { videoCodecNames, type VideoCodecName } from '#kernel/index.ts';
import { OutgoingPackets } from '#media/mixer/rtp/outgoing.ts';
import { emptyRtpPacket, parseRtp } from '#media/mixer/rtp/packet.ts';
import { FrameAssembler } from '#media/mixer/video/rtp/FrameAssembler.ts';
import { OutboundVideoStream } from '#media/mixer/video/rtp/OutboundVideoStream.ts';
import { PacketizedFrame } from '#media/mixer/video/rtp/PacketizedFrame.ts';
import { h264Frame, packetize, streamStart, vp8Frame } from './pictureNetwork.ts';

function makeFrames(codec: VideoCodecName, count: number): ReturnType<typeof vp8Frame>[] {
  return Array.from({ length: count }, (_, index) =>
    codec === 'VP8'
      ? vp8Frame(index, index % 10 === 0, 2000)
      : h264Frame(index, index % 10 === 0, [900, 100, 60]),
  );
}

/** A reproducible stream of numbers below `limit`. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x100000000) * limit);
  };
}

test.each(videoCodecNames)(
  '10,000 mutated packets of %s do not throw, and the stream goes on after them',
  (codec) => {
    const random = randomNumbers(codec === 'VP8' ? 1 : 2);
    const packets = packetize(codec, makeFrames(codec, 1700), streamStart).flat();
    const assembler = new FrameAssembler(codec, ({ data, length }) => {
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(data.length);
      expect(data.length).toBeLessThanOrEqual(2 * 1024 * 1024);
    });
    assembler.orientationId = 1;
    const header = emptyRtpPacket();
    let nowMs = 0;
    for (const [index, packet] of packets.slice(0, 10_000).entries()) {
      const mutated = packet.slice(0, random(4) === 0 ? random(packet.length + 1) : packet.length);
      // The SSRC stays most of the time, the payload's first bytes, which matter most, seldom.
      for (let change = random(4); change > 0 && mutated.length > 0; change -= 1) {
        const at = random(8) === 0 ? random(mutated.length) : 12 + random(6);
        if (at < mutated.length) mutated[at] = random(256);
      }
      nowMs += random(3);
      if (parseRtp(mutated, 0, mutated.length, header)) assembler.receive(header, mutated, nowMs);
      if (index % 20 === 0) assembler.tick(nowMs);
    }
    const before = assembler.frames;
    const after = packetize(codec, makeFrames(codec, 100), { ...streamStart, ssrc: 77, sequenceOffset: 33 });
    for (const packet of after.flat()) {
      nowMs += 1;
      if (parseRtp(packet, 0, packet.length, header)) assembler.receive(header, packet, nowMs + 2000);
    }
    expect(assembler.frames - before).toBe(100);
  },
);

test.each(videoCodecNames)('packets of %s are received and written without allocating', (codec) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const packets = packetize(codec, makeFrames(codec, 10), streamStart, 600).flat();
  const assembler = new FrameAssembler(codec, () => undefined);
  const header = emptyRtpPacket();
  const out = new OutgoingPackets({ send: (_batch, count) => count });
  const stream = new OutboundVideoStream(streamStart, 0);
  const [first = vp8Frame(0, true, 2000)] = makeFrames(codec, 1);
  const frame = new PacketizedFrame();
  let sequence = 0;
  const round = (): void => {
    for (const packet of packets) {
      parseRtp(packet, 0, packet.length, header);
      // Every other packet overtakes the one before it.
      header.sequence = (sequence ^ 1) & 0xffff;
      sequence = (sequence + 1) & 0xffff;
      assembler.receive(header, packet, sequence);
    }
    frame.split(codec, first.bytes, first.bytes.length, 600);
    stream.write(out, frame, sequence);
    out.flush();
  };
  const bytesPerPacket = (): number => {
    collect();
    const before = process.memoryUsage();
    for (let index = 0; index < 500; index += 1) round();
    const after = process.memoryUsage();
    const bytes = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
    return bytes / (500 * packets.length);
  };
  // What the compiler needs for itself comes to an end.
  const measured = Array.from({ length: 20 }, bytesPerPacket);
  expect(Math.min(...measured.map(Math.abs))).toBeLessThan(2);
});
