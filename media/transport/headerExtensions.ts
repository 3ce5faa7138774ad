import type { types } from 'mediasoup';
import type { HeaderExtensions } from '#kernel/index.ts';

const uris = {
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  transportCc: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  absSendTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
} as const satisfies Record<keyof HeaderExtensions, types.RtpHeaderExtensionUri>;

const names = Object.keys(uris) as (keyof HeaderExtensions)[];

/** The router's ids, which are fixed in the library: what an offer of ours says. */
export function offeredExtensions(router: types.Router): HeaderExtensions {
  const known = audioExtensions(router);
  return Object.fromEntries(
    names.flatMap((name) => {
      const extension = known.find(({ uri }) => uri === uris[name]);
      return extension === undefined ? [] : [[name, extension.preferredId]];
    }),
  );
}

/** What the far end sends with. */
export function producerExtensions(extensions: HeaderExtensions): types.RtpHeaderExtensionParameters[] {
  return names.flatMap((name) => {
    const id = extensions[name];
    return id === undefined ? [] : [{ uri: uris[name], id }];
  });
}

/** What we send with. */
export function consumerExtensions(router: types.Router): types.RtpHeaderExtension[] {
  return audioExtensions(router).filter(({ uri }) => uri === uris.mid || uri === uris.absSendTime);
}

function audioExtensions(router: types.Router): types.RtpHeaderExtension[] {
  return router.rtpCapabilities.headerExtensions?.filter(({ kind }) => kind === 'audio') ?? [];
}
