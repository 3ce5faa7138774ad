/** Items of a source description (RFC 3550 §6.5). */
const items = { cname: 1, name: 2, email: 3, tool: 6, note: 7 } as const;
export type SourceDescription = Readonly<Partial<Record<keyof typeof items, string>>>;

/** A compound packet: an empty receiver report, as RFC 3550 §6.1 wants one in front, and a source description. */
export function sourceDescription(ssrc: number, texts: SourceDescription): Buffer {
  const chunk = Object.entries(texts).flatMap(([item, text]) => [
    Buffer.from([items[item as keyof typeof items], Buffer.byteLength(text)]),
    Buffer.from(text),
  ]);
  const body = Buffer.concat([uint32(ssrc), ...chunk, Buffer.alloc(1)]);
  const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
  return Buffer.concat([receiverReport(ssrc), packet(202, 1, padded)]);
}

/** BYE with a reason (RFC 3550 §6.6). */
export function goodbye(ssrc: number, reason: string): Buffer {
  const text = Buffer.concat([Buffer.from([Buffer.byteLength(reason)]), Buffer.from(reason)]);
  const padded = Buffer.concat([text, Buffer.alloc((4 - (text.length % 4)) % 4)]);
  return Buffer.concat([receiverReport(ssrc), packet(203, 1, Buffer.concat([uint32(ssrc), padded]))]);
}

function receiverReport(ssrc: number): Buffer {
  return packet(201, 0, uint32(ssrc));
}

function packet(type: number, count: number, body: Buffer): Buffer {
  const header = Buffer.from([0x80 | count, type, 0, 0]);
  header.writeUInt16BE(body.length / 4, 2);
  return Buffer.concat([header, body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
