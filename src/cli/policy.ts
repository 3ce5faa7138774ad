import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { ZonebridgeError } from '#kernel/index.ts';
import {
  askedSchema,
  explain,
  keptDecision,
  keptRequest,
  openDecision,
  openRecords,
  pinKinds,
  replay,
  requestOf,
} from '#zones/index.ts';
import { defaultConfigFile } from './check.ts';
import { explanationText, replayText } from './policyText.ts';
import { loadRules, shownBy } from './policyRules.ts';
import { testPolicies } from './policyTest.ts';

interface Where {
  readonly config: string;
  readonly zone: string;
}

type SetExitCode = (code: 0 | 1 | 2) => void;

/** Who would get in, and why; nothing of it needs a running zone, and no policy server is asked. */
export function addPolicyCommands(program: Command, setExitCode: SetExitCode): void {
  const policy = program.command('policy').description('explain, test and replay decisions of a zone');
  // 1 is an answer, so what cannot be answered is another, whatever stands in the way.
  policy.hook('preAction', () => setExitCode(2));
  const command = (name: string, description: string): Command =>
    policy
      .command(name)
      .description(description)
      .option('--config <file>', 'configuration file', defaultConfigFile);
  addExplain(command, setExitCode);
  command('test', 'decide a table of cases, and compare; exits with 1 when one is not as it should be')
    .argument('<file>', 'YAML: cases, each with name, zone, room, from, at and expect (docs/policy.md)')
    .action(async (file: string, { config }: Where) => setExitCode(await testPolicies(file, config)));
  command('replay', 'decide again what a record tells of; exits with 1 when the answer is another')
    .argument('<decision>', 'id of the decision, as the record has it')
    .requiredOption('--zone <name>')
    .requiredOption('--identity <file>', 'age identity of the owner')
    .option('--data <dir>', 'data folder of the server', 'data')
    .action(async (id: string, options: ReplayOptions) => setExitCode(await replayDecision(id, options)));
}

function addExplain(command: (name: string, description: string) => Command, setExitCode: SetExitCode): void {
  command(
    'explain',
    'decide about somebody, and say what decided and what would be needed; exits with 1 for a no',
  )
    .requiredOption('--zone <name>')
    .requiredOption('--room <name>')
    .requiredOption(
      '--from <uri>',
      'who calls, such as sips:ann@acme.example; with --action dial who is called',
    )
    .option('--name <text>', 'as he names himself')
    .option('--source <address>', 'where he calls from; default: somewhere outside of the zone’s networks')
    .option('--at <time>', 'such as 2026-12-01T10:00:00Z; default: now')
    .addOption(new Option('--action <action>').choices(['join', 'stay', 'dial']).default('join'))
    .addOption(new Option('--protocol <protocol>').choices(['sip', 'web']).default('sip'))
    .option('--certificate <file>', 'PEM file of the client certificate')
    .option('--partner <name>', 'as if with a certificate of this partner')
    .option('--person <subject>', 'as if logged in as this')
    .option('--group <name>', 'of the person; repeatable', each)
    .addOption(new Option('--pin <kind>', 'what he has shown; repeatable').choices(pinKinds).argParser(each))
    .option('--device <class>', 'such as room-system')
    .option('--backend <kind>', 'what stands behind: endpoint, focus, gateway, unknown')
    .option('--json', 'for programs')
    .action(async (options: ExplainOptions) => setExitCode(await explainCaller(options)));
}

/** A commander argument parser for an option that may be given more than once. */
function each(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

interface ExplainOptions extends Where {
  readonly at?: string;
  readonly group?: readonly string[];
  readonly pin?: readonly string[];
  readonly json?: true;
}

async function explainCaller({
  config,
  zone,
  at,
  group,
  pin,
  json,
  ...rest
}: ExplainOptions): Promise<0 | 1> {
  const asked = askedSchema.safeParse({
    ...rest,
    at: at ?? new Date().toISOString(),
    ...(group === undefined ? {} : { groups: group }),
    ...(pin === undefined ? {} : { pins: pin }),
  });
  if (!asked.success) {
    const faults = asked.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`);
    throw new ZonebridgeError('config-invalid', faults.join('\n'));
  }
  const rules = await loadRules(config, zone);
  const request = requestOf(rules, asked.data, await shownBy(rules, asked.data));
  const explanation = explain(rules, request);
  process.stdout.write(
    json === true ? `${JSON.stringify(explanation, null, 2)}\n` : explanationText(explanation),
  );
  return explanation.decision.effect === 'allow' ? 0 : 1;
}

interface ReplayOptions extends Where {
  readonly data: string;
  readonly identity: string;
}

async function replayDecision(id: string, { config, zone, data, identity }: ReplayOptions): Promise<0 | 1> {
  const rules = await loadRules(config, zone);
  const { postgres_url_file: postgresUrlFile } = rules.rules.zone.records;
  const dataDir = join(resolve(data), 'zones', zone);
  const place = postgresUrlFile === undefined ? dataDir : { dataDir, postgresUrlFile };
  const key = await readFile(identity, 'utf8');
  const request = keptRequest(await openDecision(place, key, id));
  const then = keptDecision(await openRecords(place, key), id);
  const again = replay(rules, request, then);
  process.stdout.write(replayText(again));
  return again.same ? 0 : 1;
}
