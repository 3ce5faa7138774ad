import { Closable } from '#kernel/index.ts';
import { datagramBatch, native, type UdpSocket } from '../../native/index.ts';
import { OutgoingPackets } from '../rtp/outgoing.ts';
import { ArrivalClock } from '../audio/tickClock.ts';
import { FrameClock } from './frameClock.ts';
import type { VideoThreadStats } from './load.ts';
import { Calibration, type UnitCosts } from './unitCosts.ts';
import { VideoEngine, type VideoEngineOptions } from './VideoEngine.ts';

const slots = 256;
const slotBytes = 1500;
/** What 50 cameras send while the thread is busy with one frame, several times over. */
const receiveBufferBytes = 8 * 1024 * 1024;
/** More than fits into the receive buffer: whoever floods the socket does not hold up the frame. */
const mostRounds = 64;
/** Packets are taken this often, so that what is decoded waits for the frame and not the frame for decoding. */
const pollMs = 5;
const idlePollMs = 50;
/** A step of the calibration takes no longer, as a rule. */
const stepMs = 20;
/** Where there is never so much time between two frames, a step is taken this often all the same. */
const forcedStepMs = 500;

export interface VideoThreadOptions extends Pick<VideoEngineOptions, 'onStage' | 'onWanted'> {
  /** 0: any. */
  readonly rtpPort: number;
  readonly calibrate: boolean;
  readonly onUnits: (units: UnitCosts) => void;
}

/** The clock and the socket of the video engine. */
export class VideoThread extends Closable {
  readonly engine: VideoEngine;
  readonly #socket: UdpSocket;
  readonly #outgoing: OutgoingPackets;
  readonly #arrived = datagramBatch(slots, slotBytes);
  readonly #clock = new FrameClock(performance.now());
  readonly #arrivalClock = new ArrivalClock();
  readonly #onUnits: (units: UnitCosts) => void;
  #calibration: Calibration | undefined;
  /** When it last took a step. */
  #stepMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** Throws the system's error when the port is taken. */
  constructor(options: VideoThreadOptions) {
    super();
    this.#socket = new native.UdpSocket({
      address: '127.0.0.1',
      port: options.rtpPort,
      receiveBufferBytes,
    });
    this.#outgoing = new OutgoingPackets(this.#socket);
    this.#onUnits = options.onUnits;
    this.engine = new VideoEngine({
      out: this.#outgoing,
      clockMs: () => performance.now(),
      wallClockMs: Date.now,
      drain: () => this.#drain(performance.now()),
      onStage: options.onStage,
      onWanted: options.onWanted,
    });
    if (options.calibrate) this.#calibration = new Calibration();
    this.#schedule();
  }

  get rtpPort(): number {
    return this.#socket.port;
  }

  stats(): VideoThreadStats {
    return this.engine.stats();
  }

  protected release(): void {
    clearTimeout(this.#timer);
    this.#calibration?.close();
    this.engine.close();
    this.#socket.close();
  }

  #schedule(): void {
    const untilFrameMs = Math.ceil(this.#clock.nextMs - performance.now());
    const mostMs = this.engine.idle ? idlePollMs : pollMs;
    const waitMs = this.#calibration === undefined ? Math.max(1, Math.min(untilFrameMs, mostMs)) : 1;
    this.#timer = setTimeout(this.#wake, waitMs);
  }

  readonly #wake = (): void => {
    let nowMs = performance.now();
    this.#drain(nowMs);
    this.engine.poll(nowMs);
    this.#clock.periodMs = 1000 / this.engine.frameRate;
    const skipped = this.#clock.giveUp(nowMs);
    if (skipped > 0) this.engine.skip(skipped);
    if (this.#clock.isDue(nowMs)) {
      nowMs = performance.now();
      this.engine.tick(this.#clock.nextMs, nowMs);
      this.#clock.advance();
    } else this.#calibrate(nowMs);
    this.#outgoing.flush();
    this.#schedule();
  };

  #calibrate(nowMs: number): void {
    if (this.#calibration === undefined) return;
    const hurries = !this.engine.idle && this.#clock.nextMs - nowMs < stepMs;
    if (hurries && nowMs - this.#stepMs < forcedStepMs) return;
    this.#stepMs = nowMs;
    const units = this.#calibration.step();
    if (units === undefined) return;
    this.#calibration = undefined;
    this.#onUnits(units);
  }

  #drain(nowMs: number): void {
    this.#arrivalClock.observe(Date.now() + 0.5, nowMs);
    const { data, lengths, ports, arrivalMs } = this.#arrived;
    let count = slots;
    for (let round = 0; round < mostRounds && count === slots; round += 1) {
      count = this.#socket.receive(this.#arrived);
      for (let index = 0; index < count; index += 1) {
        const atMs = this.#arrivalClock.toMonotonicMs(arrivalMs[index] ?? 0);
        this.engine.receive(data, index * slotBytes, lengths[index] ?? 0, atMs, ports[index] ?? 0);
      }
    }
  }
}
