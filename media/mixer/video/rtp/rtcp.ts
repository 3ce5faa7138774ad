import type { OutgoingPackets } from '../../rtp/outgoing.ts';
import type { OutboundVideoStream } from './OutboundVideoStream.ts';

/** RFC 3550 §12.1, RFC 4585 §6.1; 192 is the FIR of RFC 2032 §5.2.1. */
const fullIntraRequest = 192;
const senderReport = 200;
const receiverReport = 201;
const sourceDescription = 202;
const payloadSpecificFeedback = 206;
/** Feedback message types of 206: RFC 4585 §6.3.1, RFC 5104 §4.3.1. */
const pictureLossIndication = 1;
const fullIntraRequestCommand = 4;
const cnameItem = 1;

const headerBytes = 4;
/** Header and the SSRC of the sender and of the media: what all feedback messages begin with. */
const feedbackHeaderBytes = 12;
const fullIntraRequestEntryBytes = 8;
/** NTP counts from 1900, the wall clock from 1970. */
const ntpOffsetSeconds = 2_208_988_800;

/** The mixer's streams share one clock. Nobody but mediasoup-worker sees this name: far ends are told others. */
const cname = 'mixer';
const cnamePaddedBytes = 8 + Math.ceil((2 + cname.length + 1) / 4) * 4;
const senderReportBytes = 28;
const receiverReportBytes = 8;

/** RFC 5761 §4: with RTP on the same port, a second byte of 192..223. */
export function isRtcp(data: Uint8Array, offset: number, length: number): boolean {
  if (length < headerBytes || offset + length > data.length) return false;
  const type = data[offset + 1] ?? 0;
  return (data[offset] ?? 0) >> 6 === 2 && type >= 192 && type <= 223;
}

/**
 * Reads a compound packet and names each stream of which a key frame is asked, be it by PLI (RFC 4585), by FIR (RFC 5104) or
 * by the FIR of RFC 2032. Reading ends at what is malformed; anything else is skipped.
 */
export function readFeedback(
  data: Uint8Array,
  offset: number,
  length: number,
  onKeyFrameRequest: (mediaSsrc: number) => void,
): void {
  const end = offset + length;
  if (end > data.length) return;
  let at = offset;
  while (at + headerBytes <= end) {
    const first = data[at] ?? 0;
    const next = at + headerBytes + readUint16(data, at + 2) * 4;
    if (first >> 6 !== 2 || next > end) return;
    const padding = (first & 0x20) === 0 ? 0 : (data[next - 1] ?? 0);
    readPacket(data, at, next - padding, onKeyFrameRequest);
    at = next;
  }
}

function readPacket(
  data: Uint8Array,
  at: number,
  end: number,
  onKeyFrameRequest: (mediaSsrc: number) => void,
): void {
  const type = data[at + 1] ?? 0;
  if (type === fullIntraRequest && at + 8 <= end) onKeyFrameRequest(readUint32(data, at + 4));
  if (type !== payloadSpecificFeedback || at + feedbackHeaderBytes > end) return;
  const format = (data[at] ?? 0) & 0x1f;
  if (format === pictureLossIndication) onKeyFrameRequest(readUint32(data, at + 8));
  if (format !== fullIntraRequestCommand) return;
  let entry = at + feedbackHeaderBytes;
  for (; entry + fullIntraRequestEntryBytes <= end; entry += fullIntraRequestEntryBytes) {
    onKeyFrameRequest(readUint32(data, entry));
  }
}

/**
 * SR and SDES (RFC 3550 §6.4.1, §6.5) in one datagram, once the stream has sent something. Whoever gets streams of one picture,
 * or several pictures, learns from them what belongs to the same moment.
 */
export function writeSenderReport(out: OutgoingPackets, stream: OutboundVideoStream, wallMs: number): void {
  if (stream.packets === 0) return;
  const at = out.claim(senderReportBytes + cnamePaddedBytes, stream.port);
  const { data } = out.batch;
  const seconds = Math.floor(wallMs / 1000);
  writeHeader(data, at, 0, senderReport, senderReportBytes);
  writeUint32(data, at + 4, stream.ssrc);
  writeUint32(data, at + 8, seconds + ntpOffsetSeconds);
  writeUint32(data, at + 12, Math.floor(((wallMs - seconds * 1000) / 1000) * 0x100000000));
  writeUint32(data, at + 16, stream.timestampAt(wallMs));
  writeUint32(data, at + 20, stream.packets);
  writeUint32(data, at + 24, stream.octets);
  writeSourceDescription(data, at + senderReportBytes, stream.ssrc);
}

function writeSourceDescription(data: Uint8Array, at: number, ssrc: number): void {
  writeHeader(data, at, 1, sourceDescription, cnamePaddedBytes);
  writeUint32(data, at + 4, ssrc);
  data[at + 8] = cnameItem;
  data[at + 9] = cname.length;
  for (let index = 0; index < cnamePaddedBytes - 10; index += 1) {
    data[at + 10 + index] = index < cname.length ? cname.charCodeAt(index) : 0;
  }
}

/** An empty RR, since a compound packet begins with a report (RFC 3550 §6.1), and PLI. */
export function writePictureLoss(
  out: OutgoingPackets,
  senderSsrc: number,
  mediaSsrc: number,
  port: number,
): void {
  const at = out.claim(receiverReportBytes + feedbackHeaderBytes, port);
  const { data } = out.batch;
  writeHeader(data, at, 0, receiverReport, receiverReportBytes);
  writeUint32(data, at + 4, senderSsrc);
  const feedback = at + receiverReportBytes;
  writeHeader(data, feedback, pictureLossIndication, payloadSpecificFeedback, feedbackHeaderBytes);
  writeUint32(data, feedback + 4, senderSsrc);
  writeUint32(data, feedback + 8, mediaSsrc);
}

function writeHeader(data: Uint8Array, at: number, count: number, type: number, bytes: number): void {
  const words = bytes / 4 - 1;
  data[at] = 0x80 | count;
  data[at + 1] = type;
  data[at + 2] = words >> 8;
  data[at + 3] = words;
}

function writeUint32(data: Uint8Array, at: number, value: number): void {
  data[at] = value >>> 24;
  data[at + 1] = value >>> 16;
  data[at + 2] = value >>> 8;
  data[at + 3] = value;
}

function readUint16(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}

function readUint32(data: Uint8Array, at: number): number {
  return ((readUint16(data, at) << 16) | readUint16(data, at + 2)) >>> 0;
}
