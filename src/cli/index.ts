import { Command, CommanderError } from 'commander';
import { errorCodeOf, errorText } from '#kernel/index.ts';
import { addCdrCommands } from './cdr.ts';
import { addCheckCommand } from './check.ts';
import { addDigestUserCommands } from './digestUser.ts';
import { addHashPinCommand } from './hashPin.ts';
import { addLeakTestCommand } from './leakTest.ts';
import { addPolicyCommands } from './policy.ts';
import { addStartCommand } from './start.ts';
import { addVersionCommand } from './version.ts';
import { addZoneCommands } from './zone.ts';

const exitCodes = { ok: 0, failed: 1, wrongUsageOrConfig: 2 } as const;

const examples = `
Examples:
  zonebridge start                                    two example zones and a test CA, on loopback addresses
  zonebridge start --config zonebridge.yaml --data /var/lib/zonebridge
  zonebridge start --json --sip-port 6061 --https-port 9443 --data /tmp/second
  zonebridge check zonebridge.yaml                    every fault, with line and column
  zonebridge zone add partner --config zonebridge.yaml --domain partner.example.org \\
    --owner security@example.org --review-by 2026-12-31 --recipient age1…
  zonebridge check zonebridge.yaml --graph            who can reach whom, drawn; --graph=mermaid for documents
  zonebridge hash-pin                                 what a file holds of a room's PIN
  zonebridge digest-user add ann --zone meet --config zonebridge.yaml
  zonebridge zone list --config zonebridge.yaml
  zonebridge zone drain partner --data /var/lib/zonebridge
  zonebridge zone metrics partner --data /var/lib/zonebridge
  zonebridge cdr verify --zone partner --data /var/lib/zonebridge
  zonebridge cdr open --zone partner --identity owner.txt --format csv
  zonebridge policy explain --zone partner --room welcome --from sips:ann@acme.example --partner acme
  zonebridge policy test cases.yaml --config zonebridge.yaml
  zonebridge leak-test                                does anything of a call get out of its zone?
  zonebridge zone picture partner welcome --out now.jpg --data /var/lib/zonebridge

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 130 stopped by a second Ctrl-C`;

/** Runs one command and returns the program's exit code. `argv` is that of the process. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const program = new Command('zonebridge')
    .description('A self-hosted conferencing server whose zones keep a meeting’s data with its owner')
    .addHelpText('after', examples)
    .exitOverride()
    .showHelpAfterError('(see zonebridge --help)');
  addStartCommand(program);
  addCheckCommand(program);
  addZoneCommands(program);
  addHashPinCommand(program);
  addDigestUserCommands(program);
  addCdrCommands(program);
  let exitCode: number = exitCodes.ok;
  addLeakTestCommand(program, (code) => (exitCode = code));
  addPolicyCommands(program, (code) => (exitCode = code));
  addVersionCommand(program);
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.wrongUsageOrConfig;
    }
    process.stderr.write(`${errorText(error)}\n`);
    if (errorCodeOf(error) === 'config-invalid') return exitCodes.wrongUsageOrConfig;
    return Math.max(exitCode, exitCodes.failed);
  }
}
