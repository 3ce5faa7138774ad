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

// Runs in the page before its own scripts, and is sent there as text: it must stand alone.

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
      this.addEventListener('track', ({ track }) => {
        if (track.kind === 'audio') record(new MediaStream([track]));
      });
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
