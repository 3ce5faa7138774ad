import {
  srtpSuites,
  type DtlsFingerprint,
  type DtlsSetup,
  type MediaSecurity,
  type SdesKey,
  type SrtpSuite,
} from '#kernel/index.ts';
import type { SessionRole } from './contract.ts';
import { badDescription, limits } from './limits.ts';
import { attributeValues, type MediaSection, type SessionSection } from './sections.ts';

/** Master key and salt together, bytes: RFC 7714 §12, RFC 4568 §6.2. */
const masterBytes = { AEAD_AES_256_GCM: 44, AES_CM_128_HMAC_SHA1_80: 30 } as const satisfies Record<
  SrtpSuite,
  number
>;

/** RFC 8122 §5 forbids MD2 and MD5; bytes of the others. */
const hashBytes = new Map([
  ['sha-1', 20],
  ['sha-224', 28],
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
]);

type Protection = 'dtls' | 'sdes' | 'best-effort';

/** Profiles that we can answer, without regard to feedback (…F). */
const protections = new Map<string, Protection>([
  ['RTP/AVP', 'best-effort'],
  ['RTP/AVPF', 'best-effort'],
  ['RTP/SAVP', 'sdes'],
  ['RTP/SAVPF', 'sdes'],
  ['UDP/TLS/RTP/SAVP', 'dtls'],
  ['UDP/TLS/RTP/SAVPF', 'dtls'],
  // RFC 8829 §5.1.2: for ICE, when the default candidate is a TCP one.
  ['TCP/DTLS/RTP/SAVP', 'dtls'],
  ['TCP/DTLS/RTP/SAVPF', 'dtls'],
]);

/** Where transport attributes may stand, nearest first: own section, the one that BUNDLE shares, session level. */
export type TransportSections = readonly (MediaSection | SessionSection)[];

/** `undefined`: no profile of ours. `unusable`: a secure profile without anything that we could use. */
export function readSecurity(
  section: MediaSection,
  levels: TransportSections,
  role: SessionRole,
): MediaSecurity | 'unusable' | undefined {
  const protection = protections.get(section.media.protocol);
  if (protection === undefined) return undefined;
  const sdes = readSdes(section);
  if (protection === 'sdes') return sdes ?? readDtls(levels, role) ?? 'unusable';
  const dtls = readDtls(levels, role);
  if (protection === 'dtls') {
    if (!levels.some((level) => attributeValues(level, 'fingerprint').length > 0)) {
      throw badDescription(section.where, 'offers DTLS without a=fingerprint (RFC 8122 §5)');
    }
    return dtls ?? 'unusable';
  }
  // Opportunistic SRTP: RTP/AVP that shows keys is answered in kind (RFC 8643 §3.1).
  return dtls ?? sdes ?? { kind: 'none' };
}

function readSdes(section: MediaSection): MediaSecurity | undefined {
  const values = attributeValues(section, 'crypto');
  if (values.length > limits.cryptoLines) {
    throw badDescription(section.where, `more than ${limits.cryptoLines} a=crypto lines`);
  }
  const keys: SdesKey[] = [];
  for (const key of values.flatMap(readCrypto)) {
    if (!keys.some(({ tag }) => tag === key.tag)) keys.push(key);
  }
  return keys.length === 0 ? undefined : { kind: 'sdes', keys };
}

/** RFC 4568 §9.2. A line that we cannot use is as good as absent: the next one may fit. */
function readCrypto(value: string): SdesKey[] {
  const [tag = '', name, keys = '', ...parameters] = value.split(/ +/);
  const suite = srtpSuites.find((known) => known === name);
  if (suite === undefined || !/^\d{1,9}$/.test(tag) || !parameters.every(isHarmless)) return [];
  // More than one key, or an MKI, would put an index into every packet.
  const [, key] = /^inline:([A-Za-z0-9+/]+={0,2})(?:\|(?:2\^)?\d+)?$/i.exec(keys) ?? [];
  if (key === undefined) return [];
  const canonical = Buffer.from(key, 'base64');
  if (canonical.length !== masterBytes[suite]) return [];
  return [{ tag: Number(tag), suite, key: canonical.toString('base64') }];
}

/** RFC 4568 §6.3: a leading hyphen means that the parameter may be ignored; a window size hint always may. */
function isHarmless(parameter: string): boolean {
  return parameter.startsWith('-') || /^WSH=\d+$/.test(parameter) || parameter === 'KDR=0';
}

function readDtls(levels: TransportSections, role: SessionRole): MediaSecurity | undefined {
  const level = levels.find((candidate) => attributeValues(candidate, 'fingerprint').length > 0);
  if (level === undefined) return undefined;
  const fingerprints = readFingerprints(level);
  const setup = readSetup(levels, role);
  if (fingerprints.length === 0 || setup === undefined) return undefined;
  return { kind: 'dtls', fingerprints, setup };
}

function readFingerprints(level: MediaSection | SessionSection): DtlsFingerprint[] {
  const values = attributeValues(level, 'fingerprint');
  if (values.length > limits.fingerprints) {
    throw badDescription(level.where, `more than ${limits.fingerprints} a=fingerprint lines`);
  }
  return values.flatMap((text) => {
    const [, name = '', value] = /^([!-~]+) +([0-9A-F]{2}(?::[0-9A-F]{2})*)$/i.exec(text) ?? [];
    if (value === undefined) {
      throw badDescription(level.where, 'a=fingerprint is not "hash AA:BB:…" (RFC 8122 §5)');
    }
    const algorithm = name.toLowerCase();
    const bytes = hashBytes.get(algorithm);
    if (bytes === undefined) return [];
    if ((value.length + 1) / 3 !== bytes) {
      throw badDescription(level.where, `a=fingerprint of ${algorithm} must have ${bytes} bytes`);
    }
    return [{ algorithm, value: value.toUpperCase() }];
  });
}

/** RFC 4145 §4: without the attribute the offerer is active and the answerer passive. */
function readSetup(levels: TransportSections, role: SessionRole): DtlsSetup | undefined {
  const level = levels.find(({ parsed }) => parsed.setup !== undefined);
  const setup = level?.parsed.setup ?? (role === 'offer' ? 'active' : 'passive');
  if (setup === 'holdconn') return undefined;
  if (setup !== 'active' && setup !== 'passive' && setup !== 'actpass') {
    throw badDescription(
      level?.where ?? '',
      'a=setup is none of active, passive, actpass, holdconn (RFC 4145 §4)',
    );
  }
  // RFC 5763 §5: an answer chooses. baresip's does not when it answers a re-INVITE, and then starts the handshake.
  if (setup === 'actpass' && role === 'answer') return 'active';
  return setup;
}
