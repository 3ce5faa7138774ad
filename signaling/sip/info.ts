import { mediaType } from './body.ts';
import type { DrachtioRequest } from './drachtio.ts';
import type { Refusal } from './endings.ts';
import { refusals } from './refusals.ts';

/** What an INFO in a dialog means: a key that was pressed, nothing, or a refusal. */
export type InfoMeaning = { readonly digit: string } | 'nothing' | Refusal;

/** Older phones number the two keys as RFC 4733 §3.2 does. */
const numbered = new Map([
  ['10', '*'],
  ['11', '#'],
]);

/** RFC 6086 §4.2.2, and the two legacy ways of sending digits. */
export function readInfo(request: DrachtioRequest): InfoMeaning {
  if (request.get('Info-Package') !== undefined) return refusals.infoPackage;
  if (request.body === '') return 'nothing';
  const type = mediaType(request.get('Content-Type') ?? '');
  if (type === 'application/dtmf-relay') return digitOf(/^\s*Signal\s*=\s*(\S+)/im.exec(request.body)?.[1]);
  if (type === 'application/dtmf') return digitOf(request.body.trim());
  return refusals.infoType;
}

/** Flash and whatever else a phone calls a signal means nothing here. */
function digitOf(signal = ''): InfoMeaning {
  const digit = (numbered.get(signal) ?? signal).toUpperCase();
  return /^[0-9*#A-D]$/.test(digit) ? { digit } : 'nothing';
}
