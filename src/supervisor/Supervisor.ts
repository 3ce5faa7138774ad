import type { Socket } from 'node:net';
import { Closable, ZonebridgeError, type Log } from '#kernel/index.ts';
import type { HandedConnection, ZoneStart } from '#zones/index.ts';
import { SupervisedZone, type ZoneState } from './SupervisedZone.ts';
import type { ZoneTiming, ZoneUser } from './ZoneProcess.ts';

export interface ZonePlan {
  readonly start: ZoneStart;
  /** Absent: the supervisor's own. */
  readonly user?: ZoneUser;
}

export interface SupervisorOptions {
  /** File of the program that a zone's process runs. */
  readonly program: string;
  readonly zones: readonly ZonePlan[];
  readonly log: Log;
  readonly timing?: Partial<ZoneTiming>;
}

/** Starts each zone's process and keeps it alive. It knows their names, their health and their exit codes, no more. */
export class Supervisor extends Closable {
  readonly #zones = new Map<string, SupervisedZone>();

  constructor({ program, zones, log, timing = {} }: SupervisorOptions) {
    super();
    for (const plan of zones) {
      const { name } = plan.start.config;
      const options = { program, ...plan, log: log.child({ zone: name }), timing };
      this.#zones.set(name, new SupervisedZone(options));
    }
  }

  /** Resolves once each zone has been tried: with null where it takes calls, with the error where it does not yet. */
  async whenTried(): Promise<ReadonlyMap<string, Error | null>> {
    const outcomes = [...this.#zones].map(
      async ([name, zone]) => [name, (await zone.whenTried) ?? null] as const,
    );
    return new Map(await Promise.all(outcomes));
  }

  state(name: string): ZoneState {
    return this.#zone(name).state;
  }

  /** Of the zone's process as it is now. */
  pid(name: string): number | undefined {
    return this.#zone(name).pid;
  }

  /** False when the zone is down; the socket is still the caller's then. */
  hand(name: string, socket: Socket, connection: HandedConnection): boolean {
    return this.#zone(name).hand(socket, connection);
  }

  /** Throws `not-found`. */
  async drain(name: string): Promise<void> {
    await this.#zone(name).drain();
  }

  /** Ends all processes at once. */
  kill(): void {
    for (const zone of this.#zones.values()) zone.kill();
  }

  /** All at the same time: each may need seconds to say goodbye to its calls. */
  protected async release(reason: string): Promise<void> {
    await Promise.all([...this.#zones.values()].map((zone) => zone.close(reason)));
  }

  #zone(name: string): SupervisedZone {
    const zone = this.#zones.get(name);
    if (zone !== undefined) return zone;
    throw new ZonebridgeError(
      'not-found',
      `no zone ${name}; there are ${[...this.#zones.keys()].join(', ')}`,
    );
  }
}
