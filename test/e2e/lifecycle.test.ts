import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { Baresip } from '#test/support/Baresip.ts';
import { Server } from '#test/support/Server.ts';
import { Stage } from '#test/support/Stage.ts';

test('Ctrl-C says goodbye to phones and browsers and exits with 0', async () => {
  await using stage = await Stage.start();
  const phone = await stage.phone({ toneHz: 440 });
  const browser = await stage.browser('Alice', 1010);
  const exitCode = stage.server.stop();
  await expect(phone.whenEnded()).resolves.toBeDefined();
  await browser.page.getByText('The server is stopping').waitFor();
  expect(await exitCode).toBe(0);
});

test('two instances run side by side', async () => {
  await using first = await Server.start();
  await using second = await Server.start();
  await using phone = await Baresip.start({ toneHz: 440 });
  await phone.call(first.sip('core', 'boardroom'));
  await using other = await Baresip.start({ toneHz: 620 });
  await other.call(second.sip('core', 'boardroom'));
});

test('a room that does not exist is refused with words that a person can use', async () => {
  await using stage = await Stage.start();
  await expect(stage.phone({ toneHz: 440 }, 'nowhere')).rejects.toThrow(/404/);
});

test('a phone with plain RTP is refused', async () => {
  await using stage = await Stage.start();
  await expect(stage.phone({ toneHz: 440, encryption: '' })).rejects.toThrow(/488/);
});

test('the ready line is the only line on standard output', async () => {
  await using server = await Server.start();
  expect(server.output.trim().split('\n')).toHaveLength(1);
  await new Promise((resolve, reject) => {
    const port = Number(new URL(server.zone('core').https).port);
    connect(port, '127.0.0.1').once('connect', resolve).once('error', reject);
  });
});
