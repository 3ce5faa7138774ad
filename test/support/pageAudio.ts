/** What the injected scripts offer to tests. */
interface PageAudio {
  heard(seconds: number): { sampleRateHz: number; base64: string };
  firstHeardMs: number | undefined;
}

declare global {
  interface Window {
    zonebridgeTest: PageAudio;
  }
}

// Both functions run in the page before its own scripts, and are sent there as text: each must stand alone.

/** The microphone becomes an oscillator. */
export function sayTone(toneHz: number): void {
  let context: AudioContext | undefined;
  navigator.mediaDevices.getUserMedia = () => {
    context ??= new AudioContext({ sampleRate: 48000 });
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const destination = context.createMediaStreamDestination();
    oscillator.frequency.value = toneHz;
    gain.gain.value = 0.25;
    oscillator.connect(gain).connect(destination);
    oscillator.start();
    return Promise.resolve(destination.stream);
  };
}

/** All received audio is kept, a minute at most. */
export function recordTracks(): void {
  const blockSamples = 2048;
  const keepSamples = 60 * 48000;
  const chunks: Float32Array[] = [];
  let context: AudioContext | undefined;

  const record = (stream: MediaStream): void => {
    context ??= new AudioContext({ sampleRate: 48000 });
    const source = context.createMediaStreamSource(stream);
    // An AudioWorklet would need a script file of its own, which the page's content security policy rightly forbids.
    /* eslint-disable @typescript-eslint/no-deprecated */
    const tap = context.createScriptProcessor(blockSamples, 1, 1);
    tap.onaudioprocess = ({ inputBuffer }) => {
      const samples = inputBuffer.getChannelData(0).slice();
      if (samples.some((sample) => Math.abs(sample) > 0.003))
        window.zonebridgeTest.firstHeardMs ??= performance.now();
      chunks.push(samples);
      if (chunks.length * blockSamples > keepSamples) chunks.shift();
    };
    /* eslint-enable @typescript-eslint/no-deprecated */
    source.connect(tap).connect(context.destination);
  };
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('track', ({ track }) => record(new MediaStream([track])));
    }
  };

  window.zonebridgeTest = {
    firstHeardMs: undefined,
    heard(seconds) {
      const wanted = chunks.slice(-Math.ceil((seconds * 48000) / blockSamples));
      const all = new Float32Array(wanted.length * blockSamples);
      wanted.forEach((chunk, index) => all.set(chunk, index * blockSamples));
      const bytes = new Uint8Array(all.buffer);
      let text = '';
      for (let at = 0; at < bytes.length; at += 8192)
        text += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return { sampleRateHz: 48000, base64: btoa(text) };
    },
  };
}
