/** What this browser remembers of its person. */
export interface Preferences {
  readonly name: string;
  readonly microphoneId: string | undefined;
  readonly cameraId: string | undefined;
  /** Joins with the camera on. */
  readonly camera: boolean;
  /** Sees the own tile as the others do, with the delay of the server, instead of the own camera at once. */
  readonly asOthersSee: boolean;
}

const keys = {
  name: 'zonebridge.name',
  microphoneId: 'zonebridge.microphone',
  cameraId: 'zonebridge.camera',
  camera: 'zonebridge.camera-on',
  asOthersSee: 'zonebridge.as-others-see',
} as const satisfies Record<keyof Preferences, string>;

export function readPreferences(): Preferences {
  return {
    name: read(keys.name) ?? '',
    microphoneId: read(keys.microphoneId),
    cameraId: read(keys.cameraId),
    camera: read(keys.camera) !== 'false',
    asOthersSee: read(keys.asOthersSee) === 'true',
  };
}

export function remember(preference: keyof Preferences, value: string | boolean): void {
  try {
    localStorage.setItem(keys[preference], String(value));
  } catch {
    // Nothing is lost that the person does not see.
  }
}

// A browser that keeps nothing for this page throws on every use of the storage; the page then works without memory.

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}
