import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ZonebridgeError, createLog } from '#kernel/index.ts';
import {
  PortBlock,
  checkFile,
  chooseCoreSipPort,
  configInvalid,
  configSchema,
  embeddedDefault,
  faultText,
  testCertificateFolder,
  type Config,
  type PortOverrides,
} from '../config/index.ts';
import { Program, failedZones } from '../Program.ts';
import { runtimeFiles } from '../runtimeFiles.ts';
import type { ZonePlan } from '../supervisor/index.ts';
import { issueTestCertificates } from '../testCa/index.ts';
import { zonePlans } from '../zonePlans.ts';
import { parsePort } from './parsePort.ts';
import { writePhoneFolders } from './phoneFolders.ts';
import { readyReport } from './readyReport.ts';
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
  const { config, embedded } = await configOf(options, dataDir, resources);
  const log = createLog(config.log_level);
  const files = runtimeFiles(process.env);
  let ca: string | null = null;
  const prepare = async (): Promise<readonly ZonePlan[]> => {
    const plans = await zonePlans({ config, dataDir, files, embedded, log });
    if (embedded) ca = await issueFor(plans, dataDir);
    return plans;
  };
  const program = resources.use(await Program.create({ config, dataDir, files, prepare, log }));
  const stop = whenToldToStop(() => program.kill());
  const outcomes = await Promise.race([program.whenTried(), stop]);
  if (typeof outcomes !== 'string') {
    await reportReady(options, config, outcomes, ca, dataDir);
    await stop;
  }
  await program.close(await stop);
}

async function configOf(
  options: StartOptions,
  dataDir: string,
  resources: AsyncDisposableStack,
): Promise<{ config: Config; embedded: boolean }> {
  const { config: file } = options;
  return file === undefined
    ? { config: await embeddedConfigOf(options, dataDir, resources), embedded: true }
    : { config: await configOfFile(file, options), embedded: false };
}

async function configOfFile(file: string, overrides: PortOverrides): Promise<Config> {
  const { inspectProgram } = runtimeFiles(process.env);
  const { config, faults, warnings } = await checkFile(file, inspectProgram, overrides);
  for (const warning of warnings) process.stderr.write(`warning: ${faultText(warning)}\n`);
  if (config === undefined) throw configInvalid(faults);
  return config;
}

/** The embedded default on ports that are free now; its media ports stay claimed as long as `resources` lives. */
async function embeddedConfigOf(
  { sipPort = 5061, httpsPort = 8443 }: PortOverrides,
  dataDir: string,
  resources: AsyncDisposableStack,
): Promise<Config> {
  const block = resources.use(await PortBlock.claim('127.0.0.1', sipPort));
  const ports = {
    sip: sipPort,
    https: httpsPort,
    coreSip: await chooseCoreSipPort(sipPort, httpsPort),
    media: { core: block.zone(0), meetme: block.zone(1) },
  };
  return configSchema.parse(embeddedDefault(dataDir, ports));
}

function issueFor(plans: readonly ZonePlan[], dataDir: string): Promise<string> {
  const orders = plans.map(({ start: { config }, user }) => ({
    // A zone with a port of its own can be dialled by its address.
    domains: [...new Set([...config.domains, ...config.listen.map(({ address }) => address)])],
    folder: testCertificateFolder(dataDir, config.name),
    ...(user === undefined ? {} : { user }),
  }));
  return issueTestCertificates({ caFolder: resolve(dataDir, 'test-ca'), orders });
}

async function reportReady(
  options: StartOptions,
  config: Config,
  outcomes: ReadonlyMap<string, Error | null>,
  ca: string | null,
  dataDir: string,
): Promise<void> {
  const serving = new Set([...outcomes].flatMap(([name, error]) => (error === null ? [name] : [])));
  const failures = failedZones(outcomes);
  if (serving.size === 0) throw new ZonebridgeError('unavailable', failures.join('\n'));
  const report = readyReport(config, serving, ca);
  if (options.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const phones = ca === null ? undefined : await writePhoneFolders(dataDir);
    process.stdout.write(readyText(report, phones));
    for (const failure of failures) process.stdout.write(`! ${failure}; it is tried again\n`);
  }
}
