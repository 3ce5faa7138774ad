// Measures what docs and issues promise: npm run bench [-- SECTION ...]. Figures are of this machine at this minute;
// compare the ratios.
import { cpus, loadavg } from 'node:os';
import { benchJoin } from './join.ts';
import { benchMixer } from './mixer.ts';
import { benchPolicy } from './policy.ts';
import { benchRecheck } from './recheck.ts';
import { benchRecords } from './records.ts';
import { benchRelay } from './relay.ts';
import { benchViews } from './views.ts';
import { benchZone } from './zone.ts';

type Section = (print: (line: string) => void) => Promise<void>;

const sections: Record<string, Section> = {
  mixer: benchMixer,
  relay: benchRelay,
  views: benchViews,
  zone: benchZone,
  join: benchJoin,
  policy: benchPolicy,
  recheck: benchRecheck,
  records: benchRecords,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in sections));
if (unknown !== undefined) {
  console.error(`No section ${unknown}. There are: ${Object.keys(sections).join(', ')}`);
  process.exit(2);
}
const print = (line: string): void => console.log(line);
print(
  `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
);
for (const [name, section] of Object.entries(sections)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  print('');
  await section(print);
}
