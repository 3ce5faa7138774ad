import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '#kernel/index.ts';
import { testZone } from '#test/support/zoneServices.ts';
import { createPolicyEngine, type PolicyEngine } from '#zones/policy/index.ts';
import type { PolicyServer } from '#zones/policy/server/index.ts';

export const everybody = '@id("everybody") permit (principal, action, resource);\n';

/** A policy engine with a policy file of its own, and what it has told. */
export class PolicyStage implements AsyncDisposable {
  readonly file: string;
  readonly engine: PolicyEngine;
  readonly alarms: string[] = [];
  readonly changes: string[] = [];
  readonly #folder: string;

  /** `more` is of the zone's configuration; of `policy` all but the file. */
  static async open({
    text = everybody,
    policy = {},
    more = {},
    server,
  }: {
    text?: string;
    policy?: object;
    more?: object;
    server?: PolicyServer;
  } = {}): Promise<PolicyStage> {
    const folder = await mkdtemp(join(tmpdir(), 'zonebridge-policy-'));
    const file = join(folder, 'policy.cedar');
    await writeFile(file, text);
    const zone = testZone([{ name: 'welcome' }], { ...more, policy: { file, ...policy } });
    const log = createLog('silent');
    const engine = await createPolicyEngine({ zone, log, ...(server === undefined ? {} : { server }) });
    return new PolicyStage(folder, file, engine);
  }

  private constructor(folder: string, file: string, engine: PolicyEngine) {
    this.#folder = folder;
    this.file = file;
    this.engine = engine;
    engine.on('alarm', (text) => this.alarms.push(text));
    engine.on('changed', (why) => this.changes.push(why));
  }

  /** As editors do: another file takes its place. */
  async replace(text: string): Promise<void> {
    await writeFile(`${this.file}.new`, text);
    await rename(`${this.file}.new`, this.file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close('over');
    await rm(this.#folder, { recursive: true });
  }
}
