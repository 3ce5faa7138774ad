import { loudnessDb } from './levels.ts';

/** Listens to the person's microphone to show how loud it is. */
export class LevelTap {
  #audio: AudioContext | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  #analyser: AnalyserNode | undefined;
  readonly #samples = new Float32Array(1024);

  constructor() {
    // An AudioContext made before the person touched the page may stand still.
    window.addEventListener('pointerdown', this.#wake);
    window.addEventListener('keydown', this.#wake);
  }

  /** Another microphone, or none. */
  listenTo(track: MediaStreamTrack | undefined): void {
    this.#source?.disconnect();
    this.#source = undefined;
    if (track === undefined) return;
    this.#audio ??= new AudioContext();
    this.#analyser ??= new AnalyserNode(this.#audio, { fftSize: this.#samples.length });
    this.#source = this.#audio.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
  }

  /** How loud it is now, dB of full scale. */
  levelDb(): number {
    if (this.#analyser === undefined || this.#source === undefined) return -Infinity;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return loudnessDb(this.#samples);
  }

  close(): void {
    window.removeEventListener('pointerdown', this.#wake);
    window.removeEventListener('keydown', this.#wake);
    this.#source?.disconnect();
    void this.#audio?.close();
  }

  readonly #wake = (): void => {
    if (this.#audio?.state === 'suspended') void this.#audio.resume();
  };
}
