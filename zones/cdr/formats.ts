import { cmsXml } from './cmsXml.ts';
import { partyView } from './partyView.ts';
import { sqlText } from './sqlText.ts';
import { recordFields, type CallRecord, type FieldName } from './schema.ts';
import { vCons } from './vCon.ts';

export const recordFormats = ['jsonl', 'csv', 'sql', 'cms-xml', 'vcon'] as const;
export type RecordFormat = (typeof recordFormats)[number];

export interface RecordsTextOptions {
  readonly format: RecordFormat;
  readonly zone: string;
  /** As this party may see them. */
  readonly party?: string | undefined;
  /** The first day of what is shown, and the last, such as `2026-12-31`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Records in a format that others read: JSON Lines, CSV and SQL with every field, Cisco's CDR XML, or one vCon a conference. */
export function recordsText(
  records: readonly CallRecord[],
  { format, zone, party, from, to }: RecordsTextOptions,
): string {
  const all = party === undefined ? records : partyView(records, party);
  const seen = all.filter(({ time }) => {
    const day = time.slice(0, 10);
    return day >= (from ?? day) && day <= (to ?? day);
  });
  switch (format) {
    case 'jsonl':
      return lines(seen.map((record) => JSON.stringify(record)));
    case 'csv':
      return csv(seen);
    case 'sql':
      return sqlText(seen);
    case 'cms-xml':
      return cmsXml(seen, zone);
    case 'vcon':
      return lines(vCons(seen).map((vCon) => JSON.stringify(vCon)));
  }
}

/** RFC 4180, a column for each field of the schema. */
function csv(records: readonly CallRecord[]): string {
  const columns = Object.keys(recordFields) as FieldName[];
  const rows = records.map((record) => columns.map((name) => cell(record[name])).join(','));
  return [columns.join(','), ...rows].map((row) => `${row}\r\n`).join('');
}

function cell(value: unknown): string {
  if (value === undefined) return '';
  const text =
    typeof value === 'string' ? value : Array.isArray(value) ? value.join(' ') : JSON.stringify(value);
  // A spreadsheet would take these for a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
