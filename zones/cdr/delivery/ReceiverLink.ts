import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { ZonebridgeError } from '#kernel/index.ts';
import type { ZoneConfig } from '../../config/schema.ts';
import type { DeliveryBatch } from './contract.ts';

type DeliveryConfig = NonNullable<ZoneConfig['records']['delivery']>;

export interface ReceiverAnswer {
  readonly status: number;
  /** The sequence that the receiver wants next, of a 409. */
  readonly expected?: number;
}

const mostAnswerBytes = 4096;

/** Posts batches to the owner's receiver, on a connection that is kept. Redirects are not followed. */
export class ReceiverLink {
  readonly #config: DeliveryConfig;
  #agent: Agent | undefined;
  #ca: string | undefined;

  constructor(config: DeliveryConfig) {
    this.#config = config;
  }

  /** Token and CA are read anew, so that they can be replaced. Throws `unreachable`, `timeout`, `config-invalid`. */
  async post(batch: DeliveryBatch): Promise<ReceiverAnswer> {
    const { url, token_file: tokenFile, timeout_ms: timeoutMs } = this.#config;
    const token = (await read(tokenFile, 'token_file')).trim();
    const body = JSON.stringify(batch);
    const agent = await this.#agentNow();
    const { promise, resolve, reject } = Promise.withResolvers<ReceiverAnswer>();
    const sending = request(url, {
      agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        authorization: `Bearer ${token}`,
        'user-agent': 'zonebridge',
      },
    });
    const timer = setTimeout(() => {
      reject(new ZonebridgeError('timeout', `the receiver has not answered within ${timeoutMs} ms`));
      sending.destroy();
    }, timeoutMs);
    sending.on('error', ({ code = 'broken off' }: NodeJS.ErrnoException) => {
      // The code alone: the message of the error has addresses.
      reject(new ZonebridgeError('unreachable', `the receiver cannot be reached (${code})`));
    });
    sending.on('response', (response) => {
      answerOf(response).then(resolve, reject);
    });
    sending.end(body);
    return promise.finally(() => clearTimeout(timer));
  }

  close(): void {
    this.#agent?.destroy();
  }

  async #agentNow(): Promise<Agent> {
    const { ca: file } = this.#config;
    const ca = file === undefined ? undefined : await read(file, 'ca');
    if (this.#agent === undefined || ca !== this.#ca) {
      this.#agent?.destroy();
      this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ...(ca === undefined ? {} : { ca }) });
      this.#ca = ca;
    }
    return this.#agent;
  }
}

async function answerOf(response: IncomingMessage): Promise<ReceiverAnswer> {
  const { statusCode: status = 0 } = response;
  const text = await textOf(response);
  if (status !== 409) return { status };
  const expected = expectedIn(text);
  return expected === undefined ? { status } : { status, expected };
}

/** As much as an answer may have; the connection of a longer one is not kept. */
async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostAnswerBytes) {
        response.destroy();
        break;
      }
      chunks.push(chunk);
    }
  } catch {
    throw new ZonebridgeError('unreachable', 'the receiver broke off in the middle of its answer');
  }
  return Buffer.concat(chunks).toString('utf8');
}

function expectedIn(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('expected' in value)) return undefined;
    const { expected } = value;
    return Number.isSafeInteger(expected) && Number(expected) > 0 ? Number(expected) : undefined;
  } catch {
    return undefined;
  }
}

async function read(file: string, key: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ZonebridgeError('config-invalid', `${file} (records.delivery.${key}) cannot be read`, {
      cause,
    });
  });
}
