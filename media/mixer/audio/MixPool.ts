import { audioCodecNames, type AudioCodecName } from '#kernel/index.ts';
import { Limiter } from './limiter.ts';
import { MixEncoder } from './MixEncoder.ts';

/** What it takes to give one talker a mix of his own. */
export interface OwnMix {
  readonly limiter: Limiter;
  readonly encoder: MixEncoder;
}

function createOwnMix(codec: AudioCodecName): OwnMix {
  return { limiter: new Limiter(), encoder: new MixEncoder(codec) };
}

/** Own mixes that wait for talkers, so that none is made while somebody begins to talk. */
export class MixPool {
  readonly #idle: Record<AudioCodecName, OwnMix[]> = { opus: [], G722: [], PCMA: [], PCMU: [] };

  /** Makes sure that one waits. */
  prepare(codec: AudioCodecName): void {
    if (this.#idle[codec].length === 0) this.#idle[codec].push(createOwnMix(codec));
  }

  acquire(codec: AudioCodecName): OwnMix {
    const mix = this.#idle[codec].pop() ?? createOwnMix(codec);
    mix.limiter.reset();
    mix.encoder.reset();
    return mix;
  }

  release(mix: OwnMix): void {
    this.#idle[mix.encoder.codec].push(mix);
  }

  close(): void {
    for (const codec of audioCodecNames) {
      for (const mix of this.#idle[codec].splice(0)) mix.encoder.close();
    }
  }
}
