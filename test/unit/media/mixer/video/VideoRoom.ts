import type { Stage, VideoCodecName } from '#kernel/index.ts';
import type { MixerLadder, MixerPicture, MixerVideoLeg, VideoStreamStart } from '#media/mixer/contract.ts';
import { rungHeights } from '#media/mixer/contract.ts';
import { OutgoingPackets } from '#media/mixer/rtp/outgoing.ts';
import { isRtcp, readFeedback } from '#media/mixer/video/rtp/rtcp.ts';
import { VideoEngine } from '#media/mixer/video/VideoEngine.ts';
import { ColorSender, type Color, type SenderOptions } from './ColorSender.ts';
import { Viewer } from './Viewer.ts';

const frameMs = 1000 / 30;

export interface PersonOptions extends SenderOptions {
  readonly kind?: 'browser' | 'phone';
  /** Sends this; undefined: no camera. */
  readonly color?: Color;
  /** A phone's codec on both ways; a browser's on the way in. */
  readonly codec?: VideoCodecName;
  /** 180, for speed, when absent. */
  readonly maxHeight?: 180 | 360 | 720;
  readonly maxBitrate?: number;
}

export interface Person {
  readonly id: string;
  sender: ColorSender | undefined;
  /** What a phone receives. */
  readonly viewer: Viewer | undefined;
  config: MixerVideoLeg;
}

export interface Rungs {
  readonly config: MixerLadder;
  readonly viewers: readonly Viewer[];
}

/** The video engine with people around it, without sockets and timers: time goes on only when told. */
export class VideoRoom {
  readonly engine: VideoEngine;
  readonly stages: Stage[] = [];
  readonly wanted: [legId: string, source: 'camera' | 'screen', height: number][] = [];
  readonly people: Person[] = [];
  /** Senders besides people's cameras; they hear who asks for key frames. */
  readonly screens: ColorSender[] = [];
  /** Key frames that the engine asked for, by SSRC. */
  readonly asked: number[] = [];
  /** Added to the clock by each reading: a machine that is slow. */
  readMs = 0;
  nowMs = 1000;
  wallMs = 1_700_000_000_000;
  picture: MixerPicture;
  readonly #viewers = new Map<number, Viewer>();
  #nextSsrc = 1000;

  constructor(changes: Partial<MixerPicture> = {}) {
    const out = new OutgoingPackets({ send: (batch, count) => this.#deliver(batch, count) });
    this.engine = new VideoEngine({
      out,
      clockMs: () => (this.nowMs += this.readMs),
      wallClockMs: () => this.wallMs,
      drain: () => undefined,
      onStage: (_conferenceId, stage) => this.stages.push(stage),
      onWanted: (...wanted) => this.wanted.push(wanted),
    });
    this.picture = {
      conferenceId: 'room',
      thread: 0,
      layout: 'auto',
      pinned: [],
      welcome: ['Room', 'Invite somebody'],
      frameRate: 30,
      maxBitrate: 1_500_000,
      encodeBudget: 4,
      ...changes,
    };
    this.engine.setPicture(this.picture);
  }

  get stage(): Stage | undefined {
    return this.stages.at(-1);
  }

  setPicture(changes: Partial<MixerPicture>): void {
    this.picture = { ...this.picture, ...changes };
    this.engine.setPicture(this.picture);
  }

  setSpotlight(legId: string | undefined): void {
    const { spotlight: _, ...rest } = this.picture;
    this.picture = legId === undefined ? rest : { ...rest, spotlight: legId };
    this.engine.setPicture(this.picture);
  }

  join(id: string, options: PersonOptions = {}): Person {
    const { kind = 'browser', color, codec = 'VP8', maxHeight = 180, maxBitrate } = options;
    const sender = color === undefined ? undefined : new ColorSender(this.newSsrc(), codec, color, options);
    const stream = kind === 'phone' ? this.#stream(codec) : undefined;
    const limits = { maxHeight, ...(maxBitrate === undefined ? {} : { maxBitrate }) };
    const config: MixerVideoLeg = {
      id,
      conferenceId: 'room',
      kind,
      label: id,
      muted: false,
      ...(sender === undefined ? {} : { camera: sender.inbound }),
      ...(stream === undefined ? {} : { outbound: { ...stream.start, ...limits } }),
    };
    const person = { id, sender, viewer: stream?.viewer, config };
    this.people.push(person);
    this.engine.setVideoLeg(config);
    return person;
  }

  change(person: Person, changes: Partial<MixerVideoLeg>): void {
    person.config = { ...person.config, ...changes };
    this.engine.setVideoLeg(person.config);
  }

  leave(person: Person): void {
    this.people.splice(this.people.indexOf(person), 1);
    this.engine.removeVideoLeg(person.id);
    person.sender?.close();
    person.viewer?.close();
    this.#viewers.delete(person.viewer?.ssrc ?? 0);
  }

  /** What the browsers of one codec get. */
  ladder(codec: VideoCodecName, picture: MixerLadder['picture'] = 'shared'): Rungs {
    const streams = rungHeights.slice(0, picture === 'shared' ? 3 : 1).map(() => this.#stream(codec));
    const encodings = streams.map(({ start }) => start);
    const config: MixerLadder = { id: `${picture} ${codec}`, conferenceId: 'room', picture, encodings };
    this.engine.setLadder(config);
    return { config, viewers: streams.map(({ viewer }) => viewer) };
  }

  /** Everyone sends a frame, then the engine makes one. */
  run(frames: number): void {
    for (let frame = 0; frame < frames; frame += 1) {
      for (const { sender } of this.people) this.send(sender);
      this.tick();
    }
  }

  send(sender: ColorSender | undefined): void {
    if (sender?.sending !== true) return;
    for (const packet of sender.packets(this.wallMs)) this.receive(packet);
  }

  /** A frame's time in which nothing arrives. */
  tick(): void {
    this.engine.poll(this.nowMs);
    const dueMs = this.nowMs;
    this.engine.tick(dueMs, this.nowMs);
    const passedMs = Math.max(frameMs, this.nowMs - dueMs);
    this.nowMs = dueMs + passedMs;
    this.wallMs += passedMs;
  }

  receive(packet: Uint8Array, port = 4000): void {
    this.engine.receive(packet, 0, packet.length, this.nowMs, port);
  }

  /** The receiver of a stream asks for a key frame (PLI, RFC 4585). */
  requestKeyFrame(viewer: Viewer | undefined): void {
    const pli = new Uint8Array(12);
    const view = new DataView(pli.buffer);
    view.setUint32(0, 0x81ce_0002);
    view.setUint32(8, viewer?.ssrc ?? 0);
    this.receive(pli);
  }

  /** The colour in the middle of somebody's tile of the shared picture, as a viewer of it sees it. */
  colorOf(person: Person | undefined, viewer: Viewer | undefined, source = 'camera'): Color | undefined {
    const tile = this.stage?.tiles.find((one) => one.legId === person?.id && one.source === source);
    if (tile === undefined) return undefined;
    return viewer?.colorAt(tile.x + tile.width / 2, tile.y + tile.height / 2);
  }

  newSsrc(): number {
    this.#nextSsrc += 1;
    return this.#nextSsrc;
  }

  close(): void {
    this.engine.close();
    for (const sender of this.#senders()) sender.close();
    for (const viewer of this.#viewers.values()) viewer.close();
  }

  #senders(): ColorSender[] {
    const cameras = this.people.flatMap(({ sender }) => (sender === undefined ? [] : [sender]));
    return [...cameras, ...this.screens];
  }

  #stream(codec: VideoCodecName): { start: VideoStreamStart; viewer: Viewer } {
    const ssrc = 0xf000_0000 + this.newSsrc();
    const viewer = new Viewer(ssrc, codec);
    this.#viewers.set(ssrc, viewer);
    const start = { ssrc, port: 4000, payloadType: 97, codec, sequenceOffset: 7, timestampOffset: 9 };
    return { start, viewer };
  }

  #deliver({ data, lengths, slotBytes }: OutgoingPackets['batch'], count: number): number {
    for (let index = 0; index < count; index += 1) {
      const length = lengths[index] ?? 0;
      const at = index * slotBytes;
      if (isRtcp(data, at, length)) this.#feedback(data, at, length);
      else this.#viewers.get(new DataView(data.buffer).getUint32(at + 8))?.receive(data, at, length);
    }
    return count;
  }

  #feedback(data: Uint8Array, at: number, length: number): void {
    readFeedback(data, at, length, (ssrc) => {
      this.asked.push(ssrc);
      for (const sender of this.#senders()) if (sender.inbound.ssrc === ssrc) sender.forceKeyFrame();
    });
    if (data[at + 1] === 200) {
      const viewer = this.#viewers.get(new DataView(data.buffer).getUint32(at + 4));
      if (viewer !== undefined) viewer.reports += 1;
    }
  }
}
