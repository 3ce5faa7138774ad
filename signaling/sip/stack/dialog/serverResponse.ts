import { createResponse, isToken, reasonPhrase, type SipResponse } from '../message/index.ts';
import { isSecure, ourContact } from './contact.ts';
import type { HeaderPair, ResponseDraft, UserAgentOptions } from './contract.ts';
import { contentType, draftHeaders } from './draftHeaders.ts';
import type { Refusal } from './refusals.ts';
import type { ServerExchange } from './ServerExchange.ts';

/** Requests whose 101 to 299 responses tell where we are to be found (RFC 3261 table 2, RFC 3311, 3515, 6665). */
const namesContact: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'REFER']);

/** The application's response with what only the user agent knows. Throws `bad-message`. */
export function serverResponse(
  exchange: ServerExchange,
  draft: ResponseDraft,
  options: UserAgentOptions,
): SipResponse {
  const { request, transaction } = exchange;
  if (!exchange.toTagSent) exchange.toTag = tagOf(draft) ?? exchange.toTag;
  const reason = draft.reason === '' ? reasonPhrase(draft.status) : draft.reason;
  const toTag = draft.status > 100 ? { toTag: exchange.toTag } : {};
  const response = createResponse(request, draft.status, reason, { ...toTag, body: draft.body });
  const headers = [...draftHeaders(draft, transaction.flow), ...contentType(draft)];
  for (const [name, value] of headers) response.headers.append(name, value);
  const { headers: all } = response;
  const tellsContact = draft.status > 100 && draft.status < 300 && namesContact.has(request.method);
  if (tellsContact && !all.has('Contact')) all.append('Contact', contactOf(exchange, options));
  if (draft.status > 100 && !all.has('Server')) all.append('Server', options.userAgent);
  return response;
}

/** A response that the user agent gives by itself. */
export function ownResponse(
  exchange: Pick<ServerExchange, 'request' | 'toTag'>,
  { status, reason, headers = [] }: Refusal,
  options: UserAgentOptions,
): SipResponse {
  const toTag = status > 100 ? { toTag: exchange.toTag } : {};
  const response = createResponse(exchange.request, status, reason, toTag);
  const server: HeaderPair[] = status > 100 ? [['Server', options.userAgent]] : [];
  for (const [name, value] of [...headers, ...server]) response.headers.append(name, value);
  return response;
}

function contactOf({ dialog, request, transaction }: ServerExchange, options: UserAgentOptions): string {
  return dialog?.contact ?? ourContact(transaction.flow, isSecure(request), options.contactParameters);
}

/** The tag that the application wants, if it is one. */
function tagOf(draft: ResponseDraft): string | undefined {
  const tag = /;\s*tag=([^;>]+)$/i.exec(draft.headers.get('To') ?? '')?.[1];
  return tag !== undefined && isToken(tag) ? tag : undefined;
}
