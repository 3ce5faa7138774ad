import type { SentMedia } from './MediaPeer.ts';

/** Simulcast of a camera: a quarter, a half and the whole of its size, as the offer's rids name them. */
const cameraLayers: Readonly<Record<string, Partial<RTCRtpEncodingParameters>>> = {
  q: { scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  h: { scaleResolutionDownBy: 2, maxBitrate: 400_000 },
  f: { scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
};
const wholeCamera = { maxBitrate: 1_200_000 };
/** Text must be sharp; it seldom moves. */
const screen = { maxBitrate: 2_500_000, maxFramerate: 15 };

/** The limits of one encoding; none for sound. */
export function encodingLimits(
  media: SentMedia,
  rid: string | undefined,
): Partial<RTCRtpEncodingParameters> | undefined {
  if (media === 'microphone') return undefined;
  if (media === 'screen') return screen;
  return cameraLayers[rid ?? ''] ?? wholeCamera;
}

/** Tells a sender how large and how fast each of its encodings may be. */
export async function limitEncodings(sender: RTCRtpSender, media: SentMedia): Promise<void> {
  const parameters = sender.getParameters();
  // Firefox before 110 tells none and takes none.
  if (media === 'microphone' || parameters.encodings.length === 0) return;
  for (const encoding of parameters.encodings) Object.assign(encoding, encodingLimits(media, encoding.rid));
  try {
    await sender.setParameters(parameters);
  } catch (error) {
    // The call works with the browser's own limits, only less well.
    console.error(`the browser takes no limits for the ${media}`, error);
  }
}
