import { mediaType } from './body.ts';
import { mediaControlType } from './capabilities.ts';
import type { DrachtioRequest } from './drachtio.ts';
import type { Refusal } from './endings.ts';
import { refusals } from './refusals.ts';

/** What an INFO in a dialog means: a key that was pressed, a wish for a key frame, nothing, or a refusal. */
export type InfoMeaning = { readonly digit: string } | 'key frame wanted' | 'nothing' | Refusal;

/** Older phones number the two keys as RFC 4733 §3.2 does. */
const numbered = new Map([
  ['10', '*'],
  ['11', '#'],
]);

/** RFC 5168 §7.1: a document that asks the far end's encoder for a key frame. */
export const pictureFastUpdate =
  '<?xml version="1.0" encoding="utf-8"?><media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>';

/** RFC 6086 §4.2.2, and the legacy ways of sending digits and of asking for key frames (RFC 5168). */
export function readInfo(request: DrachtioRequest): InfoMeaning {
  if (request.get('Info-Package') !== undefined) return refusals.infoPackage;
  if (request.body === '') return 'nothing';
  const type = mediaType(request.get('Content-Type') ?? '');
  if (type === 'application/dtmf-relay') return digitOf(/^\s*Signal\s*=\s*(\S+)/im.exec(request.body)?.[1]);
  if (type === 'application/dtmf') return digitOf(request.body.trim());
  if (type === mediaControlType) return asksForKeyFrame(request.body) ? 'key frame wanted' : 'nothing';
  return refusals.infoType;
}

/** Flash and whatever else a phone calls a signal means nothing here. */
function digitOf(signal = ''): InfoMeaning {
  const digit = (numbered.get(signal) ?? signal).toUpperCase();
  return /^[0-9*#A-D]$/.test(digit) ? { digit } : 'nothing';
}

/** RFC 5168 §5: of the primitives in the document this is the only one that is defined. */
function asksForKeyFrame(document: string): boolean {
  return /<(?:[\w.-]+:)?picture_fast_update[\s/>]/.test(document);
}
