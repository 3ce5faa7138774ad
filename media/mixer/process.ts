// Entry of the mixer process: carries messages between the zone host and the audio thread, and dies with either.
import { Worker } from 'node:worker_threads';

process.title = 'zonebridge-mixer';
// Ctrl-C reaches the whole process group. The zone host says goodbye to its calls first, and they are to be heard.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

// Before anything is loaded here, so that both load at once: calls are silent until it runs.
const audio = new Worker(new URL('./audio/thread.ts', import.meta.url));
const { createLog, errorText, parentPort } = await import('#kernel/index.ts');

const [level = 'info'] = process.argv.slice(2);
const log = createLog(level as Parameters<typeof createLog>[0], { part: 'mixer' });
const host = parentPort();

host.on('message', (message) => audio.postMessage(message));
audio.on('message', (message) => {
  if (host.connected) host.send(message as object, undefined, undefined, () => undefined);
});

audio.on('error', (error) => log.error({ error: errorText(error) }, 'the audio thread failed'));
audio.on('exit', () => process.exit(1));
host.on('disconnect', () => process.exit(0));
