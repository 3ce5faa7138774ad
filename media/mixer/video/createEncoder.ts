import type { VideoCodecName } from '#kernel/index.ts';
import { native, type VideoEncoder, type VideoEncoderOptions } from '../../native/index.ts';

/** With the RTP header and extensions that the worker adds it stays below what any network carries. */
const maxSliceBytes = 1170;

export function createEncoder(codec: VideoCodecName, options: VideoEncoderOptions): VideoEncoder {
  return codec === 'VP8'
    ? new native.Vp8Encoder(options)
    : new native.H264Encoder({ ...options, maxSliceBytes });
}
