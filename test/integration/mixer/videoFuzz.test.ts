import { expect, test } from 'vitest';
import { fuzzRoom } from './fuzzRoom.ts';

test.each(['VP8', 'H264'] as const)(
  '2,000 mutated packets of %s leave the process and the others’ pictures alone',
  async (codec) => {
    const outcome = await fuzzRoom(codec, 2_000, 1);
    expect(outcome).toMatchObject({ alive: true, seen: [['green'], ['red']], recovered: true });
  },
);
