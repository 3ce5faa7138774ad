import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Two network namespaces that see each other over one link, 10.77.0.1 and 10.77.0.2, and nothing else. Needs root. */
export class Namespaces implements AsyncDisposable {
  readonly names: readonly [string, string];
  readonly addresses = ['10.77.0.1', '10.77.0.2'] as const;

  static async create(): Promise<Namespaces> {
    const id = randomBytes(3).toString('hex');
    const pair = new Namespaces([`zb-${id}-a`, `zb-${id}-b`]);
    try {
      await pair.#build(id);
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Why this machine cannot have them; undefined when it can. */
  static async missing(): Promise<string | undefined> {
    try {
      const pair = await Namespaces.create();
      await pair[Symbol.asyncDispose]();
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  private constructor(names: readonly [string, string]) {
    this.names = names;
  }

  async #build(id: string): Promise<void> {
    const links = [`zb${id}a`, `zb${id}b`] as const;
    for (const name of this.names) await run('ip', ['netns', 'add', name]);
    await run('ip', ['link', 'add', links[0], 'type', 'veth', 'peer', 'name', links[1]]);
    for (const [index, name] of this.names.entries()) {
      const link = links[index] ?? '';
      await run('ip', ['link', 'set', link, 'netns', name]);
      await run('ip', ['-n', name, 'addr', 'add', `${this.addresses[index] ?? ''}/24`, 'dev', link]);
      for (const device of ['lo', link]) await run('ip', ['-n', name, 'link', 'set', device, 'up']);
    }
  }

  /** The link goes with the namespaces. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.names) await run('ip', ['netns', 'del', name]).catch(() => undefined);
  }
}
