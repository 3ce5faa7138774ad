import { payloadTypeOf, ssrcOf } from '../rtpPacket.ts';

/** Who must know which RTP stream arrives. */
export interface StreamListener {
  /** SSRC of the stream that is taken now. */
  readonly current: number | undefined;
  /** Packets of another stream come. */
  appeared(ssrc: number, payloadType: number): void;
}

/** A stream may appear this often: two senders that alternate must not keep us busy. */
export const noticeMs = 200;

/** Notices which RTP stream flows: phones change their SSRC, and many never announce one. */
export class StreamNotice {
  readonly #listener: StreamListener;
  #toldMs = -Infinity;

  constructor(listener: StreamListener) {
    this.#listener = listener;
  }

  notice(packet: Buffer): void {
    const ssrc = ssrcOf(packet);
    if (ssrc === this.#listener.current) return;
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < noticeMs) return;
    this.#toldMs = nowMs;
    this.#listener.appeared(ssrc, payloadTypeOf(packet));
  }
}
