import type { MixerLeg, MixerLegStats } from '../contract.ts';
import type { RtpPacket } from '../rtp/packet.ts';
import { noAudioLevel, readAudioLevelDb } from './audioLevel.ts';
import { Contributors } from './contributors.ts';
import { codecTimings, mixFrameSamples, mixRateHz, tickMs } from './codecs.ts';
import { InboundVoice } from './InboundVoice.ts';
import { silenceDb } from './level.ts';
import type { OwnMix } from './MixPool.ts';
import { OutboundStream } from './outbound.ts';
import { PromptPlayer, type PromptListener } from './prompt.ts';
import { Upsampler } from './resample.ts';
import { newCandidate, type Candidate } from './talkers.ts';
import { TelephoneEvents } from './telephoneEvents.ts';

/** A voice that enters the mix is faded in within 5 ms, one that leaves it fades out over its last frame. */
const fadeInSamples = 240;

export type LegDigitListener = (legId: string, digit: string, durationMs: number) => void;

export interface LegListeners {
  readonly onDigit: LegDigitListener;
  readonly onPromptEnd: PromptListener;
}

/** One leg in the audio thread: its voice on the way in, its stream on the way out. */
export class AudioLeg implements Candidate {
  levelDb: number = silenceDb;
  talking = false;
  smoothedDb: number = newCandidate.smoothedDb;
  talkingTicks = 0;
  quietTicks = 0;
  readonly outbound: OutboundStream;
  /** 0..1, what the far end loses of what we send. */
  loss = 0;
  /** While it is heard, held or played something: a mix that no other leg gets. */
  ownMix: OwnMix | undefined;
  /** Its frame at the mix rate, after `speak`. */
  pcm: Int16Array = new Int16Array(0);
  /** Its frame takes part in the sum: it is heard, and not all zeros. */
  audible = false;
  /** It is in the mix, fading or in full; still so in the tick in which it fades out. */
  heard = false;
  readonly prompt: PromptPlayer;
  readonly contributors = new Contributors();
  /** Contributors were told that are not 0. */
  contributed = false;
  #config: MixerLeg;
  #voice: InboundVoice | undefined;
  #upsampler: Upsampler | undefined;
  #events: TelephoneEvents;
  #advanced = false;
  #muted: boolean;
  #held: boolean;
  readonly #onDigit: LegDigitListener;

  constructor(config: MixerLeg, wallTick: number, { onDigit, onPromptEnd }: LegListeners) {
    this.#config = config;
    this.#muted = config.muted;
    this.#held = config.held === true;
    this.#onDigit = onDigit;
    this.prompt = new PromptPlayer(onPromptEnd);
    this.#events = this.#createEvents();
    this.outbound = new OutboundStream(config.outbound, config.payloadType, durationOf(config), wallTick);
    this.#createVoice();
  }

  get config(): MixerLeg {
    return this.#config;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** Outside of the room. */
  get held(): boolean {
    return this.#held;
  }

  /** Nobody hears it. */
  get silenced(): boolean {
    return this.#muted || this.#held;
  }

  /** It does not hear what those hear who are silent. */
  get hearsAlone(): boolean {
    return this.heard || this.#held || this.prompt.active;
  }

  get voiceDelayMs(): number {
    return this.#voice?.delayMs ?? 0;
  }

  /** Takes other parameters without a gap in the outgoing stream. */
  change(config: MixerLeg, wallTick: number): void {
    const before = this.#config;
    this.#config = config;
    this.setMuted(config.muted);
    this.setHeld(config.held === true);
    this.outbound.change(config.outbound, config.payloadType, durationOf(config), wallTick);
    if (config.telephoneEventClockRateHz !== before.telephoneEventClockRateHz)
      this.#events = this.#createEvents();
    if (config.codec !== before.codec || (config.inbound === undefined) !== (before.inbound === undefined)) {
      this.#voice?.close();
      this.#createVoice();
    }
  }

  setMuted(muted: boolean): void {
    if (muted && !this.#muted) this.#voice?.reset();
    this.#muted = muted;
  }

  /** Its voice goes on unheard, so that it is heard at once when it is let in. */
  setHeld(held: boolean): void {
    this.#held = held;
  }

  receive(packet: RtpPacket, data: Uint8Array, arrivalMs: number): void {
    const { payloadType, telephoneEventPayloadType, inbound } = this.#config;
    this.contributors.count(packet.csrcs, arrivalMs);
    if (packet.payloadType === telephoneEventPayloadType) {
      this.#events.receive(data, packet.payloadOffset, packet.payloadLength, packet.timestamp, arrivalMs);
      this.#voice?.skip(packet);
    } else if (packet.payloadType === payloadType && !this.#muted) {
      const id = inbound?.audioLevelId;
      const levelDb = id === undefined ? noAudioLevel : readAudioLevelDb(data, packet, id);
      this.#voice?.receive(packet, data, levelDb, arrivalMs);
    }
  }

  /** First half of a tick: its level. It is decoded for that only if its sender does not tell. */
  listen(nowMs: number): void {
    this.#events.tick(nowMs);
    this.#advanced = false;
    const voice = this.#voice;
    if (voice === undefined || this.#muted) {
      this.levelDb = silenceDb;
      return;
    }
    if (this.#held) {
      voice.advance(nowMs, false);
      this.#advanced = true;
      this.levelDb = silenceDb;
      return;
    }
    const said = voice.nextLevelDb(
      this.#config.inbound?.audioLevelId === undefined ? noAudioLevel : silenceDb,
    );
    if (said === noAudioLevel || this.heard) {
      voice.advance(nowMs, true);
      this.#advanced = true;
      this.levelDb = voice.levelDb;
    } else this.levelDb = said;
  }

  /** Second half, when it is known who is heard: the frame, if this leg is among them. */
  speak(nowMs: number): void {
    const voice = this.#voice;
    const before = this.heard;
    this.heard = voice !== undefined && !this.silenced && (this.talking || before);
    this.audible = false;
    if (voice === undefined || this.silenced) return;
    if (!this.#advanced) voice.advance(nowMs, this.heard);
    if (!this.heard) return;
    this.#render(voice, before);
    if (!before) fadeIn(this.pcm);
    else if (!this.talking) fadeOut(this.pcm);
  }

  /** After a tick: one that has faded out is no longer heard. */
  settle(): void {
    this.heard = this.heard && this.talking;
  }

  stats(): MixerLegStats {
    const voice = this.#voice;
    return {
      id: this.#config.id,
      jitterBufferMs: this.voiceDelayMs,
      concealed: voice?.concealed ?? 0,
      recoveredByFec: voice?.recoveredByFec ?? 0,
      late: voice?.late ?? 0,
      duplicates: voice?.duplicates ?? 0,
      levelDb: this.levelDb,
    };
  }

  close(): void {
    this.prompt.close();
    this.#voice?.close();
    this.#voice = undefined;
  }

  #render(voice: InboundVoice, heardBefore: boolean): void {
    const upsampler = this.#upsampler;
    this.audible = !voice.silent;
    if (upsampler === undefined) return;
    if (!heardBefore) upsampler.reset();
    upsampler.process(voice.frame, this.pcm);
    // The filter's tail may still ring; it ends within the frame after.
    this.audible = true;
  }

  #createVoice(): void {
    const { codec, inbound } = this.#config;
    this.#voice = inbound === undefined ? undefined : new InboundVoice(codec);
    this.#upsampler = undefined;
    this.heard = false;
    this.audible = false;
    const { sampleRateHz } = codecTimings[codec];
    if (this.#voice === undefined) return;
    if (sampleRateHz === mixRateHz) this.pcm = this.#voice.frame;
    else {
      this.#upsampler = new Upsampler(sampleRateHz, this.#voice.frame.length);
      this.pcm = new Int16Array(mixFrameSamples);
    }
  }

  #createEvents(): TelephoneEvents {
    const { id, telephoneEventClockRateHz } = this.#config;
    return new TelephoneEvents(telephoneEventClockRateHz ?? 8000, (digit, durationMs) =>
      this.#onDigit(id, digit, durationMs),
    );
  }
}

function durationOf(config: MixerLeg): number {
  return (codecTimings[config.codec].clockRateHz / 1000) * tickMs;
}

function fadeIn(pcm: Int16Array): void {
  for (let index = 0; index < fadeInSamples; index += 1) {
    pcm[index] = ((pcm[index] ?? 0) * index) / fadeInSamples;
  }
}

function fadeOut(pcm: Int16Array): void {
  for (let index = 0; index < pcm.length; index += 1) {
    pcm[index] = (pcm[index] ?? 0) * (1 - (index + 1) / pcm.length);
  }
}
