import type { types } from 'mediasoup';

const askAgainMs = 1_000;

/**
 * Keeps a simulcast consumer at the layer that is wanted.
 *
 * The worker chooses its layer when a layer's first Sender Report arrives, and cannot switch before a packet has come
 * after that report; nothing makes it choose again then, so a layer that a browser begins late would never be used.
 */
export class WantedLayer {
  readonly #producer: types.Producer;
  readonly #consumer: types.Consumer;
  #wanted: number | undefined;
  #asking: NodeJS.Timeout | undefined;

  constructor(producer: types.Producer, consumer: types.Consumer) {
    this.#producer = producer;
    this.#consumer = consumer;
  }

  /** `spatialLayer`: 0 is the smallest; undefined: nothing is wanted for now. */
  async want(spatialLayer: number | undefined): Promise<void> {
    this.#wanted = spatialLayer;
    if (spatialLayer === undefined) return;
    this.#asking ??= setInterval(() => void this.#askAgain(), askAgainMs).unref();
    await this.#consumer.setPreferredLayers({ spatialLayer });
  }

  close(): void {
    clearInterval(this.#asking);
  }

  /** The worker looks at its layers only when the wish changes, so it is told of what it has before what is wanted. */
  async #askAgain(): Promise<void> {
    if (this.#consumer.closed) return this.close();
    const spatialLayer = this.#wanted;
    const current = this.#consumer.currentLayers?.spatialLayer;
    if (spatialLayer === undefined || current === undefined || current === spatialLayer) return;
    const { rid } = this.#producer.rtpParameters.encodings?.[spatialLayer] ?? {};
    const arrives = this.#producer.score.some((score) => score.rid === rid && score.score > 0);
    if (!arrives) return;
    try {
      await this.#consumer.setPreferredLayers({ spatialLayer: current });
      if (this.#wanted === spatialLayer) await this.#consumer.setPreferredLayers({ spatialLayer });
    } catch {
      // Closed meanwhile, or its worker is gone: the leg gets another consumer.
    }
  }
}
