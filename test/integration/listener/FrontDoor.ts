import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connect as tlsConnect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { createLog } from '#kernel/index.ts';
import { configSchema, type ConfigInput } from '#src/config/index.ts';
import { Program } from '#src/Program.ts';
import type { ZoneTiming } from '#src/supervisor/index.ts';
import { issueTestCertificates } from '#src/testCa/index.ts';
import { zonePlans } from '#src/zonePlans.ts';
import { governance } from '#test/support/governance.ts';
import { freePort } from '#test/support/ports.ts';

/** What the stand-in for a zone says to whom it meets. */
export interface Greeting {
  readonly name: string;
  readonly state: string;
  readonly remote: { readonly address: string; readonly port: number };
  readonly protocol: 'sip' | 'https';
  readonly pid: number;
  readonly uid: number;
  readonly tls: { readonly group: string; readonly serverName?: string };
}

export interface FrontDoorPorts {
  readonly sip: number;
  readonly https: number;
  /** Of zone `own` alone. */
  readonly own: number;
}

/** Listener and supervisor with two stand-ins for zones: `own` with a port of its own, and `shared`, the default. */
export class FrontDoor implements AsyncDisposable {
  readonly program: Program;
  readonly ports: FrontDoorPorts;
  readonly dataDir: string;
  readonly #ca: string;
  readonly #sockets = new Set<Socket>();

  static async open(
    change: (config: ConfigInput) => ConfigInput = (config) => config,
    timing: Partial<ZoneTiming> = {},
  ): Promise<FrontDoor> {
    const dataDir = await mkdtemp(join(tmpdir(), 'zonebridge-door-'));
    const ports = { sip: await freePort(), https: await freePort(), own: await freePort() };
    const config = configSchema.parse(change(configInput(dataDir, ports)));
    const log = createLog('silent');
    const files = {
      zoneProgram: fileURLToPath(new URL('./zoneStandIn.ts', import.meta.url)),
      inspectProgram: '',
      mediasoupWorker: '',
      webRoot: '',
      prompts: '',
    };
    let ca = '';
    const program = await Program.create({
      config,
      dataDir,
      files,
      log,
      timing,
      prepare: async () => {
        const plans = await zonePlans({ config, dataDir, files, embedded: true, log });
        const orders = plans.map(({ start, user }) => ({
          domains: start.config.domains,
          folder: join(start.dataDir, 'tls'),
          ...(user === undefined ? {} : { user }),
        }));
        ca = await issueTestCertificates({ caFolder: join(dataDir, 'ca'), orders });
        return plans;
      },
    }).catch(async (error: unknown) => {
      await rm(dataDir, { recursive: true });
      throw error;
    });
    await program.whenTried();
    return new FrontDoor(program, ports, dataDir, await readFile(ca, 'utf8'));
  }

  private constructor(program: Program, ports: FrontDoorPorts, dataDir: string, ca: string) {
    this.program = program;
    this.ports = ports;
    this.dataDir = dataDir;
    this.#ca = ca;
  }

  /** A connection without TLS. */
  raw(port: number): Socket {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    this.#sockets.add(socket);
    return socket;
  }

  tls(port: number, options: ConnectionOptions = {}): TLSSocket {
    const socket = tlsConnect({
      host: '127.0.0.1',
      port,
      ca: this.#ca,
      checkServerIdentity: () => undefined,
      ...options,
    });
    socket.on('error', () => undefined);
    this.#sockets.add(socket);
    return socket;
  }

  /** Who answers there; fails with what the client is told. */
  async greeting(port: number, options: ConnectionOptions = {}): Promise<Greeting & { socket: TLSSocket }> {
    const socket = this.tls(port, options);
    const [line] = (await once(socket, 'data')) as [Buffer];
    return { ...(JSON.parse(line.toString()) as Greeting), socket };
  }

  /** All that comes back for these bytes until the connection is closed. */
  async answerTo(port: number, bytes: string | Buffer): Promise<Buffer> {
    const socket = this.raw(port);
    socket.write(bytes);
    return buffer(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.program.close('test over');
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

function configInput(dataDir: string, ports: FrontDoorPorts): ConfigInput {
  const zone = (name: string): Omit<ConfigInput['zones'][number], 'domains'> => ({
    name,
    kind: 'meetme',
    ...governance,
    tls: {
      certificate: join(dataDir, 'zones', name, 'tls', 'certificate.pem'),
      key: join(dataDir, 'zones', name, 'tls', 'key.pem'),
    },
    media: { address: '127.0.0.1', ports: { min: 20_000, max: 20_100 }, webrtc_port: 20_200 },
    rooms: [{ name: 'welcome' }],
  });
  return {
    listener: { addresses: ['127.0.0.1'], sip_port: ports.sip, https_port: ports.https },
    zones: [
      {
        ...zone('own'),
        domains: ['own.localhost'],
        listen: [{ protocol: 'sip', address: '127.0.0.1', port: ports.own }],
      },
      { ...zone('shared'), domains: ['shared.localhost', '127.0.0.1'], default: true },
    ],
  };
}
