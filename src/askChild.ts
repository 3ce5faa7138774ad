import { fork } from 'node:child_process';
import { Ipc } from '#kernel/index.ts';

/**
 * Has one request done in a process of its own that ends with it, so that what it reads (keys) never is in this one.
 * Throws what the request threw, or `timeout`, or `unreachable`.
 */
export async function askChild<T>(
  program: string,
  method: string,
  value: unknown,
  deadlineMs = 30_000,
): Promise<T> {
  const child = fork(program, [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const ipc = new Ipc(child);
  try {
    return await ipc.request<T>(method, value, deadlineMs);
  } finally {
    ipc.close();
    child.kill();
    await exited;
  }
}
