import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { ConfigInput } from '#src/config/index.ts';
import { writeTestConfig } from './testConfig.ts';

export interface PreparedServer {
  readonly dataDir: string;
  readonly sipPort: number;
  readonly httpsPort: number;
  readonly written: { readonly file: string; readonly ca: string };
}

type ZoneInput = ConfigInput['zones'][number];

/** A folder and configuration for `Server.run` with some zones of the embedded default, of which `change` has changed each. */
export async function prepareServer(
  ports: { readonly sipPort: number; readonly httpsPort: number },
  zones: readonly string[],
  change: (zone: ZoneInput) => void,
): Promise<PreparedServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'zonebridge-host-'));
  const written = await writeTestConfig(dataDir, ports, change);
  await changeConfig(written.file, (config) => {
    config.zones = config.zones.filter(({ name }) => zones.includes(name));
  });
  return { dataDir, ...ports, written };
}

export async function changeConfig(file: string, change: (config: ConfigInput) => void): Promise<void> {
  const config = parse(await readFile(file, 'utf8')) as ConfigInput;
  change(config);
  await writeFile(file, stringify(config));
}
