import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createLog } from '#kernel/index.ts';
import { browserAnswer, CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { MediaStandIn } from '#test/unit/zones/ConferenceStage.ts';
import { createCallRecords } from '#zones/cdr/index.ts';
import type { CallRecords } from '#zones/cdr/contract.ts';
import { Conference } from '#zones/Conference.ts';
import { Door } from '#zones/Door.ts';
import { defaultPolicy, type ZoneConfig } from '#zones/index.ts';
import type { PolicyEngine } from '#zones/policy/contract.ts';
import { createPolicyEngine } from '#zones/policy/index.ts';
import { waitFor } from './waitFor.ts';
import { testServices, testZone } from './zoneServices.ts';

export interface RecheckFigures {
  /** From `changed` to the last decision. */
  readonly tookMs: number;
  /** The longest that a turn of the event loop was late meanwhile; the media's messages wait as long. */
  readonly heldUpMs: number;
}

const everybodyButAt = (room: string): string =>
  `\n@id("not-any-more")\nforbid (principal, action == Action::"stay", resource) when { resource.name == "${room}" };\n`;

/** Rooms full of browsers, with the real policy and the real records behind them, and no media. */
export class PolicyRooms implements AsyncDisposable {
  readonly calls: CallStandIn[] = [];
  readonly #folder: string;
  readonly #file: string;
  readonly #policy: PolicyEngine;
  readonly #records: CallRecords;
  readonly #conferences: readonly Conference[];
  #changes = 0;

  static async fill(rooms: number, people: number): Promise<PolicyRooms> {
    const folder = await mkdtemp(join(tmpdir(), 'zonebridge-recheck-'));
    const file = join(folder, 'policy.cedar');
    await writeFile(file, defaultPolicy('meetme'));
    const names = Array.from({ length: rooms }, (_, index) => `room-${index}`);
    const zone = testZone(
      names.map((name) => ({ name, capacity: people })),
      { policy: { file, recheck_seconds: 300, warning_seconds: 600 } },
    );
    const log = createLog('silent');
    const policy = await createPolicyEngine({ zone, log });
    const records = await createCallRecords({
      config: zone.records,
      zoneName: zone.name,
      dataDir: folder,
      log,
    });
    const filled = new PolicyRooms(folder, file, policy, records, zone);
    await filled.#join(people);
    return filled;
  }

  private constructor(
    folder: string,
    file: string,
    policy: PolicyEngine,
    records: CallRecords,
    zone: ZoneConfig,
  ) {
    this.#folder = folder;
    this.#file = file;
    this.#policy = policy;
    this.#records = records;
    const services = { ...testServices(zone), policy, records };
    this.#conferences = zone.rooms.map(
      (room) =>
        new Conference({
          room,
          services,
          media: new MediaStandIn(),
          log: createLog('silent'),
          observer: { admitted: () => undefined, refused: () => undefined, ended: () => undefined },
          door: new Door(zone.media),
          isDraining: () => false,
          reserveVideo: () => true,
          onOccupied: () => undefined,
          onEmpty: () => undefined,
        }),
    );
  }

  get size(): number {
    return this.#conferences.reduce((people, { size }) => people + size, 0);
  }

  /** Writes a policy that ends the time of those in one room, or of nobody, and waits until all have been decided about. */
  async change(endedRoom?: string): Promise<RecheckFigures> {
    const changed = Promise.withResolvers<RecheckFigures>();
    const listener = (): void => {
      if (this.#changes === change) this.#decideAll().then(changed.resolve, changed.reject);
    };
    const change = ++this.#changes;
    this.#policy.on('changed', listener);
    const text = `${defaultPolicy('meetme')}// ${change}\n${endedRoom === undefined ? '' : everybodyButAt(endedRoom)}`;
    await writeFile(`${this.#file}.new`, text);
    await rename(`${this.#file}.new`, this.#file);
    return changed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#conferences.map((conference) => conference.end({ cause: 'server-stopping' })));
    await this.#policy.close('over');
    await this.#records.close('over');
    await rm(this.#folder, { recursive: true });
  }

  async #decideAll(): Promise<RecheckFigures> {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const beganMs = performance.now();
    delay.enable();
    await Promise.all(this.#conferences.map((conference) => conference.decideAgain()));
    const tookMs = performance.now() - beganMs;
    // What began last may hold up the loop after it.
    await new Promise((resolve) => setTimeout(resolve, 20));
    delay.disable();
    return { tookMs, heldUpMs: delay.max / 1e6 };
  }

  async #join(people: number): Promise<void> {
    for (const [room, conference] of this.#conferences.entries()) {
      const calls = Array.from({ length: people }, (_, index) => {
        const origin = { remoteAddress: `198.51.100.${index % 250}` };
        return new CallStandIn({ name: `P${index}`, room: `room-${room}`, answer: browserAnswer, origin });
      });
      this.calls.push(...calls);
      await Promise.all(calls.map((call) => conference.join(call, true)));
    }
    await waitFor('everybody is in', () => this.size === this.calls.length);
  }
}
