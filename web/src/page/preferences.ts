/** What this browser remembers of its person. */
export interface Preferences {
  readonly name: string;
  readonly microphoneId: string | undefined;
}

const nameKey = 'zonebridge.name';
const microphoneKey = 'zonebridge.microphone';

export function readPreferences(): Preferences {
  return { name: read(nameKey) ?? '', microphoneId: read(microphoneKey) };
}

export function rememberName(name: string): void {
  write(nameKey, name);
}

export function rememberMicrophone(deviceId: string): void {
  write(microphoneKey, deviceId);
}

// A browser that keeps nothing for this page throws on every use of the storage; the page then works without memory.

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing is lost that the person does not see.
  }
}
