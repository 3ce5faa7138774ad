import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ZonebridgeError, createLog, errorText } from '#kernel/index.ts';
import { checkFile, configInvalid, faultText, type Config, type PortOverrides } from '../config/index.ts';
import { exampleOwnerKey, type OwnerKey } from '../ownerKey/index.ts';
import { Program, failedZones } from '../Program.ts';
import { runtimeFiles } from '../runtimeFiles.ts';
import { keepMemoryOutOfCoreDumps, type ZonePlan } from '../supervisor/index.ts';
import { zonePlans } from '../zonePlans.ts';
import { embeddedConfigOf, furnish } from './embeddedStart.ts';
import { parsePort } from './parsePort.ts';
import { writePhoneFolders } from './phoneFolders.ts';
import { readyReport, type MadeFiles } from './readyReport.ts';
import { readyText } from './readyText.ts';
import { whenToldToStop } from './stopSignal.ts';

interface StartOptions extends PortOverrides {
  readonly config?: string;
  readonly data: string;
  readonly json?: boolean;
}

export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('run the server; without --config two example zones with a test CA')
    .option('--config <file>', 'configuration file')
    .option('--data <dir>', 'folder for keys, records and state', 'data')
    .option('--sip-port <port>', 'port for SIP over TLS', parsePort)
    .option('--https-port <port>', 'port for HTTPS', parsePort)
    .option('--json', 'print one line of JSON when ready')
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  const dataDir = resolve(options.data);
  await using resources = new AsyncDisposableStack();
  const { config, ownerKey } = await configOf(options, dataDir, resources);
  const log = createLog(config.log_level);
  const fault = keepMemoryOutOfCoreDumps();
  if (fault !== null) {
    log.warn({ fault: errorText(fault) }, 'a crash may write memory to a core file; start with ulimit -c 0');
  }
  const files = runtimeFiles(process.env);
  let made: MadeFiles = { ca: null, ownerKey: null };
  const prepare = async (): Promise<readonly ZonePlan[]> => {
    const plans = await zonePlans({ config, dataDir, files, embedded: ownerKey !== undefined, log });
    if (ownerKey !== undefined) made = { ca: await furnish(plans, dataDir), ownerKey: ownerKey.file };
    return plans;
  };
  const program = resources.use(await Program.create({ config, dataDir, files, prepare, log }));
  const stop = whenToldToStop(() => program.kill());
  const outcomes = await Promise.race([program.whenTried(), stop]);
  if (typeof outcomes !== 'string') {
    await reportReady(options, config, outcomes, made);
    await stop;
  }
  await program.close(await stop);
}

/** The owner's key is there with the embedded default alone. */
async function configOf(
  options: StartOptions,
  dataDir: string,
  resources: AsyncDisposableStack,
): Promise<{ config: Config; ownerKey?: OwnerKey }> {
  const { config: file } = options;
  if (file !== undefined) return { config: await configOfFile(file, options) };
  const ownerKey = await exampleOwnerKey(dataDir);
  return { config: await embeddedConfigOf(options, dataDir, ownerKey.recipient, resources), ownerKey };
}

async function configOfFile(file: string, overrides: PortOverrides): Promise<Config> {
  const { inspectProgram } = runtimeFiles(process.env);
  const { config, faults, warnings } = await checkFile(file, inspectProgram, overrides);
  for (const warning of warnings) process.stderr.write(`warning: ${faultText(warning)}\n`);
  if (config === undefined) throw configInvalid(faults);
  return config;
}

async function reportReady(
  options: StartOptions,
  config: Config,
  outcomes: ReadonlyMap<string, Error | null>,
  made: MadeFiles,
): Promise<void> {
  const serving = new Set([...outcomes].flatMap(([name, error]) => (error === null ? [name] : [])));
  const failures = failedZones(outcomes);
  if (serving.size === 0) throw new ZonebridgeError('unavailable', failures.join('\n'));
  const report = readyReport(config, serving, made);
  if (options.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const phones = made.ca === null ? undefined : await writePhoneFolders(resolve(options.data));
    process.stdout.write(readyText(report, phones));
    for (const failure of failures) process.stdout.write(`! ${failure}; it is tried again\n`);
  }
}
