import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ZonebridgeError, createLog } from '#kernel/index.ts';
import { furnish } from '../cli/embeddedStart.ts';
import { PortBlock, configSchema, type Config } from '../config/index.ts';
import { exampleOwnerKey } from '../ownerKey/index.ts';
import { runtimeFiles } from '../runtimeFiles.ts';
import { issueTestCertificates } from '../testCa/index.ts';
import { zonePlans } from '../zonePlans.ts';
import {
  farEndDomain,
  leakConfig,
  zoneNames,
  type LeakChoices,
  type LeakPorts,
  type ZoneName,
} from './leakConfig.ts';
import { ServerProcess } from './ServerProcess.ts';

const loopback = '127.0.0.1';
const yearMs = 365 * 86_400_000;

/** Below the folder that a run is given. */
export interface LeakFolders {
  /** The server's data folder. */
  readonly data: string;
  /** The server's temporary files. */
  readonly temporary: string;
  /** Certificate and key of the far end. */
  readonly farEnd: string;
}

/** The server that is tried: three zones on free ports, in a folder of its own, with a test CA and an owner's key. */
export class LeakServer implements AsyncDisposable {
  readonly folders: LeakFolders;
  readonly process: ServerProcess;
  readonly config: Config;
  /** PEM file. */
  readonly caFile: string;
  readonly ownerKeyFile: string;
  readonly #resources: AsyncDisposableStack;

  static async start(folder: string, choices: LeakChoices): Promise<LeakServer> {
    await using stack = new AsyncDisposableStack();
    const folders = {
      data: join(folder, 'data'),
      temporary: join(folder, 'temporary'),
      farEnd: join(folder, 'far-end'),
    };
    // Zones with users of their own must get through to their part of it.
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o711);
    for (const path of Object.values(folders)) await mkdir(path, { recursive: true, mode: 0o711 });
    const owner = await exampleOwnerKey(folders.data);
    const ports = await claimPorts(stack);
    const reviewBy = new Date(Date.now() + yearMs).toISOString().slice(0, 10);
    const input = await leakConfig(folders.data, ports, { ...owner, reviewBy }, choices);
    const { config, caFile } = await furnished(configSchema.parse(input), folders);
    const configFile = join(folder, 'zonebridge.yaml');
    await writeFile(configFile, stringify({ ...input, zone_user: config.zone_user }));
    const server = stack.use(
      await ServerProcess.start({ configFile, dataDir: folders.data, temporaryDir: folders.temporary }),
    );
    const { zones } = server.ready;
    if (zones.length < zoneNames.length) {
      throw new ZonebridgeError('unavailable', `not all zones started: ${server.written.toString()}`);
    }
    return new LeakServer(
      { folders, process: server, config, caFile, ownerKeyFile: owner.file },
      stack.move(),
    );
  }

  private constructor(
    parts: Pick<LeakServer, 'folders' | 'process' | 'config' | 'caFile' | 'ownerKeyFile'>,
    resources: AsyncDisposableStack,
  ) {
    this.folders = parts.folders;
    this.process = parts.process;
    this.config = parts.config;
    this.caFile = parts.caFile;
    this.ownerKeyFile = parts.ownerKeyFile;
    this.#resources = resources;
  }

  /** The data folder of a zone. */
  zoneFolder(zone: ZoneName): string {
    return join(this.folders.data, 'zones', zone);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

async function claimPorts(resources: AsyncDisposableStack): Promise<LeakPorts> {
  const [sip, https, coreSip] = await freePorts(3);
  if (sip === undefined || https === undefined || coreSip === undefined) {
    throw new ZonebridgeError('unavailable', 'no free TCP ports on 127.0.0.1');
  }
  const ours = resources.use(await PortBlock.claim(loopback, sip));
  const theirs = resources.use(await PortBlock.claim(loopback, sip + 1));
  const media = { core: ours.zone(0), meetme: ours.zone(1), partner: theirs.zone(0) };
  return { sip, https, coreSip, media };
}

/** Held open together, so that none is given twice. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, loopback, resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === 'object') ports.push(address.port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}

/** Policies and certificates, each for the user of its zone, as the embedded default has them. */
async function furnished(
  config: Config,
  { data, farEnd }: LeakFolders,
): Promise<{ config: Config; caFile: string }> {
  const log = createLog('error');
  const files = runtimeFiles(process.env);
  const plans = await zonePlans({ config, dataDir: data, files, embedded: true, log });
  const caFile = await furnish(plans, data);
  await issueTestCertificates({
    caFolder: join(data, 'test-ca'),
    orders: [{ domains: [farEndDomain], folder: farEnd }],
  });
  const own = plans.every(({ user }) => user !== undefined);
  return { config: { ...config, zone_user: own ? 'own' : 'same' }, caFile };
}
