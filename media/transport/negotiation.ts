import {
  ZonebridgeError,
  type AudioCodec,
  type AudioCodecName,
  type AudioDescription,
  type MediaDirection,
  type TelephoneEvent,
  type TransportDescription,
} from '#kernel/index.ts';
import { profileOf, type PayloadProfile } from './payloadProfile.ts';
import { isSendable } from './relay/udp.ts';

export interface Negotiated {
  readonly profile: PayloadProfile;
  readonly codec: AudioCodec;
  readonly telephoneEvent: TelephoneEvent | undefined;
}

export type EndpointKind = 'ice' | 'dtls' | 'rtp';

/** What an answer to this offer uses. Throws `not-acceptable` when it has no codec of ours. */
export function negotiate(offer: AudioDescription, wanted: readonly AudioCodecName[]): Negotiated {
  const profile = profileOf(offer, wanted);
  return { profile, codec: firstCodec(profile, wanted), telephoneEvent: offer.telephoneEvent };
}

/** What the answer to our offer of this profile leaves. Throws `not-acceptable` when that is nothing. */
export function settle(profile: PayloadProfile, answer: AudioDescription): Negotiated {
  const codec = answer.codecs
    .map((theirs) =>
      profile.codecs.find(
        ({ name, payloadType }) => name === theirs.name && payloadType === theirs.payloadType,
      ),
    )
    .find((known) => known !== undefined);
  if (codec === undefined)
    throw new ZonebridgeError('not-acceptable', 'the answer has no codec of our offer');
  const telephoneEvent = answer.telephoneEvent === undefined ? undefined : profile.telephoneEvent;
  return { profile, codec, telephoneEvent };
}

export function firstCodec(profile: PayloadProfile, wanted: readonly AudioCodecName[]): AudioCodec {
  const [codec] = profile.codecs;
  if (codec === undefined) {
    throw new ZonebridgeError('not-acceptable', `no common codec: the zone speaks ${wanted.join(', ')}`);
  }
  return codec;
}

/** Throws `not-acceptable` for RTP in the clear that the zone does not allow. */
export function endpointKindOf(
  { ice, security }: TransportDescription,
  allowPlainRtp: boolean,
): EndpointKind {
  if (security.kind === 'dtls') return ice === undefined ? 'dtls' : 'ice';
  if (security.kind === 'none' && !allowPlainRtp) {
    throw new ZonebridgeError(
      'not-acceptable',
      'RTP without SRTP is not allowed here: turn on SRTP in the phone',
    );
  }
  return 'rtp';
}

/** RFC 3264 §6.1: the answer's direction when we would do everything. */
export function answerDirection(offered: MediaDirection): MediaDirection {
  const answers = {
    sendrecv: 'sendrecv',
    sendonly: 'recvonly',
    recvonly: 'sendonly',
    inactive: 'inactive',
  } as const;
  return answers[offered];
}

export function sends({ direction }: { readonly direction: MediaDirection }): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

/** Without ICE an unspecified address puts us on hold whatever the direction says (RFC 3264 §8.4). */
export function receives({
  direction,
  ice,
  address,
  port,
}: TransportDescription & { readonly direction: MediaDirection }): boolean {
  const wants = direction === 'sendrecv' || direction === 'recvonly';
  return wants && (ice !== undefined || isSendable({ address, port }));
}
