import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '#kernel/index.ts';
import { ChildMixer, type MixerStats } from '#media/mixer/index.ts';
import { datagramBatch, native } from '#media/native/index.ts';
import { opusVoicePackets } from './opusVoice.ts';
import { row } from './table.ts';

const talkers = 3;
const settleMs = 2500;
const measureMs = 6000;
const slots = 512;
const slotBytes = 400;
const dtxPacket = Uint8Array.from([0xf8, 0]);
/** An Opus encoder in DTX says one word each 400 ms. */
const dtxTicks = 20;

interface Caller {
  readonly ssrc: number;
  readonly talks: boolean;
  readonly phase: number;
  sequence: number;
}

/** Legs of one conference on one socket, as a router of mediasoup puts them on one port. */
class Crowd implements Disposable {
  readonly #socket = new native.UdpSocket({ address: '127.0.0.1', port: 0, receiveBufferBytes: 4 << 20 });
  readonly #out = datagramBatch(slots, slotBytes);
  readonly #in = datagramBatch(slots, slotBytes);
  readonly #callers: readonly Caller[];
  readonly #voice: readonly Uint8Array[];
  readonly #mixerPort: number;
  readonly #timer: NodeJS.Timeout;
  readonly #startedMs = performance.now();
  #ticks = 0;
  /** For each of the mixer's ticks: when its packet for the first leg arrived by the kernel's clock, less its media time. */
  readonly transitsMs: number[] = [];
  received = 0;

  constructor(legs: number, voice: readonly Uint8Array[], mixerPort: number) {
    this.#voice = voice;
    this.#mixerPort = mixerPort;
    this.#callers = Array.from({ length: legs }, (_, index) => ({
      ssrc: 1 + index,
      talks: index < talkers,
      phase: randomInt(dtxTicks),
      sequence: 0,
    }));
    this.#timer = setInterval(() => this.#wake(), 5);
  }

  get port(): number {
    return this.#socket.port;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #wake(): void {
    while (this.#ticks * 20 <= performance.now() - this.#startedMs) this.#send();
    this.#receive();
  }

  #send(): void {
    let count = 0;
    for (const [index, caller] of this.#callers.entries()) {
      if (!caller.talks && (this.#ticks + caller.phase) % dtxTicks !== 0) continue;
      const payload = caller.talks ? this.#voice[(this.#ticks + index * 50) % this.#voice.length] : dtxPacket;
      if (payload !== undefined) this.#write(count, caller, payload);
      count += 1;
    }
    this.#socket.send(this.#out, count);
    this.#ticks += 1;
  }

  #write(slot: number, caller: Caller, payload: Uint8Array): void {
    const view = new DataView(this.#out.data.buffer, slot * slotBytes, slotBytes);
    view.setUint16(0, 0x8060);
    view.setUint16(2, caller.sequence);
    view.setUint32(4, (this.#ticks * 960) >>> 0);
    view.setUint32(8, caller.ssrc);
    this.#out.data.set(payload, slot * slotBytes + 12);
    this.#out.lengths[slot] = 12 + payload.length;
    this.#out.ports[slot] = this.#mixerPort;
    caller.sequence = (caller.sequence + 1) & 0xffff;
  }

  #receive(): void {
    for (let count = slots; count === slots;) {
      count = this.#socket.receive(this.#in);
      this.received += count;
      const view = new DataView(this.#in.data.buffer);
      for (let slot = 0; slot < count; slot += 1) {
        if (view.getUint32(slot * slotBytes + 8) !== firstOutbound) continue;
        this.transitsMs.push((this.#in.arrivalMs[slot] ?? 0) - view.getUint32(slot * slotBytes + 4) / 48);
      }
    }
  }
}

const firstOutbound = 0x8000_0000;

/** How late each tick came after the earliest of them, by arrival: p50 and p99 in milliseconds. */
function latenessOf(transitsMs: readonly number[]): { readonly p50: number; readonly p99: number } {
  const earliest = Math.min(...transitsMs);
  const sorted = transitsMs.map((transitMs) => transitMs - earliest).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

interface Measured {
  readonly cpuPercent: number;
  readonly stats: MixerStats;
  readonly lateness: { readonly p50: number; readonly p99: number };
  readonly packetsPerSecond: number;
}

async function measure(legs: number, voice: readonly Uint8Array[]): Promise<Measured> {
  await using mixer = await ChildMixer.start({ maxTalkers: talkers, log: createLog('error') });
  using crowd = new Crowd(legs, voice, mixer.rtpPort);
  for (let index = 0; index < legs; index += 1) {
    const outbound = {
      ssrc: firstOutbound + index,
      port: crowd.port,
      sequenceOffset: randomInt(2 ** 16),
      timestampOffset: 0,
    };
    const leg = { id: `leg ${index}`, conferenceId: 'bench', codec: 'opus', payloadType: 96 } as const;
    await mixer.setLeg({ ...leg, inbound: { ssrc: 1 + index }, outbound, muted: false });
  }
  await sleep(settleMs);
  const before = await mixer.stats();
  const receivedBefore = crowd.received;
  const ticksBefore = crowd.transitsMs.length;
  const startedMs = performance.now();
  await sleep(measureMs);
  const elapsedMs = performance.now() - startedMs;
  const stats = await mixer.stats();
  return {
    stats,
    cpuPercent: ((stats.cpuMs - before.cpuMs) / elapsedMs) * 100,
    packetsPerSecond: ((crowd.received - receivedBefore) / elapsedMs) * 1000,
    lateness: latenessOf(crowd.transitsMs.slice(ticksBefore)),
  };
}

/** The mixer alone: CPU of its process, also as multiples of one Opus encode that was measured in the same minute. */
export async function benchMixer(print: (line: string) => void): Promise<void> {
  const { packets, encodePercent } = opusVoicePackets();
  print(`Audio mixer alone: ${talkers} talkers, the others in DTX, Opus 48 kHz, 20 ms`);
  print(`one Opus encode stream: ${encodePercent.toFixed(2)} % of a core`);
  print(
    row(
      'legs',
      'CPU %',
      '= encodes',
      '% a leg',
      'encodes/tick',
      'packets/s',
      'late p50',
      'p99 ms',
      'skipped',
    ),
  );
  for (const legs of [10, 50, 100, 200]) {
    const { stats, cpuPercent, packetsPerSecond, lateness } = await measure(legs, packets);
    print(
      row(
        legs,
        cpuPercent.toFixed(1),
        (cpuPercent / encodePercent).toFixed(1),
        (cpuPercent / legs).toFixed(3),
        stats.encodesPerTick.opus,
        Math.round(packetsPerSecond),
        lateness.p50.toFixed(2),
        lateness.p99.toFixed(2),
        stats.ticksSkipped,
      ),
    );
  }
}
