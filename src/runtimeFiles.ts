import { fileURLToPath } from 'node:url';

/** Where the parts of this checkout are that a zone's process needs. */
export interface RuntimeFiles {
  readonly zoneProgram: string;
  readonly inspectProgram: string;
  readonly mediasoupWorker: string;
  readonly webRoot: string;
  readonly prompts: string;
}

export function runtimeFiles(environment: NodeJS.ProcessEnv): RuntimeFiles {
  return {
    zoneProgram: fileURLToPath(import.meta.resolve('#zones/host.ts')),
    inspectProgram: fileURLToPath(import.meta.resolve('#zones/inspectProgram.ts')),
    mediasoupWorker: environment.MEDIASOUP_WORKER_BIN ?? inCheckout('build/mediasoup-worker'),
    webRoot: inCheckout('build/web'),
    prompts: inCheckout('build/prompts'),
  };
}

function inCheckout(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
