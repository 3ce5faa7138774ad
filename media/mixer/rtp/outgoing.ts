import { datagramBatch, type UdpSocket } from '../../native/index.ts';

const slotBytes = 1500;
const slots = 256;

/** Packets of one tick on their way to the socket. */
export class OutgoingPackets {
  /** Total since the start, and those that the kernel had no room for. */
  sent = 0;
  unsent = 0;
  readonly batch = datagramBatch(slots, slotBytes);
  count = 0;
  readonly #socket: Pick<UdpSocket, 'send'>;

  constructor(socket: Pick<UdpSocket, 'send'>) {
    this.#socket = socket;
  }

  /** Room for one more packet: its offset in `batch.data`. */
  claim(length: number, port: number): number {
    if (this.count === slots) this.flush();
    const slot = this.count;
    this.batch.lengths[slot] = length;
    this.batch.ports[slot] = port;
    this.count += 1;
    return slot * slotBytes;
  }

  flush(): void {
    if (this.count === 0) return;
    const sent = this.#socket.send(this.batch, this.count);
    this.sent += sent;
    // The queue of a loopback socket is full only when its reader stands still: then old media is no loss.
    this.unsent += this.count - sent;
    this.count = 0;
  }
}
