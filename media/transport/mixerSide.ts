import type { types } from 'mediasoup';
import type { HeaderExtensions, VideoCodec } from '#kernel/index.ts';
import type { VideoInbound } from '../mixer/contract.ts';
import { extensionId, mixerExtensions } from './headerExtensions.ts';
import type { ProfileRouter } from './ProfileRouter.ts';
import { mixerFeedback } from './SharedPictures.ts';
import { videoCapabilities } from './videoCodecs.ts';

/** The mixer's end of a far end's picture: paused until it is wanted. */
export function consumeForMixer(
  { router, videoTransport }: ProfileRouter,
  producer: types.Producer,
  codec: VideoCodec,
  extensions: HeaderExtensions,
): Promise<types.Consumer> {
  return videoTransport.consume({
    producerId: producer.id,
    rtpCapabilities: {
      codecs: videoCapabilities(codec, mixerFeedback),
      headerExtensions: mixerExtensions(router, 'video', extensions),
    },
    paused: true,
  });
}

/** What the mixer must know to receive it. */
export function mixerInbound(
  consumer: types.Consumer | undefined,
  { name, payloadType, parameters }: VideoCodec,
): VideoInbound | undefined {
  const ssrc = consumer?.rtpParameters.encodings?.[0]?.ssrc;
  if (consumer === undefined || ssrc === undefined) return undefined;
  const orientationId = extensionId(consumer.rtpParameters, 'videoOrientation');
  const parameterSets = parameters['sprop-parameter-sets'];
  return {
    ssrc,
    payloadType,
    codec: name,
    ...(parameterSets === undefined ? {} : { parameterSets }),
    ...(orientationId === undefined ? {} : { orientationId }),
  };
}
