import type { MessagePort } from 'node:worker_threads';
import type { IpcPort } from '#kernel/index.ts';

/**
 * A thread's message port as the kernel's `Ipc` knows process channels. It never closes before the thread ends, so
 * there is nothing to disconnect.
 */
export function threadPort(port: MessagePort): IpcPort {
  const adapter = {
    connected: true,
    send(message: unknown): boolean {
      port.postMessage(message);
      return true;
    },
    on(event: string, listener: (value: unknown) => void) {
      if (event === 'message') port.on('message', listener);
      return adapter;
    },
    off(event: string, listener: (value: unknown) => void) {
      if (event === 'message') port.off('message', listener);
      return adapter;
    },
  };
  return adapter as unknown as IpcPort;
}
