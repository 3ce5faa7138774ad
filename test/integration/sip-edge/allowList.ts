import { terminationTexts } from '#kernel/index.ts';
import type { SipMessage } from '#signaling/sip/stack/message/index.ts';

/** Whose fields a message may repeat, and where the zone says that it is. */
export interface FarEndView {
  /** host:port of the zone, as this far end knows it. */
  readonly place: string;
  /** From or To of the zone in this dialog, without the tag. */
  readonly zone: string;
  /** From or To of the far end in this dialog, without the tag. */
  readonly far: string;
  readonly callId: RegExp;
  /** Of what the far end is asked for, or asked for itself. */
  readonly user: string;
}

const texts = Object.values(terminationTexts).join('|');
const tag = '(;tag=[0-9a-f]{16})?';
const farTag = '(;tag=[\\w]+)?';

const constants: Readonly<Record<string, RegExp>> = {
  'Max-Forwards': /^70$/,
  'User-Agent': /^zonebridge$/,
  Server: /^zonebridge$/,
  Allow: /^INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE$/,
  Supported: /^timer$/,
  Event: /^conference$/,
  Expires: /^3600$/,
  Accept:
    /^application\/(conference-info\+xml|sdp|dtmf-relay, application\/dtmf, application\/media_control\+xml)$/,
  'Accept-Encoding': /^identity$/,
  'Content-Type': /^application\/(sdp|media_control\+xml)$/,
  'Content-Length': /^\d+$/,
  CSeq: /^\d+ [A-Z]+$/,
  Reason: new RegExp(`^SIP;cause=[2-6]\\d\\d;text="(${texts})"$`),
  'Retry-After': /^\d+$/,
  Warning: new RegExp(`^305 zonebridge "(${texts})"$`),
  Privacy: /^id$/,
};

/** Header fields and lines of the description that are not what the zone may say, as `name: value`; nothing is well. */
export function strange(message: SipMessage, view: FarEndView): readonly string[] {
  const allowed = { ...constants, ...ofDialog(message, view) };
  const headers = [...message.headers]
    .filter(([name, value]) => allowed[name]?.test(value) !== true)
    .map(([name, value]) => `${name}: ${value}`);
  return [...headers, ...strangeLines(message)];
}

function ofDialog(message: SipMessage, view: FarEndView): Readonly<Record<string, RegExp>> {
  const { place, zone, far, callId, user } = view;
  const [ours, theirs] = [exactly(zone, tag), exactly(far, farTag)];
  const secure = `<sips?:(${escaped(user)}@)?${escaped(place)}(;transport=tls)?>(;isfocus)?`;
  const both = { 'Call-ID': callId, Contact: new RegExp(`^${secure}$`) };
  return message.kind === 'request'
    ? {
        ...both,
        From: ours,
        To: theirs,
        Via: new RegExp(`^SIP/2.0/TLS ${escaped(place)};branch=z9hG4bK[0-9a-f]{32};rport$`),
      }
    : // RFC 3261 §8.2.6.2, RFC 3581: the caller's own, with where it came from.
      {
        ...both,
        From: theirs,
        To: ours,
        Via: /^SIP\/2\.0\/TLS 127\.0\.0\.1:\d+;branch=z9hG4bK[0-9a-f]{16};rport=\d+;received=127\.0\.0\.1$/,
      };
}

/** `c=` and ports are those of the zone's media; nothing else in it differs from one call to another. */
const sdpLines = [
  /^v=0$/,
  /^o=- \d{1,15} \d+ IN IP4 0\.0\.0\.0$/,
  /^s=-$/,
  /^c=IN IP4 203\.0\.113\.5$/,
  /^t=0 0$/,
  /^m=(audio|video) 4000[02] RTP\/SAVP( \d+)+$/,
  /^b=TIAS:2000000$/,
  /^a=rtpmap:\d+ (opus\/48000\/2|G722\/8000|H264\/90000|VP8\/90000|telephone-event\/8000)$/,
  /^a=fmtp:\d+ (useinbandfec=1|0-15|profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1)$/,
  /^a=rtcp:4000[13]$/,
  /^a=rtcp-fb:\d+ (nack pli|ccm fir)$/,
  /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:em9uZXpvbmV6b25lem9uZXpvbmV6b25lem9uZXpv$/,
  /^a=ptime:20$/,
  /^a=(sendrecv|sendonly|recvonly|inactive)$/,
];

function strangeLines({ headers, body }: SipMessage): readonly string[] {
  if (headers.get('Content-Type') !== 'application/sdp') return [];
  return body
    .toString()
    .split('\r\n')
    .filter((line) => line !== '' && !sdpLines.some((allowed) => allowed.test(line)));
}

function exactly(text: string, end: string): RegExp {
  return new RegExp(`^${escaped(text)}${end}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
