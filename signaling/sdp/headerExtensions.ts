import type { HeaderExtensions } from '#kernel/index.ts';
import type { MediaSection, SessionSection } from './sections.ts';

const uris = {
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  transportCc: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  absSendTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  repairedRid: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  videoOrientation: 'urn:3gpp:video-orientation',
} as const satisfies Record<keyof HeaderExtensions, string>;

const names = Object.keys(uris) as (keyof HeaderExtensions)[];

/** RFC 8285 §5: session level counts for every section; ids 1..255 without 15, which ends a one-byte header. */
export function readExtensions(section: MediaSection, session: SessionSection): HeaderExtensions {
  const written = [...(section.parsed.ext ?? []), ...(session.parsed.ext ?? [])];
  return Object.fromEntries(
    names.flatMap((name) => {
      const found = written.find(
        ({ uri, value, direction }) => uri === uris[name] && isId(value) && direction !== 'inactive',
      );
      return found === undefined ? [] : [[name, found.value] as const];
    }),
  );
}

export function extensionAttributes(extensions: HeaderExtensions): { value: number; uri: string }[] {
  return names.flatMap((name) => {
    const value = extensions[name];
    return value === undefined ? [] : [{ value, uri: uris[name] }];
  });
}

/** Those of ours that the offer has under the same id (RFC 8285 §6). */
export function commonExtensions(ours: HeaderExtensions, offered: HeaderExtensions): HeaderExtensions {
  return Object.fromEntries(
    names.flatMap((name) => {
      const id = ours[name];
      return id !== undefined && id === offered[name] ? [[name, id] as const] : [];
    }),
  );
}

function isId(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 255 && value !== 15;
}
