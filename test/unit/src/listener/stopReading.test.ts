import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { stopReading } from '#src/listener/stopReading.ts';

/** A server's socket that has read `first`, and the client that sent it. */
async function pair(
  afterFirst: (socket: Socket) => void,
): Promise<{ server: Socket; client: Socket } & AsyncDisposable> {
  const listener = createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const client = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
  const [server] = (await once(listener, 'connection')) as [Socket];
  client.write('first');
  await once(server, 'data');
  afterFirst(server);
  client.write('second');
  // Turns of the event loop: by then the second write has arrived, if anybody reads.
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const close = async (): Promise<void> => {
    client.destroy();
    server.destroy();
    listener.close();
    await once(listener, 'close');
  };
  return { server, client, [Symbol.asyncDispose]: close };
}

test('a socket that is to be handed over takes no byte more from its peer', async () => {
  await using stopped = await pair(stopReading);
  expect(stopped.server.bytesRead).toBe('first'.length);
});

test('a socket that is only paused would take them, which is why pausing is not enough', async () => {
  await using paused = await pair((socket) => socket.pause());
  expect(paused.server.bytesRead).toBe('firstsecond'.length);
});
