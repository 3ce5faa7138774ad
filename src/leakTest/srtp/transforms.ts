import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { SrtpSuite } from '#kernel/index.ts';
import { headerBytesOf, sequenceOf, ssrcOf } from './packet.ts';
import { deriveSessionKeys, suiteLengths, type SessionKeys } from './keys.ts';

/** One direction of one crypto suite, without state: the caller knows the packet's index. */
export interface SrtpTransform {
  protectRtp(packet: Buffer, index: number): Buffer | undefined;
  /** Undefined when the packet is not authentic. */
  unprotectRtp(packet: Buffer, index: number): Buffer | undefined;
  protectRtcp(packet: Buffer, index: number): Buffer;
  unprotectRtcp(packet: Buffer): { packet: Buffer; index: number } | undefined;
}

/** Bytes of an RTCP packet that are never encrypted: the first header and the sender's SSRC. */
const rtcpHeaderBytes = 8;
const encryptedFlag = 0x8000_0000;

export function createTransform(suite: SrtpSuite, master: Buffer): SrtpTransform {
  const rtp = deriveSessionKeys(suite, master, 'rtp');
  const rtcp = deriveSessionKeys(suite, master, 'rtcp');
  return transformOf(suite, rtp, rtcp);
}

export function transformOf(suite: SrtpSuite, rtp: SessionKeys, rtcp: SessionKeys): SrtpTransform {
  return suite === 'AEAD_AES_256_GCM' ? gcmTransform(rtp, rtcp) : counterTransform(rtp, rtcp);
}

/** RFC 3711 §4.1.1 and §4.2.1. */
function counterTransform(rtp: SessionKeys, rtcp: SessionKeys): SrtpTransform {
  const { tagBytes } = suiteLengths.AES_CM_128_HMAC_SHA1_80;
  const tag = (keys: SessionKeys, ...parts: Buffer[]): Buffer => {
    const hmac = createHmac('sha1', keys.authentication);
    for (const part of parts) hmac.update(part);
    return hmac.digest().subarray(0, tagBytes);
  };
  const crypt = (keys: SessionKeys, ssrc: number, index: number, data: Buffer): Buffer =>
    createCipheriv('aes-128-ctr', keys.encryption, counterBlock(keys.salt, ssrc, index)).update(data);
  return {
    protectRtp(packet, index) {
      const header = headerBytesOf(packet);
      if (header === undefined) return undefined;
      const body = crypt(rtp, ssrcOf(packet), index, packet.subarray(header));
      const head = packet.subarray(0, header);
      return Buffer.concat([head, body, tag(rtp, head, body, rolloverBytes(index))]);
    },
    unprotectRtp(packet, index) {
      const end = packet.length - tagBytes;
      const signed = packet.subarray(0, Math.max(end, 0));
      const header = signed.length < 12 ? undefined : headerBytesOf(signed);
      if (header === undefined) return undefined;
      if (!timingSafeEqual(tag(rtp, signed, rolloverBytes(index)), packet.subarray(end))) return undefined;
      const body = crypt(rtp, ssrcOf(packet), index, signed.subarray(header));
      return Buffer.concat([signed.subarray(0, header), body]);
    },
    protectRtcp(packet, index) {
      const body = crypt(rtcp, packet.readUInt32BE(4), index, packet.subarray(rtcpHeaderBytes));
      const signed = Buffer.concat([packet.subarray(0, rtcpHeaderBytes), body, rtcpIndexBytes(index)]);
      return Buffer.concat([signed, tag(rtcp, signed)]);
    },
    unprotectRtcp(packet) {
      const end = packet.length - tagBytes;
      if (end < rtcpHeaderBytes + 4) return undefined;
      const signed = packet.subarray(0, end);
      if (!timingSafeEqual(tag(rtcp, signed), packet.subarray(end))) return undefined;
      const index = packet.readUInt32BE(end - 4);
      const head = packet.subarray(0, rtcpHeaderBytes);
      const sealed = packet.subarray(rtcpHeaderBytes, end - 4);
      if (index < encryptedFlag) return { packet: Buffer.concat([head, sealed]), index };
      const body = crypt(rtcp, packet.readUInt32BE(4), index - encryptedFlag, sealed);
      return { packet: Buffer.concat([head, body]), index: index - encryptedFlag };
    },
  };
}

/** RFC 7714 §8 and §9, with encryption of RTCP. */
function gcmTransform(rtp: SessionKeys, rtcp: SessionKeys): SrtpTransform {
  const { tagBytes } = suiteLengths.AEAD_AES_256_GCM;
  const seal = (keys: SessionKeys, iv: Buffer, aad: Buffer, data: Buffer): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', keys.encryption, iv).setAAD(aad);
    const body = cipher.update(data);
    cipher.final();
    return Buffer.concat([body, cipher.getAuthTag()]);
  };
  const open = (keys: SessionKeys, iv: Buffer, aad: Buffer, sealed: Buffer): Buffer | undefined => {
    const end = sealed.length - tagBytes;
    if (end < 0) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', keys.encryption, iv, { authTagLength: tagBytes });
    decipher.setAAD(aad).setAuthTag(sealed.subarray(end));
    const body = decipher.update(sealed.subarray(0, end));
    try {
      decipher.final();
    } catch {
      return undefined; // node:crypto has no other way to say that the tag is wrong
    }
    return body;
  };
  return {
    protectRtp(packet, index) {
      const header = headerBytesOf(packet);
      if (header === undefined) return undefined;
      const head = packet.subarray(0, header);
      return Buffer.concat([
        head,
        seal(rtp, gcmRtpIv(rtp.salt, packet, index), head, packet.subarray(header)),
      ]);
    },
    unprotectRtp(packet, index) {
      const header = headerBytesOf(packet);
      if (header === undefined) return undefined;
      const head = packet.subarray(0, header);
      const body = open(rtp, gcmRtpIv(rtp.salt, packet, index), head, packet.subarray(header));
      return body === undefined ? undefined : Buffer.concat([head, body]);
    },
    protectRtcp(packet, index) {
      const head = packet.subarray(0, rtcpHeaderBytes);
      const trailer = rtcpIndexBytes(index);
      const iv = gcmRtcpIv(rtcp.salt, packet, index);
      const body = seal(rtcp, iv, Buffer.concat([head, trailer]), packet.subarray(rtcpHeaderBytes));
      return Buffer.concat([head, body, trailer]);
    },
    unprotectRtcp(packet) {
      const end = packet.length - 4;
      if (end < rtcpHeaderBytes + tagBytes) return undefined;
      const trailer = packet.subarray(end);
      // Authenticated but not encrypted RTCP (RFC 7714 §9.3) is not what was negotiated.
      if (trailer.readUInt32BE() < encryptedFlag) return undefined;
      const index = trailer.readUInt32BE() - encryptedFlag;
      const head = packet.subarray(0, rtcpHeaderBytes);
      const iv = gcmRtcpIv(rtcp.salt, packet, index);
      const body = open(rtcp, iv, Buffer.concat([head, trailer]), packet.subarray(rtcpHeaderBytes, end));
      return body === undefined ? undefined : { packet: Buffer.concat([head, body]), index };
    },
  };
}

/** RFC 3711 §4.1.1: salt, SSRC and index, each at its place, xored. */
function counterBlock(salt: Buffer, ssrc: number, index: number): Buffer {
  const block = Buffer.alloc(16);
  block.writeUInt32BE(ssrc, 4);
  block.writeUIntBE(index, 8, 6);
  return xorInto(block, salt);
}

/** RFC 7714 §8.1. */
function gcmRtpIv(salt: Buffer, packet: Buffer, index: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(ssrcOf(packet), 2);
  iv.writeUInt32BE(Math.floor(index / 0x1_0000), 6);
  iv.writeUInt16BE(sequenceOf(packet), 10);
  return xorInto(iv, salt);
}

/** RFC 7714 §9.1. */
function gcmRtcpIv(salt: Buffer, packet: Buffer, index: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(packet.readUInt32BE(4), 2);
  iv.writeUInt32BE(index, 8);
  return xorInto(iv, salt);
}

function rolloverBytes(index: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Math.floor(index / 0x1_0000));
  return bytes;
}

function rtcpIndexBytes(index: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(encryptedFlag + index);
  return bytes;
}

function xorInto(target: Buffer, source: Buffer): Buffer {
  for (const [position, byte] of source.entries()) target[position] = (target[position] ?? 0) ^ byte;
  return target;
}
