import { expect, test } from 'vitest';
import { PortBlock, configSchema, embeddedDefault } from '#src/config/index.ts';
import { crossChecks } from '#src/config/crossChecks.ts';

// Addresses of their own, so that servers on this machine do not matter.
const address = '127.77.0.1';

function portsOf(block: PortBlock): readonly number[] {
  return [block.zone(0), block.zone(1)].flatMap(({ webrtcPort, ports }) => [
    webrtcPort,
    ports.min,
    ports.max,
  ]);
}

test('two instances that begin at the same place get different ports', async () => {
  await using first = await PortBlock.claim(address, 5061);
  await using second = await PortBlock.claim(address, 5061);
  const ranges = [first, second].map(
    (block) => [Math.min(...portsOf(block)), Math.max(...portsOf(block))] as const,
  );
  const [[low1, high1], [low2, high2]] = ranges as unknown as [
    readonly [number, number],
    readonly [number, number],
  ];
  expect(high1 < low2 || high2 < low1).toBe(true);
});

test('an instance that starts again finds the same ports', async () => {
  const first = await PortBlock.claim(address, 7777);
  const ports = portsOf(first);
  await first[Symbol.asyncDispose]();
  await using second = await PortBlock.claim(address, 7777);
  expect(portsOf(second)).toEqual(ports);
});

test('when all are taken, it says so', async () => {
  await using stack = new AsyncDisposableStack();
  const claimAll = async (): Promise<never> => {
    for (;;) stack.use(await PortBlock.claim('127.77.0.2', 1));
  };
  await expect(claimAll()).rejects.toThrow(/no free media ports/);
});

test('the embedded default is a valid configuration for any block and ports', async () => {
  await using block = await PortBlock.claim(address, 9061);
  const ports = {
    sip: 9061,
    https: 9443,
    coreSip: 9062,
    media: { core: block.zone(0), meetme: block.zone(1) },
  };
  const config = embeddedDefault('/data', ports, { recipient: 'age1example', reviewBy: '2099-12-31' });
  expect(configSchema.safeParse(config).error).toBeUndefined();
  expect(crossChecks(config)).toEqual([]);
});
