import { Closable } from '#kernel/index.ts';
import { datagramBatch, native, type UdpSocket } from '../../native/index.ts';
import type { MixerStats, VoiceDelay } from '../contract.ts';
import { OutgoingPackets } from '../rtp/outgoing.ts';
import { AudioEngine, type AudioEngineOptions, type ContributorCount } from './AudioEngine.ts';
import { tickMs } from './codecs.ts';
import { Lateness } from './lateness.ts';
import { ArrivalClock, TickClock } from './tickClock.ts';

const slots = 256;
const slotBytes = 1500;
/** 200 legs that all send, over the longest time that is caught up. */
const receiveBufferBytes = 4 * 1024 * 1024;
/** More than fits into the receive buffer: whoever floods the socket does not hold up the tick. */
const mostRounds = 32;
/** A tick is called late when others were due before it ended. */
const lateMs = tickMs;
const ticksBetweenReports = 50;

export interface AudioThreadOptions extends Pick<
  AudioEngineOptions,
  'maxTalkers' | 'onSpeaking' | 'onDigit' | 'onPromptEnd'
> {
  /** 0: any. */
  readonly rtpPort: number;
  /** Every second: by how much later than their packets voices are heard, so that pictures wait for them. */
  readonly onVoiceDelays: (delays: readonly VoiceDelay[]) => void;
  /** Every second, where there is something to tell. */
  readonly onContributors: (counts: readonly ContributorCount[]) => void;
}

/** The clock and the socket of the audio engine. It never waits for anything but the next tick. */
export class AudioThread extends Closable {
  readonly engine: AudioEngine;
  readonly #socket: UdpSocket;
  readonly #outgoing: OutgoingPackets;
  readonly #arrived = datagramBatch(slots, slotBytes);
  readonly #clock = new TickClock(performance.now() + tickMs);
  readonly #arrivalClock = new ArrivalClock();
  readonly #lateness = new Lateness();
  readonly #options: AudioThreadOptions;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #ticksLate = 0;
  #ticksSkipped = 0;

  /** Throws the system's error when the port is taken. */
  constructor(options: AudioThreadOptions) {
    super();
    this.#socket = new native.UdpSocket({
      address: '127.0.0.1',
      port: options.rtpPort,
      receiveBufferBytes,
    });
    this.#outgoing = new OutgoingPackets(this.#socket);
    this.#options = options;
    this.engine = new AudioEngine({ ...options, wallClockMs: Date.now });
    this.#schedule();
  }

  get rtpPort(): number {
    return this.#socket.port;
  }

  stats(): Omit<MixerStats, 'video'> {
    const cpu = process.cpuUsage();
    return {
      legs: this.engine.legCount,
      ticks: this.#ticks,
      ticksLate: this.#ticksLate,
      ticksSkipped: this.#ticksSkipped,
      encodesPerTick: { ...this.engine.encodes },
      latenessMs: this.#lateness.summary(),
      cpuMs: (cpu.user + cpu.system) / 1000,
      packetsReceived: this.engine.packetsReceived,
      packetsSent: this.#outgoing.sent,
      perLeg: this.engine.legStats(),
    };
  }

  protected release(): void {
    clearTimeout(this.#timer);
    this.engine.close();
    this.#socket.close();
  }

  #schedule(): void {
    this.#timer = setTimeout(this.#wake, this.#clock.timeoutMs(performance.now()));
  }

  readonly #wake = (): void => {
    let nowMs = performance.now();
    const skipped = this.#clock.giveUp(nowMs);
    if (skipped > 0) {
      this.#ticksSkipped += skipped;
      this.engine.skip(skipped);
    }
    if (this.#clock.isDue(nowMs)) this.#drain(nowMs);
    while (this.#clock.isDue(nowMs)) {
      const behindMs = nowMs - this.#clock.nextMs;
      this.#lateness.add(behindMs);
      if (behindMs >= lateMs) this.#ticksLate += 1;
      this.engine.tick(this.#clock.nextMs, this.#outgoing);
      this.#ticks += 1;
      this.#clock.advance();
      nowMs = performance.now();
      if (this.#ticks % ticksBetweenReports === 0) this.#report(nowMs);
    }
    this.#schedule();
  };

  #report(nowMs: number): void {
    this.#options.onVoiceDelays(this.engine.voiceDelays());
    const counts = this.engine.contributors(nowMs);
    if (counts.length > 0) this.#options.onContributors(counts);
  }

  /** Takes what has arrived. One that arrived after a late tick's deadline still counts for it: better than none. */
  #drain(nowMs: number): void {
    this.#arrivalClock.observe(Date.now() + 0.5, nowMs);
    const { data, lengths, arrivalMs } = this.#arrived;
    let count = slots;
    for (let round = 0; round < mostRounds && count === slots; round += 1) {
      count = this.#socket.receive(this.#arrived);
      for (let index = 0; index < count; index += 1) {
        const atMs = this.#arrivalClock.toMonotonicMs(arrivalMs[index] ?? 0);
        this.engine.receive(data, index * slotBytes, lengths[index] ?? 0, atMs);
      }
    }
  }
}
