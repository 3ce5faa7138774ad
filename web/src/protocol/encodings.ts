import type { SentMedia } from './MediaPeer.ts';

/** Simulcast of a camera, as the offer's rids name it: the sizes that the mixer has tiles for, in pixels of height. */
const cameraLayers: Readonly<Record<string, { readonly height: number; readonly maxBitrate: number }>> = {
  q: { height: 180, maxBitrate: 120_000 },
  h: { height: 360, maxBitrate: 400_000 },
  f: { height: 720, maxBitrate: 1_200_000 },
};
const usualHeight = 720;
/** A layer that is hardly larger than the one below it would be sent for nothing. */
const worthwhile = 1.2;
const wholeCamera = { maxBitrate: 1_200_000 };
/** Text must be sharp; it seldom moves. */
const screen = { maxBitrate: 2_500_000, maxFramerate: 15 };

/** WebRTC SVC §5: lib.dom does not know it yet. */
interface EncodingLimits extends Partial<RTCRtpEncodingParameters> {
  readonly scalabilityMode?: string;
}

/** The limits of one encoding; none for sound. `height`: of the camera. */
export function encodingLimits(
  media: SentMedia,
  rid: string | undefined,
  height = usualHeight,
): EncodingLimits | undefined {
  if (media === 'microphone') return undefined;
  if (media === 'screen') return screen;
  const layer = cameraLayers[rid ?? ''];
  if (layer === undefined) return wholeCamera;
  return {
    active: rid === 'q' || height > (layer.height / 2) * worthwhile,
    scaleResolutionDownBy: Math.max(1, height / layer.height),
    maxBitrate: layer.maxBitrate,
    // The server takes whole frames only; in layers of time the worker would take the lowest for all there is.
    scalabilityMode: 'L1T1',
  };
}

/** Tells a sender how large and how fast each of its encodings may be. */
export async function limitEncodings(sender: RTCRtpSender, media: SentMedia): Promise<void> {
  const parameters = sender.getParameters();
  // Firefox before 110 tells none and takes none.
  if (media === 'microphone' || parameters.encodings.length === 0) return;
  const height = sender.track?.getSettings().height;
  for (const encoding of parameters.encodings) {
    Object.assign(encoding, encodingLimits(media, encoding.rid, height));
  }
  try {
    await sender.setParameters(parameters);
  } catch (error) {
    // The call works with the browser's own limits, only less well.
    console.error(`the browser takes no limits for the ${media}`, error);
  }
}
