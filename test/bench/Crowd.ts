import { randomInt } from 'node:crypto';
import { datagramBatch, native } from '#media/native/index.ts';

/** How many of them talk; the others are in DTX. */
export const talkers = 3;
/** SSRC of the mixer's stream to the first of them. */
export const firstOutbound = 0x8000_0000;
const slots = 512;
const slotBytes = 400;
const dtxPacket = Uint8Array.from([0xf8, 0]);
/** An Opus encoder in DTX says one word each 400 ms. */
const dtxTicks = 20;

interface Caller {
  readonly ssrc: number;
  readonly talks: boolean;
  readonly phase: number;
  sequence: number;
}

/** Legs of one conference on one socket, as a router of mediasoup puts them on one port. */
export class Crowd implements Disposable {
  readonly #socket = new native.UdpSocket({ address: '127.0.0.1', port: 0, receiveBufferBytes: 4 << 20 });
  readonly #out = datagramBatch(slots, slotBytes);
  readonly #in = datagramBatch(slots, slotBytes);
  readonly #callers: readonly Caller[];
  readonly #voice: readonly Uint8Array[];
  readonly #mixerPort: number;
  readonly #timer: NodeJS.Timeout;
  readonly #startedMs = performance.now();
  #ticks = 0;
  /** For each of the mixer's ticks: when its packet for the first leg arrived by the kernel's clock, less its media time. */
  readonly transitsMs: number[] = [];
  received = 0;

  constructor(legs: number, voice: readonly Uint8Array[], mixerPort: number) {
    this.#voice = voice;
    this.#mixerPort = mixerPort;
    this.#callers = Array.from({ length: legs }, (_, index) => ({
      ssrc: 1 + index,
      talks: index < talkers,
      phase: randomInt(dtxTicks),
      sequence: 0,
    }));
    this.#timer = setInterval(() => this.#wake(), 5);
  }

  get port(): number {
    return this.#socket.port;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #wake(): void {
    while (this.#ticks * 20 <= performance.now() - this.#startedMs) this.#send();
    this.#receive();
  }

  #send(): void {
    let count = 0;
    for (const [index, caller] of this.#callers.entries()) {
      if (!caller.talks && (this.#ticks + caller.phase) % dtxTicks !== 0) continue;
      const payload = caller.talks ? this.#voice[(this.#ticks + index * 50) % this.#voice.length] : dtxPacket;
      if (payload !== undefined) this.#write(count, caller, payload);
      count += 1;
    }
    this.#socket.send(this.#out, count);
    this.#ticks += 1;
  }

  #write(slot: number, caller: Caller, payload: Uint8Array): void {
    const view = new DataView(this.#out.data.buffer, slot * slotBytes, slotBytes);
    view.setUint16(0, 0x8060);
    view.setUint16(2, caller.sequence);
    view.setUint32(4, (this.#ticks * 960) >>> 0);
    view.setUint32(8, caller.ssrc);
    this.#out.data.set(payload, slot * slotBytes + 12);
    this.#out.lengths[slot] = 12 + payload.length;
    this.#out.ports[slot] = this.#mixerPort;
    caller.sequence = (caller.sequence + 1) & 0xffff;
  }

  #receive(): void {
    for (let count = slots; count === slots;) {
      count = this.#socket.receive(this.#in);
      this.received += count;
      const view = new DataView(this.#in.data.buffer);
      for (let slot = 0; slot < count; slot += 1) {
        if (view.getUint32(slot * slotBytes + 8) !== firstOutbound) continue;
        this.transitsMs.push((this.#in.arrivalMs[slot] ?? 0) - view.getUint32(slot * slotBytes + 4) / 48);
      }
    }
  }
}
