import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Closable, errorText, type Log } from '#kernel/index.ts';
import type { Config } from './config/index.ts';
import { Listener, type ListenPort, type ZoneRoute } from './listener/index.ts';
import type { RuntimeFiles } from './runtimeFiles.ts';
import { ControlSocket, Supervisor, type ZonePlan, type ZoneTiming } from './supervisor/index.ts';

export interface ProgramOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly files: RuntimeFiles;
  /** Called when the data folder is ours, before any zone starts. */
  readonly prepare: () => Promise<readonly ZonePlan[]>;
  readonly log: Log;
  readonly timing?: Partial<ZoneTiming>;
}

export function controlSocketPath(dataDir: string): string {
  return join(dataDir, 'control.sock');
}

/** All of it at work: the listener in front, the supervisor behind it, and the way in for commands. */
export class Program extends Closable {
  readonly #log: Log;
  #supervisor: Supervisor | undefined;

  /** Resolves when every zone has been tried once. Throws when a port cannot be opened, or the data folder is in use. */
  static async create(options: ProgramOptions): Promise<Program> {
    await using stack = new AsyncDisposableStack();
    const program = stack.use(new Program(options.log));
    await program.#start(options);
    stack.move();
    return program;
  }

  private constructor(log: Log) {
    super();
    this.#log = log;
  }

  /** By zone: null where it takes calls, else why it does not yet. */
  async whenTried(): Promise<ReadonlyMap<string, Error | null>> {
    return (await this.#supervisor?.whenTried()) ?? new Map();
  }

  /** Ends everything at once. */
  kill(): void {
    this.#supervisor?.kill();
  }

  protected release(reason: string): void {
    this.#log.info({ reason }, 'stopped');
  }

  async #start({ config, dataDir, files, prepare, timing = {} }: ProgramOptions): Promise<void> {
    const log = this.#log;
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    const control = await ControlSocket.create(
      controlSocketPath(dataDir),
      async ({ zone }) => {
        await this.#supervisor?.drain(zone);
      },
      log.child({ part: 'control' }),
    );
    this.own(control);
    const zones = await prepare();
    const routes = new Map(config.zones.map((zone) => [zone.name, this.#route(zone)]));
    // Before the zones, because a port that is taken is the likeliest fault, and after them in closing.
    const listener = await Listener.create(
      [...routes.values()],
      listenPorts(config, routes),
      listenerLimits(config),
      log.child({ part: 'listener' }),
    );
    this.#supervisor = this.own(new Supervisor({ program: files.zoneProgram, zones, log, timing }));
    this.own(listener);
  }

  #route({
    name,
    domains,
    default: isDefault,
    proxy_protocol: proxyProtocol,
  }: Config['zones'][number]): ZoneRoute {
    return {
      domains,
      isDefault,
      proxyProtocol,
      hand: (socket, connection) => this.#supervisor?.hand(name, socket, connection) ?? false,
    };
  }
}

function listenPorts({ listener, zones }: Config, routes: ReadonlyMap<string, ZoneRoute>): ListenPort[] {
  const shared = listener.addresses.flatMap((address): ListenPort[] => [
    { protocol: 'sip', address, port: listener.sip_port },
    { protocol: 'https', address, port: listener.https_port },
  ]);
  const own = zones.flatMap(({ name, listen }) => {
    const zone = routes.get(name);
    return zone === undefined ? [] : listen.map((port): ListenPort => ({ ...port, zone }));
  });
  return [...shared, ...own];
}

function listenerLimits({ listener: { limits } }: Config): Parameters<typeof Listener.create>[2] {
  return {
    maxOpenings: limits.max_openings,
    maxOpeningsPerSource: limits.max_openings_per_source,
    maxOpeningBytes: limits.max_opening_bytes,
    openingTimeoutMs: limits.opening_timeout_ms,
  };
}

/** What became of the zones at the start, in words. */
export function failedZones(outcomes: ReadonlyMap<string, Error | null>): readonly string[] {
  return [...outcomes].flatMap(([name, error]) =>
    error === null ? [] : [`zone ${name} could not be started: ${errorText(error)}`],
  );
}
