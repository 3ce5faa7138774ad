import { Option, type Command } from 'commander';
import {
  checkFile,
  configInvalid,
  faultText,
  graphMermaid,
  graphText,
  type ZoneGraph,
} from '../config/index.ts';
import { runtimeFiles } from '../runtimeFiles.ts';

export const defaultConfigFile = 'zonebridge.yaml';

export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('say all that is wrong in a configuration file, with line and column')
    .argument('[file]', 'configuration file', defaultConfigFile)
    .addOption(
      new Option('--graph [form]', 'draw who can reach whom, also when there are faults')
        .choices(['terminal', 'mermaid', 'both'])
        .preset('both'),
    )
    .action(check);
}

type GraphForm = 'terminal' | 'mermaid' | 'both';

async function check(file: string, { graph: form }: { readonly graph?: GraphForm }): Promise<void> {
  const { config, faults, graph, warnings } = await checkFile(file, runtimeFiles(process.env).inspectProgram);
  for (const warning of warnings) process.stderr.write(`warning: ${faultText(warning)}\n`);
  if (form !== undefined) process.stdout.write(drawn(graph, form));
  if (config === undefined) throw configInvalid(faults);
  if (form !== undefined) return;
  process.stdout.write(`${file} is valid: ${config.zones.map(({ name }) => name).join(', ')}\n`);
}

function drawn(graph: ZoneGraph, form: GraphForm): string {
  const drawings = [
    ...(form === 'mermaid' ? [] : [graphText(graph)]),
    ...(form === 'terminal' ? [] : [graphMermaid(graph)]),
  ];
  return drawings.join('\n');
}
