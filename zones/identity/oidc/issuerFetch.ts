import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { ZonebridgeError } from '#kernel/index.ts';

const timeoutMs = 8_000;
/** Far more than any of a provider's documents needs. */
const maxBytes = 1024 * 1024;

export interface FetchOptions {
  readonly method: string;
  readonly headers?: Headers | Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export type Fetch = (url: string, options: FetchOptions) => Promise<Response>;

/**
 * A fetch toward an identity provider: HTTPS only, no redirects, bounded in size and time, and with the CA that the zone names
 * (`fetch` of Node takes none). Rejects with `unreachable` when no answer comes.
 */
export function issuerFetch(ca: string | undefined): Fetch {
  return async (url, { method, headers, body, signal }) => {
    const { protocol, host } = new URL(url);
    if (protocol !== 'https:')
      throw new ZonebridgeError('config-invalid', `the identity provider ${host} must be reached over https`);
    const deadline = AbortSignal.timeout(timeoutMs);
    const options = {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      ...(ca === undefined ? {} : { ca }),
    };
    try {
      return await exchange(url, options, bodyText(body));
    } catch (cause) {
      throw new ZonebridgeError('unreachable', `the identity provider ${host} gives no answer`, { cause });
    }
  };
}

function bodyText(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new ZonebridgeError('invalid-argument', 'a provider is sent forms and text only');
}

function exchange(
  url: string,
  options: Parameters<typeof request>[1],
  body: string | undefined,
): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  request(url, options, (incoming) => {
    readAll(incoming).then((bytes) => resolve(responseOf(incoming, bytes)), reject);
  })
    .once('error', reject)
    .end(body);
  return promise;
}

async function readAll(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new ZonebridgeError('bad-message', `the answer is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function responseOf(incoming: IncomingMessage, bytes: Uint8Array<ArrayBuffer>): Response {
  const status = incoming.statusCode ?? 500;
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const isEmpty = status === 204 || status === 304;
  return new Response(isEmpty ? null : bytes, { status, headers });
}
