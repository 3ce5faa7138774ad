import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ZonebridgeError, errorText } from '#kernel/index.ts';
import { runLeakTest, type LeakReport } from '../leakTest/index.ts';

interface LeakTestFlags {
  readonly data?: string;
  readonly keep?: boolean;
  readonly json?: boolean;
  readonly short?: boolean;
}

const exitCodes = { 'no leak': 0, leak: 1, 'could not tell': 2 } as const satisfies Record<
  LeakReport['outcome'],
  number
>;

/** `setExitCode`: 0 nothing leaked, 1 something did, 2 it could not be told. */
export function addLeakTestCommand(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('leak-test')
    .description(
      'start zones of its own, call them with markers in every field, and look where these turn up',
    )
    .option('--data <dir>', 'folder for the run, which must be empty (default: a temporary one)')
    .option('--keep', 'leave the folder when done')
    .option('--short', 'without pictures and without a crash')
    .option('--json', 'print the report as one line of JSON')
    .addHelpText('after', '\nExit codes: 0 nothing leaked, 1 something did, 2 it could not be told')
    .action(async (flags: LeakTestFlags) => {
      setExitCode(await leakTest(flags));
    });
}

async function leakTest({ data, keep, json, short }: LeakTestFlags): Promise<number> {
  const say = (what: string): void => void process.stderr.write(`${what} ...\n`);
  try {
    const folder = await freshFolder(data);
    stopWhenTold(folder);
    try {
      const report = await runLeakTest({ folder, short: short === true, say });
      process.stdout.write(json === true ? `${JSON.stringify(report)}\n` : leakText(report));
      return exitCodes[report.outcome];
    } finally {
      if (keep === true) process.stderr.write(`all that was made is in ${folder}\n`);
      else await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    process.stderr.write(`the leak test could not be done: ${errorText(error)}\n`);
    return exitCodes['could not tell'];
  }
}

/** The server goes with this process; what the run has made stays. */
function stopWhenTold(folder: string): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.stderr.write(`stopped by ${signal}; all that was made is in ${folder}\n`);
      process.exit(exitCodes['could not tell']);
    });
  }
}

async function freshFolder(data: string | undefined): Promise<string> {
  if (data === undefined) return mkdtemp(join(tmpdir(), 'zonebridge-leak-'));
  const folder = resolve(data);
  const present = await readdir(folder).catch(() => []);
  if (present.length === 0) return folder;
  throw new ZonebridgeError(
    'invalid-argument',
    `${folder} is not empty; name a folder that is not there yet`,
  );
}

function leakText(report: LeakReport): string {
  const { searchedBytes: bytes } = report;
  const size = (count: number): string =>
    count < 1e6 ? `${Math.ceil(count / 1e3)} kB` : `${Math.round(count / 1e6)} MB`;
  const searched = Object.entries(bytes).map(([kind, count]) => `${kind} ${size(count)}`);
  return [
    report.table,
    '-: not found. x: found where it has to be, with the caller’s own zone or himself. allowed: as docs/leak-test.md tells.',
    `${report.markers} markers in ${report.fields} fields; searched: ${searched.join(', ')}.`,
    `Memory of ${report.processes.length} processes: ${report.processes.join(', ')}.`,
    report.coreDumps.length === 0
      ? 'A core dump of any of them would have no memory in it.'
      : `A crash would write the memory of these to a file (docs/leak-test.md tells how to prevent it): ${report.coreDumps.join(', ')}.`,
    ...report.leaks.map(({ field, caller, form, place }) => `LEAK: ${field} of ${caller}, ${form}: ${place}`),
    ...report.blindSpots.map((what) => `NOT FOUND, though it is there: ${what}`),
    `Result: ${report.outcome}.`,
    '',
  ].join('\n');
}
