import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Closable, ZonebridgeError, errorText } from '#kernel/index.ts';
import type { ZoneConfig } from '../../config/schema.ts';
import type { PolicyDecision, PolicyRequest } from '../contract.ts';
import type { PolicyServer, ServerVerdict } from './contract.ts';
import { BadAnswer, type Ask } from './BadAnswer.ts';
import { askJson } from './json.ts';
import { askPexip } from './pexip.ts';

type ServerConfig = NonNullable<ZoneConfig['policy']['server']>;

export interface PolicyServerOptions {
  readonly zone: string;
  /** Where the zone is reached; the server may tell its zones apart by it. */
  readonly nodeAddress: string;
}

const maxAnswerBytes = 64 * 1024;
const maxTypeCharacters = 60;

/** Throws `config-invalid` when a file that the configuration names cannot be read. */
export async function createPolicyServer(
  config: ServerConfig,
  options: PolicyServerOptions,
): Promise<PolicyServer> {
  const password = config.password_file === undefined ? undefined : (await read(config.password_file)).trim();
  const ca = config.ca === undefined ? undefined : await read(config.ca);
  return new HttpPolicyServer(config, options, password, ca);
}

/** Asks one policy server over HTTP, on connections that are kept. Redirects are not followed. */
class HttpPolicyServer extends Closable implements PolicyServer {
  readonly #config: ServerConfig;
  readonly #options: PolicyServerOptions;
  readonly #base: URL;
  readonly #agent: HttpAgent;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    config: ServerConfig,
    options: PolicyServerOptions,
    password: string | undefined,
    ca: string | undefined,
  ) {
    super();
    this.#config = config;
    this.#options = options;
    this.#base = new URL(config.url);
    const keepAlive = { keepAlive: true, maxSockets: 16 };
    this.#agent =
      this.#base.protocol === 'https:'
        ? new HttpsAgent({ ...keepAlive, ...(ca === undefined ? {} : { ca }) })
        : new HttpAgent(keepAlive);
    const { username = '' } = config;
    const basic = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
    this.#headers = {
      accept: 'application/json',
      'user-agent': 'zonebridge',
      ...(config.username === undefined && password === undefined ? {} : { authorization: `Basic ${basic}` }),
    };
  }

  /** Takes `timeout_ms` for each try that the configuration allows, and no more for all requests of a decision together. */
  async decide(request: PolicyRequest, local: PolicyDecision): Promise<ServerVerdict> {
    const { timeout_ms: timeoutMs, retries, protocol } = this.#config;
    const endMs = performance.now() + timeoutMs * (retries + 1);
    const ask: Ask = (path, body) => this.#askAgain(path, body, endMs);
    try {
      return protocol === 'json'
        ? await askJson(ask, request)
        : await askPexip(ask, request, local, this.#options);
    } catch (error) {
      return { outcome: 'failed', failure: error instanceof BadAnswer ? error.message : errorText(error) };
    }
  }

  protected release(): void {
    this.#agent.destroy();
  }

  async #askAgain(path: string, body: unknown, endMs: number): Promise<unknown> {
    for (let triesLeft = this.#config.retries; ;) {
      try {
        return await this.#askOnce(path, body, endMs);
      } catch (error) {
        if (!(error instanceof BadAnswer) || !error.mayRetry || performance.now() >= endMs) throw error;
        if (error.staleConnection) continue;
        if (triesLeft === 0) throw error;
        triesLeft -= 1;
      }
    }
  }

  #askOnce(path: string, body: unknown, endMs: number): Promise<unknown> {
    if (this.closed) throw new BadAnswer('the zone is stopping');
    const timeoutMs = Math.max(1, Math.min(this.#config.timeout_ms, endMs - performance.now()));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const send = this.#base.protocol === 'https:' ? httpsRequest : httpRequest;
    const sending = send(urlOf(this.#base, path), {
      agent: this.#agent,
      method: text === undefined ? 'GET' : 'POST',
      headers: { ...this.#headers, ...(text === undefined ? {} : { 'content-type': 'application/json' }) },
    });
    const timer = setTimeout(() => {
      reject(new BadAnswer(`no answer within ${Math.round(timeoutMs)} ms`, true));
      sending.destroy();
    }, timeoutMs);
    sending.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      const stale = sending.reusedSocket && code === 'ECONNRESET';
      // Of some faults of certificates OpenSSL has only a text.
      const what = code === undefined || code === 'UNSPECIFIED' ? message : code;
      reject(new BadAnswer(`the connection failed (${what})`, true, stale));
    });
    sending.on('response', (response) => {
      readAnswer(response).then(resolve, reject);
    });
    sending.end(text);
    return promise.finally(() => clearTimeout(timer));
  }
}

async function readAnswer(response: IncomingMessage): Promise<unknown> {
  const { statusCode: status = 0 } = response;
  if (status !== 200) {
    response.destroy();
    const redirect = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
    throw new BadAnswer(`status ${status}${redirect}`, status >= 500);
  }
  const type = response.headers['content-type'] ?? 'none';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    response.destroy();
    throw new BadAnswer(`the content type is not application/json but ${type.slice(0, maxTypeCharacters)}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) throw new BadAnswer(`more than ${maxAnswerBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    response.destroy();
    if (error instanceof BadAnswer) throw error;
    throw new BadAnswer('the connection broke in the middle of the answer', true);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadAnswer('the body is not JSON');
  }
}

/** `path` is below that of the configured URL; empty for just that. */
function urlOf(base: URL, path: string): URL {
  if (path === '') return base;
  const url = new URL(base);
  const [pathname = '', search = ''] = path.split('?', 2);
  url.pathname = `${base.pathname.replace(/\/$/, '')}/${pathname}`;
  url.search = search;
  return url;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ZonebridgeError('config-invalid', `${file}, which policy.server names, cannot be read`, {
      cause,
    });
  }
}
