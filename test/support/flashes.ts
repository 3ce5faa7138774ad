import type { Box } from './seeing.ts';

/**
 * How far from the nearest even second of the wall clock each flash was seen and each beep was heard, milliseconds; negative
 * before it, as a page's audio clock may run a little ahead.
 */
export interface FlashTimes {
  readonly video: readonly number[];
  readonly audio: readonly number[];
}

export interface FlashWatch {
  /** Where on the picture the flashing camera is. */
  readonly box: Box;
  readonly seconds: number;
  /** What the page sends of its camera and microphone, or what it receives. */
  readonly direction: 'sent' | 'received';
}

type MediaData = VideoFrame & AudioData;
/** Of Chromium; not in TypeScript's library. */
declare const MediaStreamTrackProcessor: new (options: { track: MediaStreamTrack }) => {
  readonly readable: ReadableStream<MediaData>;
};

/** Watches a page that `showCamera` and `sayTone` made flash and beep. Runs in the page, and is sent there as text: it stands alone. */
export async function watchFlashes({ box, seconds, direction }: FlashWatch): Promise<FlashTimes> {
  const { peer } = window.zonebridgeVideo;
  const track = (mid: string): MediaStreamTrack => {
    const transceiver = peer?.getTransceivers().find((candidate) => candidate.mid === mid);
    const found = direction === 'sent' ? transceiver?.sender.track : transceiver?.receiver.track;
    if (found === undefined || found === null) throw new Error(`no track is ${direction} in section ${mid}`);
    return found.clone();
  };
  const period = 2000;
  const fromEven = (): number => ((Date.now() + period / 2) % period) - period / 2;
  const endMs = performance.now() + seconds * 1000;
  const onsets = async (mid: string, isOn: (data: MediaData) => boolean) => {
    const source = track(mid);
    const reader = new MediaStreamTrackProcessor({ track: source }).readable.getReader();
    const times: number[] = [];
    let [was, silentSinceMs] = [true, performance.now()];
    while (performance.now() < endMs) {
      const { value } = await reader.read();
      if (value === undefined) break;
      const is = isOn(value);
      value.close();
      if (is && !was && performance.now() - silentSinceMs > 500) times.push(fromEven());
      if (is || was) silentSinceMs = performance.now();
      was = is;
    }
    source.stop();
    return times;
  };
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 2, height: 2 });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const isWhite = (frame: VideoFrame): boolean => {
    const x = (box.x + box.width * 0.7) * frame.displayWidth;
    const y = (box.y + box.height * 0.5) * frame.displayHeight;
    context?.drawImage(frame, x, y, 2, 2, 0, 0, 2, 2);
    const [red = 0, green = 0, blue = 0] = context?.getImageData(0, 0, 1, 1).data ?? [];
    return Math.min(red, green, blue) > 150;
  };
  const isLoud = (data: AudioData): boolean => {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
    return samples.some((sample) => Math.abs(sample) > 0.03);
  };
  const [video, audio] = await Promise.all([onsets('1', isWhite), onsets('0', isLoud)]);
  return { video, audio };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
