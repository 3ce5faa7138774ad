// npm run fuzz:video [-- PACKETS [SEED]]: mutated packets of each codec into a room of a real mixer process.
import { videoCodecNames } from '#kernel/index.ts';
import { fuzzRoom } from '#test/integration/mixer/fuzzRoom.ts';

const [packets = 10_000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
console.log(`${packets} packets of each codec, seed ${seed}`);
for (const codec of videoCodecNames) {
  const { sent, alive, seen, frameRate, recovered, memoryGrowthBytes } = await fuzzRoom(codec, packets, seed);
  const good = alive && recovered && seen.join() === 'green,red';
  const memory = `memory ${(memoryGrowthBytes / 2 ** 20).toFixed(0)} MiB more`;
  console.log(
    `${codec}: ${sent} sent, process ${alive ? 'alive' : 'DEAD'}, the others see ${JSON.stringify(seen)} at ${frameRate.toFixed(1)} frames/s, ${recovered ? 'the sender can be seen again' : 'the sender is NOT SEEN again'}, ${memory}: ${good ? 'good' : 'BAD'}`,
  );
  if (!good) process.exitCode = 1;
}
