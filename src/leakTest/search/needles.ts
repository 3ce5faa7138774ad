import type { Marker } from '../MarkerBook.ts';

/** What to look for: one marker in one way of writing it. */
export interface Needle {
  readonly marker: Marker;
  readonly form: string;
  readonly bytes: Buffer;
}

/** Left off on both sides, so that a marker is found that was cut, joined to something else, or whose first letter was changed. */
const cut = 2;

/** A marker as it is and as programs write text: in other encodings, in other case, turned around. */
export function needlesOf(markers: readonly Marker[]): readonly Needle[] {
  return markers.flatMap((marker) => {
    const text = marker.value.slice(cut, -cut);
    const forms: (readonly [form: string, bytes: Buffer])[] = [
      ['as it is', Buffer.from(text)],
      ['in capitals', Buffer.from(text.toUpperCase())],
      ['UTF-16', Buffer.from(text, 'utf16le')],
      ['hexadecimal', Buffer.from(Buffer.from(text).toString('hex'))],
      ['HEXADECIMAL', Buffer.from(Buffer.from(text).toString('hex').toUpperCase())],
      ['percent-encoded', Buffer.from(percentEncoded(text))],
      ['percent-encoded, small', Buffer.from(percentEncoded(text).toLowerCase())],
      ['reversed', Buffer.from(text).reverse()],
      ...[0, 1, 2].flatMap((before) => base64At(text, before)),
    ];
    const seen = new Set<string>();
    return forms.flatMap(([form, bytes]) => {
      const key = bytes.toString('latin1');
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ marker, form, bytes }];
    });
  });
}

function percentEncoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

/** Base64 and base64url of a text that stands behind so many bytes modulo three: only the characters that it alone decides. */
function base64At(text: string, before: number): (readonly [form: string, bytes: Buffer])[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor((bytes.length * 8) / 6);
  const code = bytes.toString('base64').slice(first, last);
  const urlCode = code.replaceAll('+', '-').replaceAll('/', '_');
  return [
    ['base64', Buffer.from(code)],
    ['base64url', Buffer.from(urlCode)],
  ];
}
