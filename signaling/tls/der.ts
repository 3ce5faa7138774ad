import { ZonebridgeError } from '#kernel/index.ts';

/** One element of DER (X.690 §8.1): its content, and `whole` with tag and length before it. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** The elements that stand one after the other in these bytes. Throws `bad-message` for bytes that are none. */
export function derElements(bytes: Buffer): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length;) {
    const element = elementAt(bytes, at);
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

function elementAt(bytes: Buffer, at: number): DerElement {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  // 128 alone would be a length that is not told, which DER has not.
  if (tag === undefined || first === undefined || first === 0x80) throw cutOff();
  // Below 128 it is the length, above it is how many bytes the length has; five would be more than any file here.
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const begin = at + 2 + lengthBytes;
  if (lengthBytes > 4 || begin > bytes.length) throw cutOff();
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  if (begin + length > bytes.length) throw cutOff();
  return {
    tag,
    content: bytes.subarray(begin, begin + length),
    whole: bytes.subarray(at, begin + length),
  };
}

function cutOff(): ZonebridgeError {
  return new ZonebridgeError('bad-message', 'the bytes are no DER');
}
