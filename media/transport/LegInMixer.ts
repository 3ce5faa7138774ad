import type { Playback } from '../mixer/contract.ts';
import type { LegContext, LegState } from './legState.ts';
import type { LegStreams } from './LegStreams.ts';

/** A leg's voice as the mixer has it: what it was told of it, and what it tells. */
export class LegInMixer {
  /** The most CSRCs of a packet of the last minute. */
  contributors = 0;
  readonly #context: Pick<LegContext, 'mixer' | 'conferenceId'>;
  readonly #id: string;
  #muted = false;
  #held: boolean;

  constructor(context: Pick<LegContext, 'mixer' | 'conferenceId'>, id: string, held: boolean) {
    this.#context = context;
    this.#id = id;
    this.#held = held;
  }

  /** What the far end sends is to reach the mixer. One on hold is silent by the mixer's own doing, which takes its digits. */
  get listens(): boolean {
    return this.#held || !this.#muted;
  }

  async setMuted(muted: boolean): Promise<void> {
    this.#muted = muted;
    await this.#context.mixer.setMuted(this.#id, muted);
  }

  async setHeld(held: boolean): Promise<void> {
    this.#held = held;
    await this.#context.mixer.setHeld(this.#id, held);
  }

  play(samples: Int16Array): Promise<Playback> {
    return this.#context.mixer.play(this.#id, samples);
  }

  stopPlaying(): Promise<void> {
    return this.#context.mixer.stopPlaying(this.#id);
  }

  async tell({ codec, telephoneEvent }: LegState, streams: LegStreams): Promise<void> {
    await this.#context.mixer.setLeg({
      id: this.#id,
      conferenceId: this.#context.conferenceId,
      codec: codec.name,
      payloadType: codec.payloadType,
      ...(telephoneEvent === undefined ? {} : { telephoneEventPayloadType: telephoneEvent.payloadType }),
      ...streams.mixerSide,
      muted: this.#muted,
      held: this.#held,
    });
  }

  async remove(): Promise<void> {
    await this.#context.mixer.removeLeg(this.#id);
  }
}
