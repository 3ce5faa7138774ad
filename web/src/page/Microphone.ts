import { loudnessDb } from './levels.ts';
import { insecureContextError, microphoneProblem, type MicrophoneProblem } from './microphoneProblem.ts';

export interface MicrophoneChoice {
  readonly deviceId: string;
  readonly label: string;
}

export interface MicrophoneState {
  readonly status: 'off' | 'opening' | 'ready' | 'failed';
  readonly problem: MicrophoneProblem | undefined;
  readonly track: MediaStreamTrack | undefined;
  /** Empty until the browser allows their names. */
  readonly choices: readonly MicrophoneChoice[];
  readonly chosenId: string | undefined;
}

const constraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
};

/** The person's microphone: opens the wished one, falls back when it is gone, and tells its level. */
export class Microphone {
  readonly #onState: (state: MicrophoneState) => void;
  #state: MicrophoneState = {
    status: 'opening',
    problem: undefined,
    track: undefined,
    choices: [],
    chosenId: undefined,
  };
  #wishedId: string | undefined;
  #openings = 0;
  #closed = false;
  #audio: AudioContext | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  #analyser: AnalyserNode | undefined;
  #samples = new Float32Array(1024);

  constructor(wishedId: string | undefined, onState: (state: MicrophoneState) => void) {
    this.#wishedId = wishedId;
    this.#onState = onState;
    if (!window.isSecureContext) {
      this.#fail(insecureContextError());
      return;
    }
    navigator.mediaDevices.addEventListener('devicechange', this.#devicesChanged);
    // An AudioContext made before the person touched the page may stand still.
    window.addEventListener('pointerdown', this.#wake);
    window.addEventListener('keydown', this.#wake);
    void this.open();
  }

  get state(): MicrophoneState {
    return this.#state;
  }

  choose(deviceId: string): void {
    this.#wishedId = deviceId;
    void this.open();
  }

  /** Opens the wished microphone, or any when that one is not there. Also the way to try again. */
  async open(): Promise<void> {
    const opening = ++this.#openings;
    this.#update({ status: 'opening', problem: undefined });
    try {
      const stream = await this.#request();
      const [track] = stream.getAudioTracks();
      if (opening !== this.#openings || this.#closed) stream.getTracks().forEach((unused) => unused.stop());
      else if (track !== undefined) await this.#use(track);
    } catch (error) {
      if (opening === this.#openings && !this.#closed) this.#fail(error);
    }
  }

  /** Lets go of the microphone until `open`. */
  stop(): void {
    this.#openings++;
    this.#release();
    this.#update({ status: 'off', problem: undefined, track: undefined });
  }

  /** How loud it is now, dB of full scale. */
  levelDb(): number {
    if (this.#analyser === undefined) return -Infinity;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return loudnessDb(this.#samples);
  }

  close(): void {
    this.#closed = true;
    window.removeEventListener('pointerdown', this.#wake);
    window.removeEventListener('keydown', this.#wake);
    navigator.mediaDevices.removeEventListener('devicechange', this.#devicesChanged);
    this.#release();
    void this.#audio?.close();
  }

  async #request(): Promise<MediaStream> {
    if (this.#wishedId === undefined) return navigator.mediaDevices.getUserMedia({ audio: constraints });
    const audio = { ...constraints, deviceId: { exact: this.#wishedId } };
    try {
      return await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
      // The wished one is unplugged: any other will do until it is back.
      if (!(error instanceof Error) || !['OverconstrainedError', 'NotFoundError'].includes(error.name))
        throw error;
      return navigator.mediaDevices.getUserMedia({ audio: constraints });
    }
  }

  async #use(track: MediaStreamTrack): Promise<void> {
    this.#release();
    track.addEventListener('ended', () => {
      if (this.#state.track === track) void this.open();
    });
    this.#audio ??= new AudioContext();
    this.#analyser ??= new AnalyserNode(this.#audio, { fftSize: 1024 });
    this.#source = this.#audio.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
    this.#update({ status: 'ready', track, chosenId: track.getSettings().deviceId });
    await this.#listChoices();
  }

  async #listChoices(): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (this.#closed) return;
    const choices = devices
      .filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '')
      .map(({ deviceId, label }, i) => ({ deviceId, label: label === '' ? `Microphone ${i + 1}` : label }));
    this.#update({ choices });
  }

  #fail(error: unknown): void {
    const problem = microphoneProblem(error);
    if (this.#state.track?.readyState === 'live') {
      // Another one was wished and does not work: the present one stays.
      this.#wishedId = this.#state.chosenId;
      this.#update({ status: 'ready', problem });
      return;
    }
    this.#release();
    this.#update({ status: 'failed', problem, track: undefined, chosenId: undefined });
  }

  #release(): void {
    this.#source?.disconnect();
    this.#source = undefined;
    this.#state.track?.stop();
  }

  readonly #wake = (): void => {
    if (this.#audio?.state === 'suspended') void this.#audio.resume();
  };

  readonly #devicesChanged = (): void => {
    const back = this.#wishedId !== undefined && this.#state.chosenId !== this.#wishedId;
    void this.#listChoices().then(() => {
      const present = this.#state.choices.some(({ deviceId }) => deviceId === this.#wishedId);
      const noneYet = this.#state.status === 'failed' && this.#state.choices.length > 0;
      if (noneYet || (back && present)) void this.open();
    });
  };

  #update(change: Partial<MicrophoneState>): void {
    if (this.#closed) return;
    this.#state = { ...this.#state, ...change };
    this.#onState(this.#state);
  }
}
