import { ZonebridgeError } from '#kernel/index.ts';
import type { Flow } from '../transport/contract.ts';
import { contactAtOurHost, withOurHost } from './contact.ts';
import type { HeaderPair, RequestDraft, ResponseDraft } from './contract.ts';

const notForTheApp: ReadonlySet<string> = new Set([
  'via',
  'route',
  'record-route',
  'rseq',
  'content-length',
  'from',
  'to',
  'call-id',
  'cseq',
]);
const spelling: ReadonlyMap<string, string> = new Map(
  ['RAck', 'WWW-Authenticate', 'MIME-Version', 'SIP-ETag', 'SIP-If-Match', 'Min-SE'].map(
    (name) => [name.toLowerCase(), name] as const,
  ),
);

/**
 * The header fields that an application may set, in the spelling of RFC 3261 (`X-…` as written). `Max-Forwards`,
 * `Contact` and `Content-Type` are among them when it wrote them. `@localhost` becomes our own address.
 */
export function draftHeaders(draft: RequestDraft | ResponseDraft, flow: Flow): HeaderPair[] {
  const headers: HeaderPair[] = [];
  for (const [name, value] of draft.headers) {
    const lower = name.toLowerCase();
    if (notForTheApp.has(lower)) continue;
    for (const one of valuesOf(lower, value)) headers.push([spelled(name), atOurHost(lower, one, flow)]);
  }
  return headers;
}

/** The type of the body: only SDP is recognized by itself. Throws `bad-message`. */
export function contentType(draft: RequestDraft | ResponseDraft): HeaderPair[] {
  if (draft.body.length === 0 || draft.headers.has('Content-Type')) return [];
  if (draft.body.subarray(0, 3).toString() === 'v=0') return [['Content-Type', 'application/sdp']];
  throw new ZonebridgeError('bad-message', 'missing content-type: give the body one, only SDP is recognized');
}

/** RFC 3261 §20.44: challenges cannot share a field, and drachtio-srf has one field for each name. */
function valuesOf(lowerName: string, value: string): readonly string[] {
  return lowerName === 'www-authenticate' || lowerName === 'proxy-authenticate'
    ? value.split(/,\s*(?=Digest\s)/i)
    : [value];
}

function atOurHost(lowerName: string, value: string, flow: Flow): string {
  if (lowerName === 'contact') return contactAtOurHost(value, flow);
  return lowerName === 'p-asserted-identity' ? withOurHost(value, flow) : value;
}

function spelled(name: string): string {
  if (/^x-/i.test(name)) return name;
  const lower = name.toLowerCase();
  return spelling.get(lower) ?? lower.replace(/(^|-)([a-z])/g, (letters) => letters.toUpperCase());
}
