import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { askZone } from './askZone.ts';

/** Commands that ask a zone itself: the program that supervises it knows none of the answers. */
export function addZoneApiCommands(zone: Command): void {
  zone
    .command('metrics')
    .description('print the figures of a running zone, in the text format of Prometheus')
    .argument('<name>')
    .option('--data <dir>', 'data folder of the running server', 'data')
    .action(metrics);
  zone
    .command('rooms')
    .description('print which rooms of a running zone are in use, as JSON')
    .argument('<name>')
    .option('--data <dir>', 'data folder of the running server', 'data')
    .action(rooms);
  zone
    .command('picture')
    .description('write what a room of a running zone shows now as a JPEG file')
    .argument('<name>')
    .argument('<room>')
    .requiredOption('--out <file>', 'file to write')
    .option('--view <view>', 'shared, alternate, or the id of who has a picture of his own', 'shared')
    .option('--data <dir>', 'data folder of the running server', 'data')
    .action(picture);
  zone
    .command('dial')
    .description('call a SIP address into a room of a running zone, and say what came of it')
    .argument('<name>')
    .argument('<room>')
    .argument('<uri>', 'such as sips:welcome@meet.example.org')
    .option('--data <dir>', 'data folder of the running server', 'data')
    .action(dial);
}

async function dial(name: string, room: string, uri: string, { data }: DataOption): Promise<void> {
  const answer = await askZone(resolve(data), name, `/rooms/${encodeURIComponent(room)}/dial`, { uri });
  process.stdout.write(`${(JSON.parse(answer.toString()) as { result: string }).result}\n`);
}

interface DataOption {
  readonly data: string;
}

async function metrics(name: string, { data }: DataOption): Promise<void> {
  process.stdout.write(await askZone(resolve(data), name, '/metrics'));
}

async function rooms(name: string, { data }: DataOption): Promise<void> {
  const answer = await askZone(resolve(data), name, '/rooms');
  process.stdout.write(`${JSON.stringify(JSON.parse(answer.toString()), undefined, 2)}\n`);
}

async function picture(
  name: string,
  room: string,
  { data, view, out }: DataOption & { readonly view: string; readonly out: string },
): Promise<void> {
  const path = `/rooms/${encodeURIComponent(room)}/views/${encodeURIComponent(view)}.jpg`;
  await writeFile(out, await askZone(resolve(data), name, path));
  process.stdout.write(`${out} shows the view ${view} of room ${room}\n`);
}
