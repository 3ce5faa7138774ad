import { parentPort, workerData } from 'node:worker_threads';
import { errorText } from '#kernel/index.ts';
import { SqliteFile } from './SqliteFile.ts';

export type FileMethod = Exclude<keyof SqliteFile, 'tidy'>;

export interface FileRequest {
  readonly id: number;
  readonly method: FileMethod;
  readonly parameters: readonly unknown[];
}

export type FileReply =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly failure: string };

/** So long without a request is idle time. */
const idleMs = 20;

/** Does what `SqliteStore` asks, one after the other, where blocking holds up nothing else. */
function serve(folder: string): void {
  let file: SqliteFile | undefined;
  let idle: NodeJS.Timeout | undefined;
  parentPort?.on('message', ({ id, method, parameters }: FileRequest) => {
    try {
      file ??= new SqliteFile(folder);
      const work = file[method].bind(file) as (...given: readonly unknown[]) => unknown;
      parentPort?.postMessage({ id, value: work(...parameters) } satisfies FileReply);
    } catch (error) {
      parentPort?.postMessage({ id, failure: errorText(error) } satisfies FileReply);
    }
    clearTimeout(idle);
    if (method === 'append') idle = setTimeout(() => file?.tidy(), idleMs).unref();
    if (method === 'close') parentPort?.close();
  });
}

serve(String(workerData));
