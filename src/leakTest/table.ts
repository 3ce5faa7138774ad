import type { Marker } from './MarkerBook.ts';
import type { Finding } from './search/Findings.ts';
import { verdictOf, type Verdict } from './verdict.ts';

interface Column {
  readonly title: string;
  readonly holds: (finding: Finding) => boolean;
}

const isOwn = ({ marker, place }: Finding): boolean =>
  place.kind === 'far end' ? place.detail === marker.caller.name : place.zone === marker.caller.zone;
const inZone = ({ place }: Finding): boolean => place.zone !== undefined;

/** Where nothing may be, then where a caller's own data has to be. */
const columns: readonly Column[] = [
  { title: 'log', holds: ({ place }) => place.kind === 'log' },
  { title: 'files', holds: ({ place }) => place.kind === 'files' },
  { title: 'metrics', holds: ({ place }) => place.kind === 'metrics' },
  { title: 'environ', holds: ({ place }) => place.kind === 'processes' },
  { title: 'server memory', holds: (found) => found.place.kind === 'memory' && !inZone(found) },
  {
    title: 'other zones’ memory',
    holds: (found) => found.place.kind === 'memory' && inZone(found) && !isOwn(found),
  },
  { title: 'other zones’ records', holds: (found) => found.place.kind === 'records' && !isOwn(found) },
  { title: 'others’ ears', holds: (found) => found.place.kind === 'far end' && !isOwn(found) },
  { title: 'own memory', holds: (found) => found.place.kind === 'memory' && inZone(found) && isOwn(found) },
  { title: 'own records', holds: (found) => found.place.kind === 'records' && isOwn(found) },
  { title: 'own ears', holds: (found) => found.place.kind === 'far end' && isOwn(found) },
];

const signs = { leak: 'LEAK', allowed: 'allowed', inside: 'x' } as const satisfies Record<Verdict, string>;

/** A row a field, a column a place; Markdown, which can be read on a terminal too. */
export function leakTable(markers: readonly Marker[], findings: readonly Finding[]): string {
  const fields = [...new Set(markers.map(({ field }) => field))];
  const titles = ['field', ...columns.map(({ title }) => title)];
  const rows = fields.map((field) => {
    const found = findings.filter(({ marker }) => marker.field === field);
    return [field, ...columns.map(({ holds }) => sign(found.filter(holds)))];
  });
  const widths = titles.map((title, at) =>
    Math.max(...[title, ...rows.map((row) => row[at] ?? '')].map((text) => text.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |\n`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(titles), rule, ...rows.map(line)].join('');
}

function sign(findings: readonly Finding[]): string {
  const verdicts = new Set(findings.map(verdictOf));
  const worst = (['leak', 'allowed', 'inside'] as const).find((verdict) => verdicts.has(verdict));
  return worst === undefined ? '-' : signs[worst];
}
