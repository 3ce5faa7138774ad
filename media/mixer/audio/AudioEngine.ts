import { ZonebridgeError, type AudioCodecName } from '#kernel/index.ts';
import type { MixerLeg, MixerLegStats, VoiceDelay } from '../contract.ts';
import type { OutgoingPackets } from '../rtp/outgoing.ts';
import { emptyRtpPacket, parseRtp } from '../rtp/packet.ts';
import { AudioConference, createMixFrames, type ConferenceResources } from './AudioConference.ts';
import { AudioLeg, type LegListeners } from './AudioLeg.ts';
import { tickMs } from './codecs.ts';
import { MixPool } from './MixPool.ts';

export interface AudioEngineOptions extends LegListeners {
  readonly maxTalkers: number;
  readonly onSpeaking: (conferenceId: string, legIds: readonly string[]) => void;
  /** Milliseconds since the epoch. */
  readonly wallClockMs: () => number;
}

export interface ContributorCount {
  readonly legId: string;
  readonly count: number;
}

/** All conferences of a zone, without sockets and timers: packets in, ticks, packets out. */
export class AudioEngine {
  packetsReceived = 0;
  /** Encodes of the last tick. */
  readonly encodes: Record<AudioCodecName, number> = { opus: 0, G722: 0, PCMA: 0, PCMU: 0 };
  readonly #options: AudioEngineOptions;
  readonly #resources: ConferenceResources;
  readonly #pool = new MixPool();
  readonly #conferences = new Map<string, AudioConference>();
  /** The values of the map: a loop over an array makes no iterator once it is compiled. */
  #ticking: readonly AudioConference[] = [];
  readonly #legs = new Map<string, AudioLeg>();
  /** By inbound SSRC as a signed integer, which needs no number on the heap. */
  readonly #bySsrc = new Map<number, AudioLeg>();
  readonly #packet = emptyRtpPacket();

  constructor(options: AudioEngineOptions) {
    this.#options = options;
    const { maxTalkers, onSpeaking } = options;
    const frames = createMixFrames();
    this.#resources = { maxTalkers, onSpeaking, frames, pool: this.#pool, encodes: this.encodes };
  }

  get legCount(): number {
    return this.#legs.size;
  }

  /** Adds or changes a leg. Throws `invalid-argument` for what no packet could be sent with. */
  setLeg(config: MixerLeg): void {
    check(config);
    const known = this.#legs.get(config.id);
    if (known !== undefined && known.config.conferenceId !== config.conferenceId) this.removeLeg(config.id);
    const leg = this.#legs.get(config.id);
    if (leg === undefined) this.#add(config);
    else {
      this.#forgetSsrc(leg);
      leg.change(config, this.#wallTick());
      this.#learnSsrc(leg);
      this.#conferences.get(config.conferenceId)?.changed(leg);
    }
  }

  /** No error when there is none. */
  removeLeg(id: string): void {
    const leg = this.#legs.get(id);
    if (leg === undefined) return;
    this.#legs.delete(id);
    this.#forgetSsrc(leg);
    const conference = this.#conferences.get(leg.config.conferenceId);
    conference?.remove(leg);
    leg.close();
    if (conference?.empty === true) this.#drop(conference);
  }

  setMuted(id: string, muted: boolean): void {
    const leg = this.#legs.get(id);
    if (leg === undefined) return;
    leg.setMuted(muted);
    this.#conferences.get(leg.config.conferenceId)?.changed(leg);
  }

  setHeld(id: string, held: boolean): void {
    const leg = this.#legs.get(id);
    if (leg === undefined) return;
    leg.setHeld(held);
    this.#conferences.get(leg.config.conferenceId)?.changed(leg);
  }

  /** Plays samples at the mix rate to this leg, in place of what plays. Throws `not-found`. */
  play(id: string, promptId: number, samples: Int16Array): void {
    const leg = this.#legs.get(id);
    if (leg === undefined) throw new ZonebridgeError('not-found', `the mixer has no leg ${id}`);
    leg.prompt.play(promptId, samples);
    this.#conferences.get(leg.config.conferenceId)?.changed(leg);
  }

  stopPlaying(id: string): void {
    this.#legs.get(id)?.prompt.stop();
  }

  setPacketLoss(id: string, fraction: number): void {
    const leg = this.#legs.get(id);
    if (leg === undefined) return;
    leg.loss = Math.min(1, Math.max(0, fraction));
    this.#conferences.get(leg.config.conferenceId)?.changed(leg);
  }

  /** One datagram. `arrivalMs` on the clock that `tick` is told. Damaged and unknown ones are dropped. */
  receive(data: Uint8Array, offset: number, length: number, arrivalMs: number): void {
    this.packetsReceived += 1;
    if (!parseRtp(data, offset, length, this.#packet)) return;
    this.#bySsrc.get(this.#packet.ssrc | 0)?.receive(this.#packet, data, arrivalMs);
  }

  /** Mixes 20 ms: what is heard at `nowMs`. */
  tick(nowMs: number, out: OutgoingPackets): void {
    this.encodes.opus = 0;
    this.encodes.G722 = 0;
    this.encodes.PCMA = 0;
    this.encodes.PCMU = 0;
    for (const conference of this.#ticking) conference.tick(nowMs, out);
    out.flush();
  }

  /** Ticks that were not mixed. */
  skip(ticks: number): void {
    for (const conference of this.#ticking) conference.skip(ticks);
  }

  legStats(): MixerLegStats[] {
    return [...this.#legs.values()].map((leg) => leg.stats());
  }

  /** Of legs that something is received from. */
  voiceDelays(): VoiceDelay[] {
    const delays: VoiceDelay[] = [];
    for (const { config, voiceDelayMs } of this.#legs.values()) {
      if (config.inbound !== undefined) delays.push({ id: config.id, delayMs: voiceDelayMs });
    }
    return delays;
  }

  /** Of legs that have contributors, and of those that had when this was last asked. */
  contributors(nowMs: number): ContributorCount[] {
    const counts: ContributorCount[] = [];
    for (const leg of this.#legs.values()) {
      const count = leg.contributors.most(nowMs);
      if (count > 0 || leg.contributed) counts.push({ legId: leg.config.id, count });
      leg.contributed = count > 0;
    }
    return counts;
  }

  close(): void {
    for (const id of [...this.#legs.keys()]) this.removeLeg(id);
    this.#pool.close();
  }

  #add(config: MixerLeg): void {
    let conference = this.#conferences.get(config.conferenceId);
    if (conference === undefined) {
      conference = new AudioConference(config.conferenceId, this.#resources);
      this.#conferences.set(config.conferenceId, conference);
      this.#ticking = [...this.#conferences.values()];
    }
    const leg = new AudioLeg(config, this.#wallTick(), this.#options);
    this.#legs.set(config.id, leg);
    this.#learnSsrc(leg);
    conference.add(leg);
  }

  #drop(conference: AudioConference): void {
    conference.close();
    this.#conferences.delete(conference.id);
    this.#ticking = [...this.#conferences.values()];
  }

  #learnSsrc(leg: AudioLeg): void {
    const ssrc = leg.config.inbound?.ssrc;
    if (ssrc !== undefined) this.#bySsrc.set(ssrc | 0, leg);
  }

  #forgetSsrc(leg: AudioLeg): void {
    const ssrc = leg.config.inbound?.ssrc;
    if (ssrc !== undefined && this.#bySsrc.get(ssrc | 0) === leg) this.#bySsrc.delete(ssrc | 0);
  }

  #wallTick(): number {
    return Math.floor(this.#options.wallClockMs() / tickMs);
  }
}

function check({ id, payloadType, outbound }: MixerLeg): void {
  const isPort = Number.isInteger(outbound.port) && outbound.port >= 1 && outbound.port <= 65535;
  const isType = Number.isInteger(payloadType) && payloadType >= 0 && payloadType <= 127;
  if (isPort && isType) return;
  throw new ZonebridgeError(
    'invalid-argument',
    `leg ${id}: port ${outbound.port} must be 1..65535 and payload type ${payloadType} 0..127`,
  );
}
