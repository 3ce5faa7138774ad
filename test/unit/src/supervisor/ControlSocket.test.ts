import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ZonebridgeError, createLog } from '#kernel/index.ts';
import { ControlSocket, sendControlCommand, type ControlCommand } from '#src/supervisor/index.ts';

const log = createLog('silent');
const drain: ControlCommand = { command: 'drain', zone: 'core' };

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'zonebridge-control-'));
  await run(join(folder, 'control.sock')).finally(() => rm(folder, { recursive: true }));
}

test('a command reaches the running program, and its refusal comes back', () =>
  inFolder(async (path) => {
    const commands: ControlCommand[] = [];
    await using _socket = await ControlSocket.create(
      path,
      (command) => {
        commands.push(command);
        if (command.zone !== 'core') throw new ZonebridgeError('not-found', `no zone ${command.zone}`);
        return Promise.resolve();
      },
      log,
    );
    await sendControlCommand(path, drain);
    await expect(sendControlCommand(path, { ...drain, zone: 'x' })).rejects.toThrow('no zone x');
    expect(commands).toEqual([drain, { ...drain, zone: 'x' }]);
  }));

test('a data folder that another instance has is refused; what a dead one left is taken', () =>
  inFolder(async (path) => {
    await writeFile(path, '');
    await using _socket = await ControlSocket.create(path, () => Promise.resolve(), log);
    await expect(ControlSocket.create(path, () => Promise.resolve(), log)).rejects.toMatchObject({
      code: 'unavailable',
    });
  }));

test('without a running program a command says so', () =>
  inFolder(async (path) => {
    await expect(sendControlCommand(path, drain)).rejects.toMatchObject({ code: 'unreachable' });
  }));

test('what is no command is refused, and too much of it too', () =>
  inFolder(async (path) => {
    await using _socket = await ControlSocket.create(path, () => Promise.resolve(), log);
    for (const request of ['', 'drain', '{"command":"stop"}', 'x'.repeat(10_000)]) {
      const client = connect({ path, allowHalfOpen: true });
      client.end(request);
      expect(await text(client)).toMatch(/^\{"ok":false,"message":/);
    }
  }));
