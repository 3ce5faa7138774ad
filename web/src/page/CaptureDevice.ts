import {
  captureProblem,
  insecureContextError,
  type CaptureProblem,
  type DeviceKind,
} from './captureProblem.ts';
import { requestTrack } from './requestTrack.ts';

export interface DeviceChoice {
  readonly deviceId: string;
  readonly label: string;
}

export interface DeviceState {
  readonly status: 'off' | 'opening' | 'ready' | 'failed';
  readonly problem: CaptureProblem | undefined;
  readonly track: MediaStreamTrack | undefined;
  /** Empty until the browser allows their names. */
  readonly choices: readonly DeviceChoice[];
  readonly chosenId: string | undefined;
}

export interface CaptureDeviceOptions {
  readonly wishedId: string | undefined;
  /** Opened at once; else when `open` is called. */
  readonly wanted: boolean;
  readonly onState: (state: DeviceState) => void;
}

const kinds = {
  microphone: {
    track: 'audio',
    device: 'audioinput',
    name: 'Microphone',
    constraints: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
  },
  camera: {
    track: 'video',
    device: 'videoinput',
    name: 'Camera',
    constraints: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } },
  },
} as const satisfies Record<DeviceKind, object>;

export function initialDeviceState(wanted: boolean): DeviceState {
  return {
    status: wanted ? 'opening' : 'off',
    problem: undefined,
    track: undefined,
    choices: [],
    chosenId: undefined,
  };
}

/** The person's microphone or camera: opens the wished one, falls back when it is gone, is back when that is. */
export class CaptureDevice {
  readonly #kind: DeviceKind;
  readonly #onState: (state: DeviceState) => void;
  #state: DeviceState;
  #wishedId: string | undefined;
  #openings = 0;
  #closed = false;

  constructor(kind: DeviceKind, { wishedId, wanted, onState }: CaptureDeviceOptions) {
    this.#kind = kind;
    this.#onState = onState;
    this.#wishedId = wishedId;
    this.#state = initialDeviceState(wanted);
    if (window.isSecureContext) navigator.mediaDevices.addEventListener('devicechange', this.#devicesChanged);
    if (wanted) void this.open();
  }

  get state(): DeviceState {
    return this.#state;
  }

  choose(deviceId: string): void {
    this.#wishedId = deviceId;
    void this.open();
  }

  /** Opens the wished one, or any when that one is not there. Also the way to try again. */
  async open(): Promise<void> {
    const opening = ++this.#openings;
    this.#update({ status: 'opening', problem: undefined });
    try {
      const track = await this.#request();
      if (opening !== this.#openings || this.#closed) track.stop();
      else await this.#use(track);
    } catch (error) {
      if (opening === this.#openings && !this.#closed) this.#fail(error);
    }
  }

  /** Lets go of it until `open`. */
  stop(): void {
    this.#openings++;
    this.#state.track?.stop();
    this.#update({ status: 'off', problem: undefined, track: undefined });
  }

  close(): void {
    this.#closed = true;
    if (window.isSecureContext)
      navigator.mediaDevices.removeEventListener('devicechange', this.#devicesChanged);
    this.#state.track?.stop();
  }

  async #request(): Promise<MediaStreamTrack> {
    if (!window.isSecureContext) throw insecureContextError();
    const { track, constraints } = kinds[this.#kind];
    if (this.#wishedId === undefined) return requestTrack(track, constraints);
    try {
      return await requestTrack(track, { ...constraints, deviceId: { exact: this.#wishedId } });
    } catch (error) {
      // The wished one is unplugged: any other will do until it is back.
      if (!(error instanceof Error) || !['OverconstrainedError', 'NotFoundError'].includes(error.name))
        throw error;
      return requestTrack(track, constraints);
    }
  }

  async #use(track: MediaStreamTrack): Promise<void> {
    this.#state.track?.stop();
    track.addEventListener('ended', () => {
      if (this.#state.track === track) void this.open();
    });
    if (track.kind === 'video') track.contentHint = 'motion';
    this.#update({ status: 'ready', track, chosenId: track.getSettings().deviceId });
    await this.#listChoices();
  }

  async #listChoices(): Promise<void> {
    const { device, name } = kinds[this.#kind];
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (this.#closed) return;
    const choices = devices
      .filter(({ kind, deviceId }) => kind === device && deviceId !== '')
      .map(({ deviceId, label }, i) => ({ deviceId, label: label === '' ? `${name} ${i + 1}` : label }));
    this.#update({ choices });
  }

  #fail(error: unknown): void {
    const problem = captureProblem(this.#kind, error);
    if (this.#state.track?.readyState === 'live') {
      // Another one was wished and does not work: the present one stays.
      this.#wishedId = this.#state.chosenId;
      this.#update({ status: 'ready', problem });
      return;
    }
    this.#state.track?.stop();
    this.#update({ status: 'failed', problem, track: undefined, chosenId: undefined });
  }

  readonly #devicesChanged = (): void => {
    const back = this.#wishedId !== undefined && this.#state.chosenId !== this.#wishedId;
    void this.#listChoices().then(() => {
      const { status, choices } = this.#state;
      const present = choices.some(({ deviceId }) => deviceId === this.#wishedId);
      const noneYet = status === 'failed' && choices.length > 0;
      if (noneYet || (status === 'ready' && back && present)) void this.open();
    });
  };

  #update(change: Partial<DeviceState>): void {
    if (this.#closed) return;
    this.#state = { ...this.#state, ...change };
    this.#onState(this.#state);
  }
}
