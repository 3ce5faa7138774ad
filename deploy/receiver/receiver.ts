// Takes the call records of zones, as docs/delivery.md tells, and keeps them sealed as they are. Needs Node 24 and nothing else:
//
//   node receiver.ts --cert cert.pem --key key.pem --token-file token --folder records [--host 0.0.0.0] [--port 8443]
import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, stat, type FileHandle } from 'node:fs/promises';
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
  /** Of the file, as far as it is known to be whole and on disk. */
  bytes: number;
  /** Of the latest records, by sequence. */
  readonly hashes: Map<number, string>;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const mostBodyBytes = 4 * 1024 * 1024;
const noHash = '0'.repeat(64);
const mostHashes = 10_000;
const lineFeed = 0x0a;
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
    const state = await this.#stateOf(stream);
    const fresh = records.filter(({ sequence }) => sequence > state.sequence);
    const fault = changedFault(state, records) ?? faultOf(state, fresh);
    if (fault !== undefined) {
      if (fault.status === 422) console.error(`stream ${stream}: ${JSON.stringify(fault.body)}`);
      return fault;
    }
    await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
    for (const key of keys) await keepKey(join(folder, 'keys'), key);
    state.bytes = await append(join(folder, chainFile), state.bytes, fresh);
    state.duplicates += records.length - fresh.length;
    for (const record of fresh) note(state, record);
    return { status: 200, body: { sequence: state.sequence } };
  }

  /** As its file is, which may have been moved aside meanwhile. */
  async #stateOf(stream: string): Promise<StreamState> {
    const path = join(this.#folder, stream, chainFile);
    const known = this.#states.get(stream);
    if (known !== undefined && (await sizeOf(path)) >= known.bytes) return known;
    const state = await recovered(path);
    this.#states.set(stream, state);
    return state;
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

/** What was taken and comes again must be the same: a zone whose store was put back writes other records under the same numbers. */
function changedFault({ hashes }: StreamState, records: readonly Delivered[]): Answer | undefined {
  const changed = records.find(({ sequence, hash }) => (hashes.get(sequence) ?? hash) !== hash);
  if (changed === undefined) return undefined;
  const error = `record ${changed.sequence} is another than the one that is here; see docs/delivery.md, "When the store of a zone is put back"`;
  return { status: 422, body: { error } };
}

function emptyState(): StreamState {
  return { sequence: 0, hash: noHash, gaps: 0, duplicates: 0, bytes: 0, hashes: new Map() };
}

function note(state: StreamState, { sequence, hash, missingBefore }: Delivered): void {
  [state.sequence, state.hash] = [sequence, hash];
  state.gaps += missingBefore;
  state.hashes.set(sequence, hash);
  const [oldest] = state.hashes.keys();
  if (state.hashes.size > mostHashes && oldest !== undefined) state.hashes.delete(oldest);
}

/** On disk when it resolves with the new size. What an append that failed has left behind `bytes` is taken away first. */
async function append(path: string, bytes: number, records: readonly Delivered[]): Promise<number> {
  if (records.length === 0) return bytes;
  const text = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  await withFile(path, 'a', async (file) => {
    if ((await file.stat()).size !== bytes) await file.truncate(bytes);
    await file.appendFile(text);
    await file.sync();
  });
  return bytes + text.length;
}

/** Of the whole lines; what a crash left half written is taken away. */
async function recovered(path: string): Promise<StreamState> {
  const state = emptyState();
  if (await isMissing(path)) return state;
  await withFile(path, 'r+', async (file) => {
    let rest = Buffer.alloc(0);
    for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
      const bytes = Buffer.concat([rest, chunk]);
      rest = bytes.subarray(noteLines(path, state, bytes));
    }
    if (rest.length > 0) await file.truncate(state.bytes);
  });
  return state;
}

async function sizeOf(path: string): Promise<number> {
  return (await isMissing(path)) ? 0 : (await stat(path)).size;
}

/** Throws what else stands in the way: what cannot be read is not empty. */
async function isMissing(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

/** How many bytes were whole lines. */
function noteLines(path: string, state: StreamState, bytes: Buffer): number {
  let start = 0;
  for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
    try {
      note(state, JSON.parse(bytes.toString('utf8', start, end)) as Delivered);
    } catch (cause) {
      const message = `${path} is damaged after record ${state.sequence}: put it back from a copy, or cut it off there`;
      throw new Error(message, { cause });
    }
    state.bytes += end + 1 - start;
    start = end + 1;
  }
  return start;
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
