import type { IpcPort } from '#kernel/index.ts';

/** Either end of a thread's messages: a `Worker` as its owner sees it, or `parentPort` inside it. */
export interface ThreadMessages {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/**
 * A thread's message port as the kernel's `Ipc` knows process channels. It never closes before the thread ends, so
 * there is nothing to disconnect.
 */
export function threadPort(port: ThreadMessages): IpcPort {
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
