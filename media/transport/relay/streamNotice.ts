import { payloadTypeOf, ssrcOf } from '../rtpPacket.ts';

/** Told of a packet whose stream is not the one taken last; says whether it takes this one. */
export type StreamListener = (ssrc: number, payloadType: number) => boolean;

/** A stream may be told of this often: two senders that alternate must not keep us busy. */
const intervalMs = 200;

/** Notices which RTP stream flows: phones change their SSRC, and many never announce one. */
export class StreamNotice {
  readonly #listener: StreamListener;
  #ssrc: number | undefined;
  #toldMs = -Infinity;

  constructor(listener: StreamListener) {
    this.#listener = listener;
  }

  notice(packet: Buffer): void {
    const ssrc = ssrcOf(packet);
    if (ssrc === this.#ssrc) return;
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < intervalMs) return;
    this.#toldMs = nowMs;
    if (this.#listener(ssrc, payloadTypeOf(packet))) this.#ssrc = ssrc;
  }
}
