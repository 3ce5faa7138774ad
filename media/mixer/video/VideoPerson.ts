import type { MixerVideoLeg, VideoInbound } from '../contract.ts';
import { PictureStream } from './PictureStream.ts';
import type { VideoResources } from './resources.ts';
import { VideoSource } from './VideoSource.ts';
import { WantedHeight } from './WantedHeight.ts';

/** One leg of a conference with video: what it shows, and for a phone the stream that it gets. */
export class VideoPerson {
  /** When it came into the room. */
  joinedMs: number;
  readonly wanted = { camera: new WantedHeight(), screen: new WantedHeight() };
  camera: VideoSource | undefined;
  screen: VideoSource | undefined;
  stream: PictureStream | undefined;
  /** Grows when its tile looks different with the same picture: name, sign or border. */
  look = 0;
  #config: MixerVideoLeg;
  #speaking = false;
  #voiceDelayMs = 0;
  readonly #resources: VideoResources;

  constructor(config: MixerVideoLeg, resources: VideoResources, nowMs: number, wallMs: number) {
    this.joinedMs = nowMs;
    this.#config = config;
    this.#resources = resources;
    this.#setSources(config);
    this.#setStream(config, nowMs, wallMs);
  }

  get id(): string {
    return this.#config.id;
  }

  get config(): MixerVideoLeg {
    return this.#config;
  }

  /** Outside of the room. */
  get held(): boolean {
    return this.#config.held !== undefined;
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  set speaking(speaking: boolean) {
    if (speaking !== this.#speaking) this.look += 1;
    this.#speaking = speaking;
  }

  source(kind: 'camera' | 'screen'): VideoSource | undefined {
    return kind === 'camera' ? this.camera : this.screen;
  }

  /** Takes other parameters; a stream that stays the same goes on. */
  change(config: MixerVideoLeg, nowMs: number, wallMs: number): void {
    if (this.held && config.held === undefined) this.joinedMs = nowMs;
    this.#config = config;
    this.look += 1;
    this.#setSources(config);
    this.#setStream(config, nowMs, wallMs);
  }

  setVoiceDelay(delayMs: number): void {
    this.#voiceDelayMs = delayMs;
    this.camera?.setVoiceDelay(delayMs);
  }

  close(nowMs: number): void {
    this.camera?.close();
    this.screen?.close();
    this.stream?.switchTo(undefined, nowMs);
  }

  #setSources({ camera, screen }: MixerVideoLeg): void {
    this.camera = this.#replaced('camera', camera);
    this.camera?.setVoiceDelay(this.#voiceDelayMs);
    this.screen = this.#replaced('screen', screen);
  }

  #replaced(kind: 'camera' | 'screen', inbound: VideoInbound | undefined): VideoSource | undefined {
    const before = this.source(kind);
    if (before !== undefined && inbound !== undefined && isSame(before.inbound, inbound)) return before;
    before?.close();
    this.wanted[kind] = new WantedHeight();
    return inbound === undefined ? undefined : new VideoSource(inbound, kind, this.#resources);
  }

  #setStream({ outbound }: MixerVideoLeg, nowMs: number, wallMs: number): void {
    if (outbound === undefined) {
      this.stream?.switchTo(undefined, nowMs);
      this.stream = undefined;
    } else if (this.stream === undefined) this.stream = new PictureStream(outbound, wallMs);
    else this.stream.change(outbound, wallMs);
  }
}

function isSame(one: VideoInbound, other: VideoInbound): boolean {
  return (
    one.ssrc === other.ssrc &&
    one.payloadType === other.payloadType &&
    one.codec === other.codec &&
    one.parameterSets === other.parameterSets &&
    one.orientationId === other.orientationId
  );
}
