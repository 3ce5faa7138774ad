import { ZonebridgeError } from '#kernel/index.ts';
import type { CertificateReference } from '../call.ts';
import { derElements, type DerElement } from './der.ts';

const sequence = 0x30;
/** `[0]`, in which a certificate has its version. */
const versionTag = 0xa0;

/** How a revocation list would name this certificate (RFC 5280 §4.1). Throws `bad-message`. */
export function referenceTo(certificate: Buffer): CertificateReference {
  const [serial, , issuer] = signedPart(certificate).filter(({ tag }) => tag !== versionTag);
  return { issuer: nameOf(issuer), serial: serialOf(serial) };
}

/** What a list names (RFC 5280 §5.1): certificates of its issuer, by their serial numbers. Throws `bad-message`. */
export function listedIn(list: Buffer): { readonly issuer: string; readonly serials: readonly string[] } {
  const [, issuer, entries] = signedPart(list).filter(({ tag }) => tag === sequence);
  const serials = entries === undefined ? [] : derElements(entries.content);
  return {
    issuer: nameOf(issuer),
    serials: serials.map(({ content }) => serialOf(derElements(content)[0])),
  };
}

function signedPart(bytes: Buffer): readonly DerElement[] {
  const [whole] = derElements(bytes);
  const [signed] = whole === undefined ? [] : derElements(whole.content);
  return signed === undefined ? [] : derElements(signed.content);
}

/** As it is encoded: an issuer writes its name in its lists as in its certificates, and libraries differ in how they show it. */
function nameOf(name: DerElement | undefined): string {
  if (name?.tag !== sequence)
    throw new ZonebridgeError('bad-message', 'there is no issuer where one must be');
  return name.whole.toString('base64');
}

function serialOf(serial: DerElement | undefined): string {
  if (serial === undefined) throw new ZonebridgeError('bad-message', 'there is no serial number');
  return serial.content.toString('hex').replace(/^0+/, '');
}
