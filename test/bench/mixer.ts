import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '#kernel/index.ts';
import { ChildMixer, type MixerStats } from '#media/mixer/index.ts';
import { Crowd, firstOutbound, talkers } from './Crowd.ts';
import { opusVoicePackets } from './opusVoice.ts';
import { row } from './table.ts';

const settleMs = 2500;
const measureMs = 6000;

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

/** Legs of one conference that send from and receive at `port`. */
export async function addVoices(mixer: ChildMixer, port: number, legs: number): Promise<void> {
  for (let index = 0; index < legs; index += 1) {
    const sequenceOffset = randomInt(2 ** 16);
    const outbound = { ssrc: firstOutbound + index, port, sequenceOffset, timestampOffset: 0 };
    const leg = { id: `leg ${index}`, conferenceId: 'bench', codec: 'opus', payloadType: 96 } as const;
    await mixer.setLeg({ ...leg, inbound: { ssrc: 1 + index }, outbound, muted: false });
  }
}

async function measure(legs: number, voice: readonly Uint8Array[]): Promise<Measured> {
  await using mixer = await ChildMixer.start({ maxTalkers: talkers, log: createLog('error') });
  using crowd = new Crowd(legs, voice, mixer.rtpPort);
  await addVoices(mixer, crowd.port, legs);
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
