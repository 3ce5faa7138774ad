import type { types } from 'mediasoup';
import type { HeaderExtensions } from '#kernel/index.ts';

const uris = {
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  transportCc: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  absSendTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  repairedRid: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  videoOrientation: 'urn:3gpp:video-orientation',
} as const satisfies Record<keyof HeaderExtensions, types.RtpHeaderExtensionUri>;

type ExtensionName = keyof HeaderExtensions;
const names = Object.keys(uris) as ExtensionName[];

/** What we send with: names of streams, and what bandwidth estimation needs. Audio goes without the latter. */
const sent = {
  audio: ['mid', 'absSendTime'],
  video: ['mid', 'absSendTime', 'transportCc'],
} as const satisfies Record<types.MediaKind, readonly ExtensionName[]>;

/** What the mixer reads. */
const mixed = {
  audio: ['audioLevel'],
  video: ['videoOrientation'],
} as const satisfies Record<types.MediaKind, readonly ExtensionName[]>;

/** The router's ids, which are fixed in the library: what an offer of ours says. */
export function offeredExtensions(router: types.Router, kind: types.MediaKind): HeaderExtensions {
  const known = extensionsOf(router, kind);
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

/** What we send to a far end with. */
export function consumerExtensions(router: types.Router, kind: types.MediaKind): types.RtpHeaderExtension[] {
  return pick(router, kind, sent[kind]);
}

/** Those of the far end's that go on to the mixer. */
export function mixerExtensions(
  router: types.Router,
  kind: types.MediaKind,
  extensions: HeaderExtensions,
): types.RtpHeaderExtension[] {
  return pick(
    router,
    kind,
    mixed[kind].filter((name) => extensions[name] !== undefined),
  );
}

/** The id under which a stream carries an extension. */
export function extensionId(
  { headerExtensions = [] }: types.RtpParameters,
  name: ExtensionName,
): number | undefined {
  return headerExtensions.find(({ uri }) => uri === uris[name])?.id;
}

function pick(
  router: types.Router,
  kind: types.MediaKind,
  wanted: readonly ExtensionName[],
): types.RtpHeaderExtension[] {
  return extensionsOf(router, kind).filter(({ uri }) => wanted.some((name) => uris[name] === uri));
}

function extensionsOf(router: types.Router, kind: types.MediaKind): types.RtpHeaderExtension[] {
  return router.rtpCapabilities.headerExtensions?.filter((extension) => extension.kind === kind) ?? [];
}
