import { stat } from 'node:fs/promises';
import { ZonebridgeError, type Log } from '#kernel/index.ts';
import { namedFiles, type Config } from './config/index.ts';
import type { RuntimeFiles } from './runtimeFiles.ts';
import { accessFault, prepareZoneFolders, type ZonePlan, type ZoneUser } from './supervisor/index.ts';
import { zoneAddresses } from './zoneAddresses.ts';

export interface ZonePlansOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly files: RuntimeFiles;
  /** On the embedded default zones that cannot have users of their own run as the present one; else that is an error. */
  readonly embedded: boolean;
  readonly log: Log;
}

/** Anybody but root. */
const stranger: ZoneUser = { uid: 65_533, gid: 65_533 };

/** Makes the zones' folders and says what each zone's process is started with, and as whom. */
export async function zonePlans(options: ZonePlansOptions): Promise<readonly ZonePlan[]> {
  const { config, dataDir, files, embedded } = options;
  const names = config.zones.map(({ name }) => name);
  const folders = await prepareZoneFolders(dataDir, names, await useOwnUsers(options));
  const plans: ZonePlan[] = [];
  const faults: string[] = [];
  for (const zone of config.zones) {
    const folder = folders.get(zone.name);
    if (folder === undefined) throw new ZonebridgeError('internal', `no folder for zone ${zone.name}`);
    if (folder.user !== undefined && !embedded) faults.push(...(await unreadable(zone, folder.user)));
    const { mediasoupWorker, webRoot, prompts } = files;
    const addresses = zoneAddresses(config, zone);
    const start = { config: zone, dataDir: folder.path, mediasoupWorker, webRoot, prompts, addresses };
    plans.push(folder.user === undefined ? { start } : { start, user: folder.user });
  }
  if (faults.length > 0) throw new ZonebridgeError('unavailable', faults.join('\n'));
  return plans;
}

/** Its own user must be able to read what the zone is started with, and the supervisor must not read it to find out. */
async function unreadable(zone: Config['zones'][number], user: ZoneUser): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { file } of namedFiles(zone)) {
    const fault = await accessFault(file, 'read', user);
    if (fault === null) continue;
    faults.push(
      `zone ${zone.name} runs as user ${user.uid} and cannot read ${file}: ${fault}. ` +
        `Give the file to that user (chown ${user.uid}) and let it pass the folders above, or set zone_user: same`,
    );
  }
  return faults;
}

async function useOwnUsers({ config, dataDir, files, embedded, log }: ZonePlansOptions): Promise<boolean> {
  if (config.zone_user === 'same' || process.getuid?.() !== 0) return false;
  const fault = await strangersFault(dataDir, files);
  if (fault === null) return true;
  if (!embedded) {
    throw new ZonebridgeError(
      'unavailable',
      `zones cannot have users of their own: ${fault}. ` +
        'Move the checkout and the data folder to where every user may go, such as /opt, or set zone_user: same',
    );
  }
  log.warn({ fault }, 'zones run as root, because users of their own could not read the program');
  return false;
}

/** Why a user without rights could not run a zone; null when he could. The data folder itself is opened for passing. */
async function strangersFault(dataDir: string, files: RuntimeFiles): Promise<string | null> {
  const wanted = [
    [files.zoneProgram, 'read'],
    [process.execPath, 'execute'],
    [files.mediasoupWorker, 'execute'],
    [files.webRoot, 'execute'],
  ] as const;
  for (const [path, access] of wanted) {
    if (!(await exists(path))) continue;
    const fault = await accessFault(path, access, stranger);
    if (fault !== null) return fault;
  }
  return accessFault(dataDir, 'parents', stranger);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
