import { runCommandLine } from './cli/index.ts';

process.title = 'zonebridge';
process.exitCode = await runCommandLine(process.argv);
