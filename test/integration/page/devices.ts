import type { Page } from 'playwright-core';

interface Watched {
  watchedTracks: MediaStreamTrack[];
  watchedPeers: RTCPeerConnection[];
}

/** Runs in the page: remembers what it captures and how it connects, and lets it share a canvas as its screen. */
export function watchDevices(): void {
  const { mediaDevices } = navigator;
  const [watchedTracks, watchedPeers]: [MediaStreamTrack[], RTCPeerConnection[]] = [[], []];
  Object.assign(window, { watchedTracks, watchedPeers });
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    watchedTracks.push(...stream.getTracks());
    return stream;
  };
  mediaDevices.getDisplayMedia = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const context = canvas.getContext('2d');
    setInterval(() => {
      if (context === null) return;
      context.fillStyle = `hsl(${Date.now() % 360} 50% 50%)`;
      context.fillRect(0, 0, 1280, 720);
    }, 100);
    const stream = canvas.captureStream(15);
    for (const track of stream.getTracks()) watchedTracks.push(Object.assign(track, { isScreen: true }));
    return Promise.resolve(stream);
  };
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      watchedPeers.push(this);
    }
  };
}

/** What the page captures now: `audio`, `video`, `screen`. */
export function captured(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    (window as unknown as Watched).watchedTracks
      .filter(({ readyState }) => readyState === 'live')
      .map((track) => ('isScreen' in track ? 'screen' : track.kind)),
  );
}

/** As when the person presses the browser's own button. */
export async function endScreenCapture(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const track of (window as unknown as Watched).watchedTracks)
      if ('isScreen' in track) track.dispatchEvent(new Event('ended'));
  });
}

export interface SentEncoding {
  readonly rid: string | undefined;
  readonly scale: number | undefined;
  readonly maxBitrate: number | undefined;
  readonly maxFramerate: number | undefined;
}

/** How the page limits what it sends in a section of its latest connection. */
export function sentEncodings(page: Page, mid: string): Promise<SentEncoding[]> {
  return page.evaluate((section) => {
    const peer = (window as unknown as Watched).watchedPeers.at(-1);
    const transceiver = peer?.getTransceivers().find((one) => one.mid === section);
    const { encodings = [] } = transceiver?.sender.getParameters() ?? {};
    return encodings.map(({ rid, scaleResolutionDownBy: scale, maxBitrate, maxFramerate }) => ({
      rid,
      scale,
      maxBitrate,
      maxFramerate,
    }));
  }, mid);
}

/** A script for the page whose camera rejects until `mendCamera` is called; the microphone works. */
export function cameraFailing(name: string): () => void {
  const script = `
    const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (constraints) =>
      constraints.video ? Promise.reject(new DOMException('broken', '${name}')) : original(constraints);
    window.mendCamera = () => { navigator.mediaDevices.getUserMedia = original; };`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  return new Function(script) as () => void;
}

export async function mendCamera(page: Page): Promise<void> {
  await page.evaluate(() => (window as unknown as { mendCamera: () => void }).mendCamera());
}

/** The offer of a zone, which takes a camera in three sizes (RFC 8853). */
export function askForSimulcast(offer: string): string {
  const layers = ['q', 'h', 'f'];
  const lines = [...layers.map((rid) => `a=rid:${rid} recv`), `a=simulcast:recv ${layers.join(';')}`];
  return offer.replace('a=mid:1\r\n', `a=mid:1\r\n${lines.join('\r\n')}\r\n`);
}

/** What the stand-in can take of the answer: it knows nothing of sizes. */
export function withoutSimulcast(answer: string): string {
  return answer.replaceAll(/a=(?:rid|simulcast):.*\r\n/g, '');
}
