import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Ipc } from '#kernel/index.ts';

const deadlineMs = 10_000;

class Child implements AsyncDisposable {
  readonly process = fork(fileURLToPath(new URL('./ipcChild.ts', import.meta.url)), [], {
    execArgv: [],
    serialization: 'advanced',
  });
  readonly ipc = new Ipc(this.process);

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }
}

test('a request is answered by the other process, also with binary values', async () => {
  await using child = new Child();
  await expect(child.ipc.request('double', 21, deadlineMs)).resolves.toBe(42);
  const reversed = await child.ipc.request<Uint8Array>('reverse', Uint8Array.of(1, 2, 3), deadlineMs);
  expect([...reversed]).toEqual([3, 2, 1]);
});

test('an error keeps its code on the way', async () => {
  await using child = new Child();
  await expect(child.ipc.request('refuse', null, deadlineMs)).rejects.toMatchObject({
    code: 'busy',
    message: 'no room',
  });
});

test('a method that is not there, and values that cannot be sent, fail at once', async () => {
  await using child = new Child();
  await expect(child.ipc.request('nothing', null, deadlineMs)).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  await expect(child.ipc.request('uncloneable', null, deadlineMs)).rejects.toMatchObject({
    code: 'internal',
  });
  await expect(child.ipc.request('double', () => 1, deadlineMs)).rejects.toMatchObject({
    code: 'unreachable',
  });
});

test('a request that is not answered fails with timeout, and the next one works', async () => {
  await using child = new Child();
  await expect(child.ipc.request('sleep', null, 50)).rejects.toMatchObject({ code: 'timeout' });
  await expect(child.ipc.request('double', 1, deadlineMs)).resolves.toBe(2);
});

test('when the other process goes, all that waits fails with unreachable', async () => {
  await using child = new Child();
  const waiting = [
    child.ipc.request('sleep', null, deadlineMs),
    child.ipc.request('sleep', null, deadlineMs),
    child.ipc.request('exit', null, deadlineMs),
  ];
  for (const request of waiting) await expect(request).rejects.toMatchObject({ code: 'unreachable' });
  await expect(child.ipc.request('double', 1, deadlineMs)).rejects.toMatchObject({ code: 'unreachable' });
  expect(child.ipc.emit('greet', 'nobody')).toBe(false);
});

test('a closed end waits for nothing', async () => {
  await using child = new Child();
  const waiting = child.ipc.request('sleep', null, deadlineMs);
  child.ipc.close();
  await expect(waiting).rejects.toMatchObject({ code: 'unreachable' });
});

test('a socket goes over with an event and works there', async () => {
  await using child = new Child();
  const left = Promise.withResolvers<undefined>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    child.ipc.emit('greet', 'you', socket, () => left.resolve(undefined));
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await expect(text(client)).resolves.toBe('hello you');
  await left.promise;
});
