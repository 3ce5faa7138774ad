import { formatNameAddr, parseNameAddr, withParameter, type RequestParts } from '../message/index.ts';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Flow } from '../transport/contract.ts';
import { ourContact, withOurHost } from './contact.ts';
import type { HeaderPair, RequestDraft, UserAgentOptions } from './contract.ts';
import type { Dialog } from './Dialog.ts';
import { contentType, draftHeaders } from './draftHeaders.ts';

/** Requests that say where we are to be found (RFC 3261 table 2, RFC 3311, 3515, 6665). */
const namesContact: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'REFER']);

/**
 * A request outside of dialogs, RFC 3261 §8.1.1, with what the application left out. It gives Call-ID, CSeq and From
 * with its tag when it answers a challenge. Throws `bad-message` and 400 for what is no header value.
 */
export function newRequest(draft: RequestDraft, flow: Flow, options: UserAgentOptions): RequestParts {
  const { method, uri, headers, body } = draft;
  const secure = /^sips:/i.test(uri);
  const contact = ourContact(flow, secure, options.contactParameters);
  const from = parseNameAddr(withOurHost(headers.get('From') ?? ourContact(flow, secure, undefined), flow));
  const tag = from.parameters.get('tag') ?? randomBytes(8).toString('hex');
  const to = parseNameAddr(headers.get('To') ?? `<${uri}>`);
  const sequence = /^\d+/.exec(headers.get('CSeq') ?? '')?.[0] ?? '1';
  const fields: HeaderPair[] = [
    ['From', formatNameAddr(withParameter(from, 'tag', tag))],
    ['To', formatNameAddr(to)],
    ['Call-ID', headers.get('Call-ID') ?? randomUUID()],
    ['CSeq', `${sequence} ${method}`],
    ...draftHeaders(draft, flow),
    ...contentType(draft),
  ];
  return { method, uri, headers: withDefaults(fields, method, contact, options), body };
}

/** A request in a dialog. Takes its next CSeq. */
export function requestInDialog(
  dialog: Dialog,
  draft: RequestDraft,
  options: UserAgentOptions,
): RequestParts {
  const fields = [...draftHeaders(draft, dialog.flow), ...contentType(draft)];
  const headers = withDefaults(fields, draft.method, dialog.contact, options);
  return dialog.request(draft.method, headers, draft.body);
}

export function withUserAgent(fields: readonly HeaderPair[], options: UserAgentOptions): HeaderPair[] {
  return withDefault(fields, 'User-Agent', options.userAgent);
}

function withDefaults(
  fields: readonly HeaderPair[],
  method: string,
  contact: string,
  options: UserAgentOptions,
): HeaderPair[] {
  const located = namesContact.has(method) ? withDefault(fields, 'Contact', contact) : fields;
  return withUserAgent(withDefault(located, 'Max-Forwards', '70'), options);
}

function withDefault(fields: readonly HeaderPair[], name: string, value: string): HeaderPair[] {
  const there = fields.some(([other]) => other.toLowerCase() === name.toLowerCase());
  return there ? [...fields] : [...fields, [name, value]];
}
