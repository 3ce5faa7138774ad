import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ZonebridgeError } from '#kernel/index.ts';
import { contentOf } from './files.ts';
import type { ReadRecord, RecordReader, SignedHead, StoredRecord } from './store.ts';

export const chainFile = 'chain.jsonl';
export const headsFile = 'heads.jsonl';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const day = z.iso.date();
const sequence = z.int().min(1);

const linkSchema = z.strictObject({
  sequence,
  day,
  key: z.int().min(1),
  previousHash: hash,
  hash,
  sealedHash: hash,
  /** Base64, of what came by delivery; an export has files. */
  sealed: z.base64().optional(),
  missingBefore: z.int().min(0).optional(),
});
const headSchema = z.strictObject({ sequence, day, hash, signedAt: z.string(), signature: z.string() });

/** Where an export has the sealed text of a record. */
export function sealedFile({ day, sequence, key }: Pick<StoredRecord, 'day' | 'sequence' | 'key'>): string {
  return join(day, `${String(sequence).padStart(6, '0')}.${key}.age`);
}

/** Reads what was exported, or has come to the owner's receiver, as it would be read where it came from. */
export class ExportReader implements RecordReader {
  readonly isDelivered: boolean;
  readonly #folder: string;
  readonly #links: readonly z.infer<typeof linkSchema>[];
  readonly #heads: readonly SignedHead[] | undefined;

  /** Throws `not-found` and `bad-message` with what is wrong. */
  static async open(folder: string): Promise<ExportReader> {
    const links = await lines(folder, chainFile, linkSchema);
    const heads = existsSync(join(folder, headsFile))
      ? await lines(folder, headsFile, headSchema)
      : undefined;
    return new ExportReader(folder, links, heads);
  }

  private constructor(
    folder: string,
    links: readonly z.infer<typeof linkSchema>[],
    heads: readonly SignedHead[] | undefined,
  ) {
    this.#folder = folder;
    this.#links = links;
    this.#heads = heads;
    this.isDelivered =
      heads === undefined && links.length > 0 && links.every(({ sealed }) => sealed !== undefined);
  }

  async after(after: number, limit: number): Promise<readonly ReadRecord[]> {
    const wanted = this.#links.filter((link) => link.sequence > after).slice(0, limit);
    return Promise.all(wanted.map(async (link) => ({ ...link, sealed: await this.#sealedOf(link) })));
  }

  /** Throws `not-found` when somebody took them away: only what came by delivery has none. */
  async heads(): Promise<readonly SignedHead[]> {
    if (this.#heads === undefined && !this.isDelivered) await lines(this.#folder, headsFile, headSchema);
    return this.#heads ?? [];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Of a purged day there is none. */
  async #sealedOf(link: z.infer<typeof linkSchema>): Promise<Uint8Array> {
    if (link.sealed !== undefined) return Buffer.from(link.sealed, 'base64');
    return (await contentOf(join(this.#folder, sealedFile(link)))) ?? new Uint8Array();
  }
}

async function lines<T extends z.ZodType>(
  folder: string,
  name: string,
  schema: T,
): Promise<readonly z.infer<T>[]> {
  const path = join(folder, name);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ZonebridgeError(
      'not-found',
      `${path} is not there; is it a folder that cdr export has written?`,
      {
        cause,
      },
    );
  });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      try {
        return schema.parse(JSON.parse(line));
      } catch (cause) {
        throw new ZonebridgeError('bad-message', `${path}:${index + 1} is no line of an export`, { cause });
      }
    });
}
