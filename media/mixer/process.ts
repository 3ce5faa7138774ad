// Entry of the mixer process: carries messages between the zone host and the audio thread, and dies with either.
import { Worker } from 'node:worker_threads';
import { createLog, errorText, parentPort, type LogLevel } from '#kernel/index.ts';

const [level = 'info'] = process.argv.slice(2);
const log = createLog(level as LogLevel, { part: 'mixer' });
const host = parentPort();
const audio = new Worker(new URL('./audio/thread.ts', import.meta.url));

host.on('message', (message) => audio.postMessage(message));
audio.on('message', (message) => {
  if (host.connected) host.send(message as object, undefined, undefined, () => undefined);
});

audio.on('error', (error) => log.error({ error: errorText(error) }, 'the audio thread failed'));
audio.on('exit', () => process.exit(1));
host.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group. The zone host says goodbye to its calls first, and they are to be heard.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
