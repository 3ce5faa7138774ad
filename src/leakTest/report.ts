import { readFile } from 'node:fs/promises';
import { zoneNames } from './leakConfig.ts';
import type { LeakRun } from './LeakRun.ts';
import type { MarkerBook } from './MarkerBook.ts';
import { placeKinds, type Finding, type PlaceKind } from './search/Findings.ts';
import type { ServerPart } from './serverParts.ts';
import { leakTable } from './table.ts';
import { verdictOf } from './verdict.ts';

/** What a run has shown. */
export interface LeakReport {
  readonly outcome: 'no leak' | 'leak' | 'could not tell';
  readonly markers: number;
  readonly fields: number;
  readonly leaks: readonly {
    readonly field: string;
    readonly caller: string;
    readonly form: string;
    readonly place: string;
  }[];
  /** Why nothing was proved: what should have been found was not. */
  readonly blindSpots: readonly string[];
  readonly searchedBytes: Readonly<Record<PlaceKind, number>>;
  readonly processes: readonly string[];
  /** Processes whose memory the kernel would write to a file when they crash. */
  readonly coreDumps: readonly string[];
  readonly table: string;
}

/** `control`: kinds of places in which the search did not find what leaked there on purpose. */
export function leakReport(
  { all: markers }: MarkerBook,
  { findings, parts }: LeakRun,
  control: readonly PlaceKind[],
  coreDumps: readonly string[],
): LeakReport {
  const { all } = findings;
  const leaks = all.filter((finding) => verdictOf(finding) === 'leak');
  const blindSpots = [...control.map((kind) => `the control’s ${kind}`), ...notInside(all)];
  const outcome = leaks.length > 0 ? 'leak' : blindSpots.length > 0 ? 'could not tell' : 'no leak';
  return {
    outcome,
    markers: markers.length,
    fields: new Set(markers.map(({ field }) => field)).size,
    leaks: leaks.map(({ marker: { field, caller }, form, place }) => ({
      ...{ field, caller: caller.name, form },
      place: [place.kind, place.zone, place.detail].filter((part) => part !== undefined).join(', '),
    })),
    blindSpots,
    searchedBytes: Object.fromEntries(
      placeKinds.map((kind) => [kind, findings.searchedBytes(kind)]),
    ) as Record<PlaceKind, number>,
    processes: parts.map(({ role }) => role),
    coreDumps,
    table: leakTable(markers, all),
  };
}

/** A zone's own memory and records must have its callers, or the search has looked at the wrong thing. */
function notInside(findings: readonly Finding[]): readonly string[] {
  return zoneNames.flatMap((zone) =>
    (['memory', 'records', 'far end'] as const).flatMap((kind) =>
      findings.some(
        (finding) =>
          finding.place.kind === kind && finding.place.zone === zone && verdictOf(finding) === 'inside',
      )
        ? []
        : [`${kind} of ${zone}, where its own callers must be`],
    ),
  );
}

/** Those of which a core file would have memory: by their limit for it and by their filter of what goes in (core(5)). */
export async function coreDumpsOf(parts: readonly ServerPart[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { pid, role } of parts) {
    const limits = await readFile(`/proc/${pid}/limits`, 'utf8');
    const filter = parseInt(await readFile(`/proc/${pid}/coredump_filter`, 'utf8'), 16);
    if (filter !== 0 && !/^Max core file size +0 /m.test(limits)) found.push(role);
  }
  return found;
}
