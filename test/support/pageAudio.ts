/** What the injected script offers to tests. */
interface PageAudio {
  heard(seconds: number): { sampleRateHz: number; base64: string };
  firstHeardMs: number | undefined;
}

declare global {
  interface Window {
    zonebridgeTest: PageAudio;
  }
}

/**
 * Runs in the page before its own scripts: the microphone becomes an oscillator, and all received audio is kept (a
 * minute at most). Self-contained, because Playwright sends it as text.
 */
export function sayToneAndRecord(toneHz: number): void {
  const keepSeconds = 60;
  const chunks: Float32Array[] = [];
  let context: AudioContext | undefined;
  const audio = (): AudioContext => (context ??= new AudioContext({ sampleRate: 48000 }));

  const microphone = (): MediaStream => {
    const oscillator = audio().createOscillator();
    const gain = audio().createGain();
    const destination = audio().createMediaStreamDestination();
    oscillator.frequency.value = toneHz;
    gain.gain.value = 0.25;
    oscillator.connect(gain).connect(destination);
    oscillator.start();
    return destination.stream;
  };
  navigator.mediaDevices.getUserMedia = () => Promise.resolve(microphone());

  const record = (stream: MediaStream): void => {
    const source = audio().createMediaStreamSource(stream);
    // An AudioWorklet would need a script file of its own, which the page's content security policy rightly forbids.
    /* eslint-disable @typescript-eslint/no-deprecated */
    const tap = audio().createScriptProcessor(2048, 1, 1);
    tap.onaudioprocess = ({ inputBuffer }) => {
      const samples = inputBuffer.getChannelData(0).slice();
      if (
        window.zonebridgeTest.firstHeardMs === undefined &&
        samples.some((sample) => Math.abs(sample) > 0.003)
      ) {
        window.zonebridgeTest.firstHeardMs = performance.now();
      }
      chunks.push(samples);
      if (chunks.length * 2048 > keepSeconds * audio().sampleRate) chunks.shift();
    };
    /* eslint-enable @typescript-eslint/no-deprecated */
    source.connect(tap).connect(audio().destination);
  };
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('track', ({ track }) => record(new MediaStream([track])));
    }
  };

  const toBase64 = (bytes: Uint8Array): string => {
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192)
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  };
  window.zonebridgeTest = {
    firstHeardMs: undefined,
    heard(seconds) {
      const count = Math.ceil((seconds * audio().sampleRate) / 2048);
      const wanted = chunks.slice(-count);
      const all = new Float32Array(wanted.length * 2048);
      wanted.forEach((chunk, index) => all.set(chunk, index * 2048));
      return { sampleRateHz: audio().sampleRate, base64: toBase64(new Uint8Array(all.buffer)) };
    },
  };
}
