import type { AudioCodecName } from '#kernel/index.ts';
import type { MixerLeg } from '#media/mixer/contract.ts';
import { AudioEngine } from '#media/mixer/audio/AudioEngine.ts';
import { codecTimings } from '#media/mixer/audio/codecs.ts';
import { OutgoingPackets } from '#media/mixer/rtp/outgoing.ts';
import { writeRtpHeader } from '#media/mixer/rtp/packet.ts';
import { VoiceSource, decodeHeard, type HeardFrame } from './voiceSource.ts';

export interface RoomLegOptions {
  readonly codec?: AudioCodecName;
  /** Undefined: says nothing. */
  readonly toneHz?: number;
  readonly amplitude?: number;
  /** Says its level in the RFC 6464 header extension: this one, or its tone's own. */
  readonly saidLevelDb?: number;
  readonly muted?: boolean;
  readonly listenOnly?: boolean;
}

/** A leg of a simulated room. Its fields may be changed between ticks. */
export interface RoomLeg {
  readonly config: MixerLeg;
  readonly heard: HeardFrame[];
  readonly source: VoiceSource;
  talking: boolean;
  saidLevelDb: number | undefined;
}

/** The audio engine with legs around it, without sockets and timers: time goes on only when told. */
export class Room {
  readonly engine: AudioEngine;
  readonly speaking: (readonly string[])[] = [];
  readonly digits: string[] = [];
  readonly promptsEnded: number[] = [];
  readonly legs: RoomLeg[] = [];
  nowMs = 1000;
  wallMs = 1_700_000_000_000;
  readonly #outgoing: OutgoingPackets;

  constructor(maxTalkers = 3) {
    this.#outgoing = new OutgoingPackets({ send: (_batch, count) => this.#deliver(count) });
    this.engine = new AudioEngine({
      maxTalkers,
      onSpeaking: (_conferenceId, legIds) => this.speaking.push(legIds),
      onPromptEnd: (promptId) => this.promptsEnded.push(promptId),
      onDigit: (_legId, digit) => this.digits.push(digit),
      wallClockMs: () => this.wallMs,
    });
  }

  join(id: string, options: RoomLegOptions = {}): RoomLeg {
    const { codec = 'opus', toneHz, amplitude = 0.1, saidLevelDb, muted = false } = options;
    const number = this.legs.length + 1;
    const level = saidLevelDb === undefined ? {} : { audioLevelId: 1 };
    const config: MixerLeg = {
      id,
      conferenceId: 'room',
      codec,
      payloadType: 96,
      telephoneEventPayloadType: 101,
      ...(options.listenOnly === true ? {} : { inbound: { ssrc: 1000 + number, ...level } }),
      outbound: { ssrc: 0xf000_0000 + number, port: 10_000 + number, sequenceOffset: 7, timestampOffset: 9 },
      muted,
    };
    const source = new VoiceSource(codec, toneHz ?? 0, amplitude);
    const leg = { config, heard: [], source, talking: toneHz !== undefined, saidLevelDb };
    this.legs.push(leg);
    this.engine.setLeg(config);
    return leg;
  }

  leave(leg: RoomLeg): void {
    this.legs.splice(this.legs.indexOf(leg), 1);
    this.engine.removeLeg(leg.config.id);
  }

  /** Everyone who talks sends a packet, then the engine mixes: 20 ms pass. */
  run(ticks: number): void {
    for (let tick = 0; tick < ticks; tick += 1) {
      for (const leg of this.legs) this.#send(leg);
      this.tick();
    }
  }

  /** 20 ms in which nothing arrives. */
  tick(): void {
    this.engine.tick(this.nowMs, this.#outgoing);
    this.nowMs += 20;
    this.wallMs += 20;
  }

  /** Hands the engine a packet of the leg as from the network. */
  receive(
    { config }: RoomLeg,
    header: { payloadType: number; sequence: number; timestamp: number },
    payload: Uint8Array,
  ): void {
    const { payloadType, sequence, timestamp } = header;
    const data = new Uint8Array(12 + payload.length);
    writeRtpHeader(data, 0, payloadType, false, sequence, timestamp, config.inbound?.ssrc ?? 0);
    data.set(payload, 12);
    this.engine.receive(data, 0, data.length, this.nowMs);
  }

  close(): void {
    this.engine.close();
    for (const { source } of this.legs) source.close();
  }

  /** What the leg heard in its packets from `from` on, decoded as one stream. */
  heardBy({ config, heard }: RoomLeg, from = 0): Int16Array {
    return decodeHeard(config.codec, heard, from);
  }

  #send({ config, source, talking, saidLevelDb }: RoomLeg): void {
    source.advance();
    if (!talking || config.inbound === undefined) return;
    const { payload, sequence, timestamp } = source;
    if (saidLevelDb === undefined) {
      this.receive({ config } as RoomLeg, { payloadType: 96, sequence, timestamp }, payload);
      return;
    }
    const data = new Uint8Array(20 + payload.length);
    writeRtpHeader(data, 0, 96, false, sequence, timestamp, config.inbound.ssrc);
    data[0] = 0x90;
    data.set([0xbe, 0xde, 0, 1, 0x10, -saidLevelDb, 0, 0], 12);
    data.set(payload, 20);
    this.engine.receive(data, 0, data.length, this.nowMs);
  }

  #deliver(count: number): number {
    const { data, lengths, ports, slotBytes } = this.#outgoing.batch;
    for (let index = 0; index < count; index += 1) {
      const leg = this.legs.find(({ config }) => config.outbound.port === ports[index]);
      const packet = data.slice(index * slotBytes, index * slotBytes + (lengths[index] ?? 0));
      const view = new DataView(packet.buffer);
      leg?.heard.push({
        marker: (view.getUint8(1) & 0x80) !== 0,
        payloadType: view.getUint8(1) & 0x7f,
        sequence: view.getUint16(2),
        timestamp: view.getUint32(4),
        ssrc: view.getUint32(8),
        payload: packet.subarray(12),
      });
    }
    return count;
  }
}

/** Samples at 48 kHz clock units in a tick of the codec. */
export function unitsPerTick(codec: AudioCodecName): number {
  return codecTimings[codec].clockRateHz / 50;
}
