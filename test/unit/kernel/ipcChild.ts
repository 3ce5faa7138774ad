import type { Socket } from 'node:net';
import { Ipc, ZonebridgeError, parentPort } from '#kernel/index.ts';

/** The other end of the tests of Ipc. */
const ipc = new Ipc(parentPort(), {
  double: (value: number) => value * 2,
  reverse: (bytes: Uint8Array) => bytes.toReversed(),
  refuse: () => {
    throw new ZonebridgeError('busy', 'no room');
  },
  uncloneable: () => () => 'a function',
  sleep: () => new Promise(() => undefined),
  exit: () => process.exit(0),
});
ipc.onEvent('greet', (name, handle) => {
  (handle as Socket).end(`hello ${String(name)}`);
});
