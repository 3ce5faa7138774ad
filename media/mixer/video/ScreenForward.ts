import type { Ladder } from './Ladder.ts';
import type { VideoResources } from './resources.ts';
import type { AssembledFrame } from './rtp/FrameAssembler.ts';
import type { VideoSource } from './VideoSource.ts';

/** A shared screen on its way to browsers, as its sender encoded it. A viewer's stream begins with a key frame. */
export class ScreenForward {
  readonly source: VideoSource;
  readonly #resources: VideoResources;
  /** Ladders of its codec, and whether each has begun. */
  #ladders: readonly Ladder[] = [];
  readonly #begun = new Set<Ladder>();

  constructor(source: VideoSource, resources: VideoResources) {
    this.source = source;
    this.#resources = resources;
  }

  /** Those that get it from now on; of other codecs none can. */
  setLadders(ladders: readonly Ladder[]): void {
    const { codec } = this.source.inbound;
    this.close();
    this.#ladders = ladders.filter(({ streams }) => streams[0]?.codec === codec);
    for (const { streams } of this.#ladders) if (streams[0] !== undefined) streams[0].forwarded = this.source;
    for (const ladder of this.#begun) if (!this.#ladders.includes(ladder)) this.#begun.delete(ladder);
    this.source.onFrame = this.#ladders.length === 0 ? undefined : this.#forward;
    if (this.#ladders.some((ladder) => !this.#begun.has(ladder))) this.source.requestKeyFrame();
  }

  get watched(): boolean {
    return this.#ladders.length > 0;
  }

  close(): void {
    this.source.onFrame = undefined;
    for (const { streams } of this.#ladders) if (streams[0] !== undefined) streams[0].forwarded = undefined;
  }

  readonly #forward = (frame: AssembledFrame): void => {
    const { packetized, out, clockMs, wallMs } = this.#resources;
    packetized.split(this.source.inbound.codec, frame.data, frame.length);
    const nowMs = wallMs(clockMs());
    for (const ladder of this.#ladders) {
      if (frame.keyFrame) this.#begun.add(ladder);
      if (this.#begun.has(ladder)) ladder.streams[0]?.write(packetized, nowMs, out);
    }
    out.flush();
  };
}
