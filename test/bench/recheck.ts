import { PolicyRooms } from '#test/support/PolicyRooms.ts';
import { row } from './table.ts';

const shapes = [
  { rooms: 1, people: 60 },
  { rooms: 1, people: 250 },
  { rooms: 30, people: 8 },
] as const;

/** How long it takes to decide again about everybody after a policy has changed, and how long anything else waits meanwhile. */
export async function benchRecheck(print: (line: string) => void): Promise<void> {
  print('from a changed policy to the last decision about those who are in, ms (bar: 60 people under 500)');
  print(row('rooms', 'people', 'all stay', 'held up', 'all warned', 'held up'));
  for (const { rooms, people } of shapes) {
    await using filled = await PolicyRooms.fill(rooms, people);
    // The first one compiles what the others run.
    await filled.change();
    const stay = await filled.change();
    const warned = await filled.change('room-0');
    const figures = [stay, warned].flatMap(({ tookMs, heldUpMs }) => [
      tookMs.toFixed(0),
      heldUpMs.toFixed(1),
    ]);
    print(row(rooms, people, ...figures));
  }
}
