const digitPattern = /^[0-9A-D*#]$/i;

export type InfoReading =
  | { readonly kind: 'digit'; readonly digit: string }
  | { readonly kind: 'empty' }
  /** RFC 6086 §4.2.2: 415 with Accept. */
  | { readonly kind: 'unsupported' };

/**
 * The digit in an INFO body, as room systems send it: `application/dtmf-relay` with a line `Signal=5`, or
 * `application/dtmf` with the digit alone. 10 and 11 are written for star and hash by some.
 */
export function readDtmfInfo(contentType: string | undefined, body: string): InfoReading {
  if (body.trim() === '') return { kind: 'empty' };
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/dtmf-relay' && type !== 'application/dtmf') return { kind: 'unsupported' };
  const text = type === 'application/dtmf' ? body.trim() : /^\s*Signal\s*=\s*(\S+)/im.exec(body)?.[1];
  const digit = text === '10' ? '*' : text === '11' ? '#' : text;
  return digit !== undefined && digitPattern.test(digit)
    ? { kind: 'digit', digit: digit.toUpperCase() }
    : { kind: 'unsupported' };
}
