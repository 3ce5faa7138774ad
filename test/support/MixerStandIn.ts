import { createSocket, type Socket } from 'node:dgram';
import { Closable } from '#kernel/index.ts';
import type { Mixer, MixerEvents, MixerLeg, MixerStats } from '#media/mixer/contract.ts';

/** A packet that reached the mixer's port, and the leg whose stream it is. */
export interface ArrivedPacket {
  readonly legId: string | undefined;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly payload: Buffer;
}

/**
 * Stands where the mixer stands: a real UDP socket that remembers what comes and sends what a test wants. It mixes nothing,
 * so tests of the transport see every packet.
 */
export class MixerStandIn extends Closable implements Mixer {
  readonly pid = process.pid;
  readonly legs = new Map<string, MixerLeg>();
  readonly packetLoss = new Map<string, number>();
  readonly arrived: ArrivedPacket[] = [];
  readonly #socket: Socket;
  #sequence = 0;

  static async create(): Promise<MixerStandIn> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new MixerStandIn(socket);
  }

  private constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('message', (packet) => this.#receive(packet));
  }

  get rtpPort(): number {
    return this.#socket.address().port;
  }

  setLeg(leg: MixerLeg): Promise<void> {
    this.legs.set(leg.id, leg);
    return Promise.resolve();
  }

  removeLeg(legId: string): Promise<void> {
    this.legs.delete(legId);
    return Promise.resolve();
  }

  setMuted(legId: string, muted: boolean): Promise<void> {
    const leg = this.legs.get(legId);
    if (leg !== undefined) this.legs.set(legId, { ...leg, muted });
    return Promise.resolve();
  }

  setPacketLoss(legId: string, fraction: number): Promise<void> {
    this.packetLoss.set(legId, fraction);
    return Promise.resolve();
  }

  stats(): Promise<MixerStats> {
    return Promise.reject(new Error('the stand-in has no figures'));
  }

  on<E extends keyof MixerEvents>(_event: E, _listener: (...values: MixerEvents[E]) => void): void {
    // Nothing ever happens here.
  }

  /** One packet of the leg's own stream. */
  say(legId: string, payload: Buffer): void {
    const leg = this.legs.get(legId);
    if (leg === undefined) throw new Error(`no leg ${legId}`);
    const { ssrc, port } = leg.outbound;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const header = Buffer.alloc(12);
    header.writeUInt8(0x80, 0);
    header.writeUInt8(leg.payloadType, 1);
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(this.#sequence * 160, 4);
    header.writeUInt32BE(ssrc, 8);
    this.#socket.send(Buffer.concat([header, payload]), port, '127.0.0.1');
  }

  /** What came from this leg since it was last asked. */
  takeFrom(legId: string): ArrivedPacket[] {
    const own = this.arrived.filter((packet) => packet.legId === legId);
    for (const packet of own) this.arrived.splice(this.arrived.indexOf(packet), 1);
    return own;
  }

  protected async release(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #receive(packet: Buffer): void {
    const type = packet.readUInt8(1);
    if (type >= 192 && type <= 223) return; // RTCP
    const ssrc = packet.readUInt32BE(8);
    const extended = (packet.readUInt8(0) & 0x10) !== 0;
    const start = extended ? 16 + 4 * packet.readUInt16BE(14) : 12;
    const leg = [...this.legs.values()].find(({ inbound }) => inbound?.ssrc === ssrc);
    this.arrived.push({ legId: leg?.id, ssrc, payloadType: type & 0x7f, payload: packet.subarray(start) });
  }
}
