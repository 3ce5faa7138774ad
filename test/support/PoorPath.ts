import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface PathQuality {
  /** Of the packets of each direction, 0..1. */
  readonly loss?: number;
  /** Towards the browser; what does not fit into 200 ms is dropped, as a router does. */
  readonly bitsPerSecond?: number;
}

const longestQueueMs = 200;

/** A UDP path to a port of this machine that loses packets or is narrow; the browser must be told of its port instead. */
export class PoorPath implements AsyncDisposable {
  quality: PathQuality;
  dropped = 0;
  readonly #front: Socket;
  readonly #targetPort: number;
  readonly #ways = new Map<string, Socket>();
  readonly #waiting = new Set<NodeJS.Timeout>();
  #closed = false;
  /** When the last of the packets on the narrow path will be through. */
  #freeAtMs = 0;

  static async open(targetPort: number, quality: PathQuality): Promise<PoorPath> {
    const front = createSocket('udp4');
    front.bind(0, '127.0.0.1');
    await once(front, 'listening');
    return new PoorPath(front, targetPort, quality);
  }

  private constructor(front: Socket, targetPort: number, quality: PathQuality) {
    this.#front = front;
    this.#targetPort = targetPort;
    this.quality = quality;
    front.on('message', (packet, from) => {
      if (!this.#closed && !this.#isLost()) this.#wayOf(from).send(packet, this.#targetPort, '127.0.0.1');
    });
  }

  get port(): number {
    return this.#front.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const timer of this.#waiting) clearTimeout(timer);
    for (const socket of [this.#front, ...this.#ways.values()]) {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    }
  }

  /** Each far end has a port of its own towards the target, which tells them apart by it. */
  #wayOf(from: RemoteInfo): Socket {
    const key = `${from.address}:${from.port}`;
    let way = this.#ways.get(key);
    if (way === undefined) {
      way = createSocket('udp4');
      way.on('message', (packet) => this.#back(packet, from));
      this.#ways.set(key, way);
    }
    return way;
  }

  #back(packet: Buffer, { address, port }: RemoteInfo): void {
    if (this.#closed || this.#isLost()) return;
    const nowMs = performance.now();
    const tookMs = (packet.length * 8000) / (this.quality.bitsPerSecond ?? Infinity);
    if (this.#freeAtMs > nowMs + longestQueueMs) {
      this.dropped += 1;
      return;
    }
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + tookMs;
    const waitMs = this.#freeAtMs - nowMs;
    const send = (): void => this.#front.send(packet, port, address, () => undefined);
    if (waitMs < 1) send();
    else {
      const timer = setTimeout(() => {
        this.#waiting.delete(timer);
        send();
      }, waitMs);
      this.#waiting.add(timer);
    }
  }

  #isLost(): boolean {
    const lost = Math.random() < (this.quality.loss ?? 0);
    if (lost) this.dropped += 1;
    return lost;
  }
}
