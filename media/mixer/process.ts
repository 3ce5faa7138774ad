// Entry of the mixer process: starts its threads, carries messages between them and the zone host, and dies with any of them.
import { Worker } from 'node:worker_threads';

process.title = 'zonebridge-mixer';
// Ctrl-C reaches the whole process group. The zone host says goodbye to its calls first, and they are to be heard.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

// Before anything is loaded here, so that both load at once: calls are silent until it runs.
const audio = new Worker(new URL('./audio/thread.ts', import.meta.url));
const { createLog, errorText, parentPort } = await import('#kernel/index.ts');
const { MixerThreads } = await import('./MixerThreads.ts');

const [level = 'info'] = process.argv.slice(2);
const log = createLog(level as Parameters<typeof createLog>[0], { part: 'mixer' });
const host = parentPort();

function endWith(name: string, thread: Worker): void {
  thread.on('error', (error) => log.error({ error: errorText(error) }, `the ${name} thread failed`));
  thread.on('exit', () => process.exit(1));
}

/** Frames leave little garbage; without a limit V8 gives the little there is ever more room. */
const resourceLimits = { maxYoungGenerationSizeMb: 16 };

function startVideoThread(): Worker {
  const thread = new Worker(new URL('./video/thread.ts', import.meta.url), { resourceLimits });
  endWith('video', thread);
  return thread;
}

endWith('audio', audio);
new MixerThreads(host, audio, startVideoThread);
host.on('disconnect', () => process.exit(0));
