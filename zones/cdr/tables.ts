type ColumnKind = 'integer' | 'text' | 'bytes';

interface Table {
  readonly columns: Readonly<Record<string, ColumnKind>>;
  readonly key?: string;
}

/** What a store keeps: sealed records with their chain, and what the zone must know without opening one. */
const tables = {
  meta: { columns: { name: 'text', value: 'text' }, key: 'name' },
  records: {
    columns: {
      sequence: 'integer',
      day: 'text',
      key: 'integer',
      previous_hash: 'text',
      hash: 'text',
      sealed_hash: 'text',
      sealed: 'bytes',
    },
    key: 'sequence',
  },
  open_legs: { columns: { leg_id: 'text' }, key: 'leg_id' },
  heads: {
    columns: { sequence: 'integer', day: 'text', hash: 'text', signed_at: 'text', signature: 'text' },
  },
} as const satisfies Record<string, Table>;

const dialects = {
  sqlite: { kinds: { integer: 'INTEGER', text: 'TEXT', bytes: 'BLOB' }, end: ') STRICT;' },
  postgres: { kinds: { integer: 'BIGINT', text: 'TEXT', bytes: 'BYTEA' }, end: ');' },
} as const;

/** Statements that make the tables where they are missing. */
export function tableStatements(dialect: keyof typeof dialects): string {
  const { kinds, end } = dialects[dialect];
  const made = Object.entries<Table>(tables).map(([table, { columns, key }]) => {
    const lines = Object.entries(columns).map(
      ([name, kind]) => `${name} ${kinds[kind]} ${name === key ? 'PRIMARY KEY' : 'NOT NULL'}`,
    );
    return `CREATE TABLE IF NOT EXISTS ${table} (${lines.join(', ')}${end}`;
  });
  return [...made, 'CREATE INDEX IF NOT EXISTS records_by_day ON records (day);'].join('\n');
}
