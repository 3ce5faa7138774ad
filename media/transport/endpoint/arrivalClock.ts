import type { types } from 'mediasoup';

/** When something last came over a worker's transport: asks for its byte counter. */
export class ArrivalClock {
  #bytes = 0;
  #heardMs = -Infinity;

  async heardMs(transport: types.WebRtcTransport): Promise<number> {
    if (transport.closed) return this.#heardMs;
    const bytes = (await transport.getStats()).reduce((sum, stat) => sum + stat.bytesReceived, 0);
    if (bytes > this.#bytes) this.#heardMs = performance.now();
    this.#bytes = bytes;
    return this.#heardMs;
  }
}
