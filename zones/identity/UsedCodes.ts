import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { errorText, SerialQueue, ZonebridgeError } from '#kernel/index.ts';
import { writeDurably } from '../cdr/files.ts';
import type { TotpSecret } from './totp.ts';

/** Time steps by secret. */
const fileSchema = z.record(z.string(), z.array(z.int().min(0)));

/**
 * The time steps whose codes have let somebody in, kept on disk: a code must not count again after a restart either (RFC 6238 §5.2). The file
 * names a secret by a hash under its own key, and nobody.
 */
export class UsedCodes {
  readonly #path: string;
  readonly #steps: Map<string, Set<number>>;
  readonly #queue = new SerialQueue();

  /** Throws `unavailable` for a file that cannot be read, or is none of ours. */
  static async open(path: string): Promise<UsedCodes> {
    try {
      return new UsedCodes(path, fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))));
    } catch (cause) {
      if (isMissing(cause)) return new UsedCodes(path, {});
      const remedy = 'repair it; or delete it, if nobody has typed a one-time code in the last 2 minutes';
      throw new ZonebridgeError(
        'unavailable',
        `${path}, the list of used codes, cannot be read (${errorText(cause)}): ${remedy}`,
        { cause },
      );
    }
  }

  private constructor(path: string, steps: z.infer<typeof fileSchema>) {
    this.#path = path;
    this.#steps = new Map(Object.entries(steps).map(([id, used]) => [id, new Set(used)]));
  }

  has(secret: TotpSecret, step: number): boolean {
    return this.#steps.get(idOf(secret))?.has(step) === true;
  }

  /** Resolves when it is on disk. Steps before `oldest` count no more and are forgotten. Throws `unavailable`. */
  async use(secret: TotpSecret, steps: readonly number[], oldest: number): Promise<void> {
    const id = idOf(secret);
    this.#steps.set(id, new Set([...(this.#steps.get(id) ?? []), ...steps]));
    for (const used of this.#steps.values()) for (const step of used) if (step < oldest) used.delete(step);
    await this.#queue.run(() => this.#write());
  }

  async #write(): Promise<void> {
    const used = [...this.#steps].filter(([, steps]) => steps.size > 0);
    const text = JSON.stringify(Object.fromEntries(used.map(([id, steps]) => [id, [...steps]])));
    try {
      await writeDurably(dirname(this.#path), basename(this.#path), text);
    } catch (cause) {
      const message = `${this.#path}, the list of used codes, cannot be written: ${errorText(cause)}`;
      throw new ZonebridgeError('unavailable', message, { cause });
    }
  }
}

function idOf({ key }: TotpSecret): string {
  return createHmac('sha256', key).update('zonebridge: used codes').digest('base64url').slice(0, 22);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
