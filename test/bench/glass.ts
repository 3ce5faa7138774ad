// npm run bench:glass [-- SECONDS]: from a browser's camera to another browser's screen, through the server on this machine.
import { waitFor } from '#test/support/waitFor.ts';
import { stripIn, watchClock } from '#test/support/pageClock.ts';
import { Stage } from '#test/support/Stage.ts';
import { row } from './table.ts';

const targetMs = 250;
const settleSeconds = 8;
const whole = { x: 0, y: 0, width: 1, height: 1 };
/** A strip that could not be read says some other age. */
const plausibleMs = 5_000;

function line(name: string, ages: readonly number[], seconds: number): string {
  const sorted = ages.filter((age) => age < plausibleMs).sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? NaN).toFixed(0);
  const rate = (ages.length / seconds).toFixed(1);
  return row(name, at(0.5), at(0.95), at(0.99), at(1), rate, ages.length - sorted.length);
}

async function main(seconds: number): Promise<void> {
  await using stage = await Stage.start();
  const video = { color: 'green', number: 1 } as const;
  console.log(`browser to browser on this machine, ms; target: p95 under ${targetMs}`);
  console.log(row('', 'p50', 'p95', 'p99', 'max', 'frames/s', 'unread'));

  const alone = await stage.open(stage.server.zone('core').https, { toneHz: 440, video });
  const directSeconds = Math.min(seconds, 15);
  const direct = { strip: stripIn(whole), seconds: directSeconds, source: 'direct' } as const;
  console.log(line('no server', await alone.page.evaluate(watchClock, { ...direct }), directSeconds));
  await alone.close();

  const room = { room: 'boardroom', zone: 'core' } as const;
  const sender = await stage.visit({ ...room, name: 'Sender', toneHz: 440, video });
  const viewer = await stage.visit({ ...room, name: 'Viewer', toneHz: 1010 });
  const tile = await waitFor('the sender on the picture', () => {
    const stageNow = viewer.told.last('stage');
    return stageNow?.tiles.find(({ legId }) => legId === sender.told.selfId);
  });
  const watch = (watched: number): Promise<number[]> =>
    viewer.page.evaluate(watchClock, { strip: stripIn(tile), seconds: watched, source: 'mixed' as const });
  await watch(settleSeconds);
  console.log(line('through it', await watch(seconds), seconds));
}

await main(Number(process.argv[2] ?? 60));
