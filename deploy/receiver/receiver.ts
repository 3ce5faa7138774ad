// Takes the call records of zones, as docs/delivery.md tells, and keeps them sealed as they are. Needs Node 24 and nothing else:
//
//   node receiver.ts --cert cert.pem --key key.pem --token-file token --folder records [--host 0.0.0.0] [--port 8443]
import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, truncate, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

interface Delivered {
  readonly sequence: number;
  readonly previousHash: string;
  readonly hash: string;
  readonly day: string;
  readonly key: number;
  readonly sealedHash: string;
  /** Base64 of an age file; empty when its day was purged before it was delivered. */
  readonly sealed: string;
  readonly missingBefore: number;
}

interface DayKey {
  readonly day: string;
  readonly key: number;
  readonly sealed: string;
}

interface Batch {
  readonly version: 1;
  readonly stream: string;
  readonly keys: readonly DayKey[];
  readonly records: readonly Delivered[];
}

interface StreamState {
  /** Of the last record that is on disk; 0 at first. */
  sequence: number;
  hash: string;
  /** Records that the zone itself had lost. */
  gaps: number;
  /** Records that were delivered once more, and left out. */
  duplicates: number;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const mostBodyBytes = 4 * 1024 * 1024;
const noHash = '0'.repeat(64);
const chainFile = 'chain.jsonl';

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

/** Streams below a folder, one folder each: `chain.jsonl` with a record in each line, and `keys/`. */
class Streams {
  readonly #folder: string;
  readonly #states = new Map<string, StreamState>();
  /** One batch after the other. */
  #work: Promise<unknown> = Promise.resolve();

  static async open(folder: string): Promise<Streams> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const streams = new Streams(folder);
    for (const stream of await readdir(folder)) {
      if (isStream(stream)) streams.#states.set(stream, await recovered(join(folder, stream, chainFile)));
    }
    return streams;
  }

  private constructor(folder: string) {
    this.#folder = folder;
  }

  get state(): object {
    return Object.fromEntries(
      [...this.#states].map(([stream, { sequence, gaps, duplicates }]) => [
        stream,
        { sequence, gaps, duplicates },
      ]),
    );
  }

  take(batch: Batch): Promise<Answer> {
    const taken = this.#work.then(() => this.#take(batch));
    this.#work = taken.catch(() => undefined);
    return taken;
  }

  async #take({ stream, keys, records }: Batch): Promise<Answer> {
    const folder = join(this.#folder, stream);
    const state = this.#states.get(stream) ?? { sequence: 0, hash: noHash, gaps: 0, duplicates: 0 };
    const fresh = records.filter(({ sequence }) => sequence > state.sequence);
    const fault = faultOf(state, fresh);
    if (fault !== undefined) return fault;
    await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
    this.#states.set(stream, state);
    for (const key of keys) await keepKey(join(folder, 'keys'), key);
    await append(join(folder, chainFile), fresh);
    state.duplicates += records.length - fresh.length;
    state.gaps += fresh.reduce((sum, { missingBefore }) => sum + missingBefore, 0);
    const last = fresh.at(-1);
    if (last !== undefined) [state.sequence, state.hash] = [last.sequence, last.hash];
    return { status: 200, body: { sequence: state.sequence } };
  }
}

/** Why these cannot follow what is there; a zone that sends too far ahead is told what is expected. */
function faultOf(state: StreamState, records: readonly Delivered[]): Answer | undefined {
  let { sequence, hash } = state;
  for (const record of records) {
    if (record.sequence !== sequence + record.missingBefore + 1)
      return { status: 409, body: { expected: state.sequence + 1 } };
    const sealed = Buffer.from(record.sealed, 'base64');
    const { previousHash, day, key, sealedHash } = record;
    const link = [previousHash, record.sequence, day, key, sealedHash].join('\n');
    const isWhole =
      sha256(link).toString('hex') === record.hash &&
      (record.missingBefore > 0 || previousHash === hash) &&
      (sealed.length === 0 || sha256(sealed).toString('hex') === sealedHash);
    if (!isWhole)
      return {
        status: 422,
        body: { error: `record ${record.sequence} does not fit the chain; see docs/delivery.md` },
      };
    ({ sequence, hash } = record);
  }
  return undefined;
}

/** On disk when it resolves. What a crash left half written is taken away by `recovered`. */
async function append(path: string, records: readonly Delivered[]): Promise<void> {
  if (records.length === 0) return;
  await withFile(path, 'a', async (file) => {
    await file.appendFile(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    await file.sync();
  });
}

async function recovered(path: string): Promise<StreamState> {
  const state: StreamState = { sequence: 0, hash: noHash, gaps: 0, duplicates: 0 };
  const content = await readFile(path).catch(() => Buffer.alloc(0));
  const whole = content.lastIndexOf('\n') + 1;
  if (whole < content.length) await truncate(path, whole);
  for (const line of content.subarray(0, whole).toString('utf8').split('\n')) {
    if (line === '') continue;
    const { sequence, hash, missingBefore } = JSON.parse(line) as Delivered;
    [state.sequence, state.hash] = [sequence, hash];
    state.gaps += missingBefore;
  }
  return state;
}

/** Each is written once, and there whole or not at all. */
async function keepKey(folder: string, { day, key, sealed }: DayKey): Promise<void> {
  const path = join(folder, `${day}.${key}.key.age`);
  if ((await readFile(path).catch(() => undefined)) !== undefined) return;
  await withFile(`${path}.new`, 'w', async (file) => {
    await file.writeFile(Buffer.from(sealed, 'base64'));
    await file.sync();
  });
  await rename(`${path}.new`, path);
  await withFile(folder, 'r', (file) => file.sync());
}

async function withFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

const isStream = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
const isDay = (value: unknown): boolean => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isBase64 = (value: unknown): boolean =>
  typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value);

function isRecord(value: Partial<Delivered>): boolean {
  const { sequence, previousHash, hash, day, key, sealedHash, sealed, missingBefore } = value;
  return (
    [sequence, key, missingBefore].every(isCount) &&
    [previousHash, hash, sealedHash].every(isHash) &&
    isDay(day) &&
    isBase64(sealed)
  );
}

function isBatch(value: Partial<Batch> | null): value is Batch {
  if (typeof value !== 'object' || value?.version !== 1 || !isStream(value.stream)) return false;
  const { keys, records } = value;
  return (
    Array.isArray(keys) &&
    keys.every(({ day, key, sealed }: Partial<DayKey>) => isDay(day) && isCount(key) && isBase64(sealed)) &&
    Array.isArray(records) &&
    records.every(isRecord)
  );
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): Partial<Batch> | null {
  try {
    return JSON.parse(text) as Partial<Batch> | null;
  } catch {
    return null;
  }
}

async function answerTo(request: IncomingMessage, streams: Streams, token: Buffer): Promise<Answer> {
  const given = sha256(request.headers.authorization ?? '');
  if (!timingSafeEqual(given, token)) return { status: 401, body: { error: 'wrong token' } };
  if (request.method === 'GET') return { status: 200, body: { streams: streams.state } };
  if (request.method !== 'POST') return { status: 405, body: { error: 'POST a batch, or GET the state' } };
  const text = await bodyOf(request);
  if (text === undefined) return { status: 413, body: { error: `more than ${mostBodyBytes} bytes` } };
  const batch = parsed(text);
  if (!isBatch(batch)) return { status: 400, body: { error: 'no batch of version 1' } };
  return streams.take(batch);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cert: { type: 'string' },
      key: { type: 'string' },
      'token-file': { type: 'string' },
      folder: { type: 'string' },
      host: { type: 'string', default: '0.0.0.0' },
      port: { type: 'string', default: '8443' },
    },
  });
  const { cert, key, folder, host, port } = values;
  const tokenFile = values['token-file'];
  if (cert === undefined || key === undefined || folder === undefined || tokenFile === undefined) {
    console.error(
      'usage: node receiver.ts --cert FILE --key FILE --token-file FILE --folder DIR [--host] [--port]',
    );
    process.exit(2);
  }
  const token = sha256(`Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`);
  const streams = await Streams.open(folder);
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, body } = await answerTo(request, streams, token);
    response.writeHead(status, {
      'content-type': 'application/json',
      connection: status === 413 ? 'close' : 'keep-alive',
    });
    response.end(JSON.stringify(body));
  };
  const tls = { cert: await readFile(cert), key: await readFile(key), minVersion: 'TLSv1.2' as const };
  const server = createServer(tls, (request, response) => {
    respond(request, response).catch((error: unknown) => {
      console.error(String(error));
      response.writeHead(500).end();
    });
  });
  server.listen(Number(port), host, () => console.log(`takes call records on ${host}:${port}`));
}

await main();
