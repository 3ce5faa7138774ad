import { recordJsonSchema } from './jsonSchema.ts';
import { recordFields, type CallRecord, type FieldName } from './schema.ts';

const columns = Object.keys(recordFields) as FieldName[];

/**
 * Records as statements that PostgreSQL and SQLite take: a table with a column for each field of the schema, and a row for each record. What is
 * a list or an object is JSON in text. Running them twice doubles nothing.
 */
export function sqlText(records: readonly CallRecord[]): string {
  const head = `BEGIN;\nDROP TABLE IF EXISTS call_records;\nCREATE TABLE call_records (\n${definitions()}\n);\n`;
  const rows = records.map(
    (record) =>
      `INSERT INTO call_records VALUES (${columns.map((name) => literal(record[name])).join(', ')});\n`,
  );
  return `${head}${rows.join('')}COMMIT;\n`;
}

function definitions(): string {
  const { properties, required = [] } = recordJsonSchema() as {
    readonly properties: Readonly<Record<string, { readonly type?: string }>>;
    readonly required?: readonly string[];
  };
  return columns
    .map((name) => {
      const type = properties[name]?.type === 'integer' ? 'BIGINT' : 'TEXT';
      return `  ${name} ${type}${required.includes(name) ? ' NOT NULL' : ''}`;
    })
    .join(',\n');
}

function literal(value: unknown): string {
  if (value === undefined) return 'NULL';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // PostgreSQL has no NUL in text.
  return `'${text.replaceAll('\0', '\uFFFD').replaceAll("'", "''")}'`;
}
