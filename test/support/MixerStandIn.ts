import { EventEmitter } from 'node:events';
import { createSocket, type Socket } from 'node:dgram';
import { Closable } from '#kernel/index.ts';
import type {
  Mixer,
  MixerEvents,
  MixerLadder,
  MixerLeg,
  MixerPicture,
  MixerStats,
  MixerVideoLeg,
  Playback,
  VideoStreamStart,
} from '#media/mixer/contract.ts';

/** A packet that reached the mixer's port, and the leg whose stream it is. */
export interface ArrivedPacket {
  readonly legId: string | undefined;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly csrcs: number;
  readonly payload: Buffer;
}

type PictureStream = Pick<VideoStreamStart, 'ssrc' | 'port' | 'payloadType'>;

/**
 * Stands where the mixer stands: a real UDP socket that remembers what comes and sends what a test wants. It mixes nothing,
 * so tests of the transport see every packet.
 */
export class MixerStandIn extends Closable implements Mixer {
  readonly pid = process.pid;
  readonly legs = new Map<string, MixerLeg>();
  readonly packetLoss = new Map<string, number>();
  /** What plays to a leg, until it is stopped or the leg goes. */
  readonly playing = new Map<string, { readonly samples: Int16Array; readonly end: () => void }>();
  /** What a quick mixer does before it answers. */
  onVideoLeg: (leg: MixerVideoLeg) => void = () => undefined;
  readonly pictures = new Map<string, MixerPicture>();
  readonly videoLegs = new Map<string, MixerVideoLeg>();
  readonly ladders = new Map<string, MixerLadder>();
  readonly demands = new Map<string, readonly boolean[]>();
  /** SSRCs that the worker asked a key frame of (RFC 4585 §6.3.1). */
  readonly keyFrameRequests: number[] = [];
  readonly arrived: ArrivedPacket[] = [];
  readonly #socket: Socket;
  readonly #videoSocket: Socket;
  readonly #events = new EventEmitter<MixerEvents>();
  #sequence = 0;

  static async create(): Promise<MixerStandIn> {
    return new MixerStandIn(await openSocket(), await openSocket());
  }

  private constructor(socket: Socket, videoSocket: Socket) {
    super();
    this.#socket = socket;
    this.#videoSocket = videoSocket;
    socket.on('message', (packet) => this.#receive(packet));
    videoSocket.on('message', (packet) => this.#receive(packet));
  }

  get rtpPort(): number {
    return this.#socket.address().port;
  }

  get videoPorts(): readonly number[] {
    return [this.#videoSocket.address().port];
  }

  setLeg(leg: MixerLeg): Promise<void> {
    this.legs.set(leg.id, leg);
    return Promise.resolve();
  }

  removeLeg(legId: string): Promise<void> {
    this.#endPlayback(legId);
    this.legs.delete(legId);
    return Promise.resolve();
  }

  setMuted(legId: string, muted: boolean): Promise<void> {
    const leg = this.legs.get(legId);
    if (leg !== undefined) this.legs.set(legId, { ...leg, muted });
    return Promise.resolve();
  }

  setHeld(legId: string, held: boolean): Promise<void> {
    const leg = this.legs.get(legId);
    if (leg !== undefined) this.legs.set(legId, { ...leg, held });
    return Promise.resolve();
  }

  play(legId: string, samples: Int16Array): Promise<Playback> {
    this.#endPlayback(legId);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.playing.set(legId, { samples, end: () => resolve(undefined) });
    return Promise.resolve({ ended: promise });
  }

  stopPlaying(legId: string): Promise<void> {
    this.#endPlayback(legId);
    return Promise.resolve();
  }

  setPacketLoss(legId: string, fraction: number): Promise<void> {
    this.packetLoss.set(legId, fraction);
    return Promise.resolve();
  }

  setPicture(picture: MixerPicture): Promise<void> {
    this.pictures.set(picture.conferenceId, picture);
    return Promise.resolve();
  }

  removePicture(conferenceId: string): Promise<void> {
    this.pictures.delete(conferenceId);
    return Promise.resolve();
  }

  setVideoLeg(leg: MixerVideoLeg): Promise<void> {
    this.videoLegs.set(leg.id, leg);
    this.onVideoLeg(leg);
    return Promise.resolve();
  }

  removeVideoLeg(legId: string): Promise<void> {
    this.videoLegs.delete(legId);
    return Promise.resolve();
  }

  setLadder(ladder: MixerLadder): Promise<void> {
    this.ladders.set(ladder.id, ladder);
    return Promise.resolve();
  }

  removeLadder(ladderId: string): Promise<void> {
    this.ladders.delete(ladderId);
    return Promise.resolve();
  }

  setDemand(ladderId: string, rungs: readonly boolean[]): Promise<void> {
    this.demands.set(ladderId, rungs);
    return Promise.resolve();
  }

  requestKeyFrame(legId: string): Promise<void> {
    const ssrc = this.videoLegs.get(legId)?.outbound?.ssrc;
    if (ssrc !== undefined) this.keyFrameRequests.push(ssrc);
    return Promise.resolve();
  }

  snapshot(): Promise<Uint8Array> {
    return Promise.resolve(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9));
  }

  stats(): Promise<MixerStats> {
    return Promise.reject(new Error('the stand-in has no figures'));
  }

  on<E extends keyof MixerEvents>(event: E, listener: (...values: MixerEvents[E]) => void): void {
    (this.#events as EventEmitter).on(event, listener as (...values: unknown[]) => void);
  }

  /** What a mixer would tell. */
  tell<E extends keyof MixerEvents>(event: E, ...values: MixerEvents[E]): void {
    (this.#events as EventEmitter).emit(event, ...values);
  }

  /** One packet of a picture. */
  show({ ssrc, port, payloadType }: PictureStream, payload: Buffer): void {
    this.#send(this.#videoSocket, { ssrc, port, payloadType }, payload);
  }

  /** One packet of the leg's own stream. */
  say(legId: string, payload: Buffer): void {
    const leg = this.legs.get(legId);
    if (leg === undefined) throw new Error(`no leg ${legId}`);
    const { payloadType, outbound } = leg;
    this.#send(this.#socket, { ...outbound, payloadType }, payload);
  }

  /** A PLI for the leg's camera, as RFC 4585 §6.3.1 writes it, behind an empty receiver report. */
  askKeyFrame(legId: string): void {
    const { camera, outbound } = this.videoLegs.get(legId) ?? {};
    if (camera === undefined || outbound === undefined) throw new Error(`${legId} has no camera`);
    const compound = Buffer.alloc(20);
    compound.writeUInt32BE(0x80c9_0001, 0);
    compound.writeUInt32BE(outbound.ssrc, 4);
    compound.writeUInt32BE(0x81ce_0002, 8);
    compound.writeUInt32BE(outbound.ssrc, 12);
    compound.writeUInt32BE(camera.ssrc, 16);
    this.#videoSocket.send(compound, outbound.port, '127.0.0.1');
  }

  #endPlayback(legId: string): void {
    this.playing.get(legId)?.end();
    this.playing.delete(legId);
  }

  #send(socket: Socket, { ssrc, port, payloadType }: PictureStream, payload: Buffer): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const header = Buffer.alloc(12);
    header.writeUInt8(0x80, 0);
    header.writeUInt8(payloadType, 1);
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(this.#sequence * 160, 4);
    header.writeUInt32BE(ssrc, 8);
    socket.send(Buffer.concat([header, payload]), port, '127.0.0.1');
  }

  /** What came from this leg since it was last asked. */
  takeFrom(legId: string): ArrivedPacket[] {
    const own = this.arrived.filter((packet) => packet.legId === legId);
    for (const packet of own) this.arrived.splice(this.arrived.indexOf(packet), 1);
    return own;
  }

  protected async release(): Promise<void> {
    for (const socket of [this.#socket, this.#videoSocket]) {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    }
  }

  #receive(packet: Buffer): void {
    const type = packet.readUInt8(1);
    if (type >= 192 && type <= 223) {
      if (type === 206 && (packet.readUInt8(0) & 0x1f) === 1)
        this.keyFrameRequests.push(packet.readUInt32BE(8));
      return;
    }
    const ssrc = packet.readUInt32BE(8);
    const extended = (packet.readUInt8(0) & 0x10) !== 0;
    const csrcs = packet.readUInt8(0) & 0x0f;
    const plain = 12 + 4 * csrcs;
    const start = extended ? plain + 4 + 4 * packet.readUInt16BE(plain + 2) : plain;
    const leg = [...this.legs.values()].find(({ inbound }) => inbound?.ssrc === ssrc);
    const seen = [...this.videoLegs.values()].find(
      ({ camera, screen }) => camera?.ssrc === ssrc || screen?.ssrc === ssrc,
    );
    this.arrived.push({
      legId: leg?.id ?? seen?.id,
      ssrc,
      payloadType: type & 0x7f,
      csrcs,
      payload: packet.subarray(start),
    });
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}
