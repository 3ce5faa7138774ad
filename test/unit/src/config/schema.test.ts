import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema } from '#src/config/index.ts';

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly description?: string;
}

const schema = z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode;

/** All keys of the schema, as paths; what is in a list is under `[]`. */
function schemaPaths({ properties = {}, items }: SchemaNode, path = ''): readonly string[] {
  const inList = items === undefined ? [] : schemaPaths(items, `${path}[]`);
  const below = Object.entries(properties).flatMap(([key, node]) => [
    `${path}.${key}`,
    ...schemaPaths(node, `${path}.${key}`),
  ]);
  return [...inList, ...below];
}

function valuePaths(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((entry: unknown) => valuePaths(entry, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${path}.${key}`,
    ...valuePaths(inner, `${path}.${key}`),
  ]);
}

test('every key of the schema appears in the sample configuration', () => {
  const text = readFileSync(new URL('../../../../config.sample.yaml', import.meta.url), 'utf8');
  const shown = new Set(valuePaths(parse(text)));
  expect(schemaPaths(schema).filter((path) => !shown.has(path))).toEqual([]);
});

test('every key of the schema is explained in docs/configuration.md', () => {
  const text = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
  const names = new Set(schemaPaths(schema).map((path) => path.split('.').at(-1)));
  expect([...names].filter((name) => !text.includes(`\`${name ?? ''}\``))).toEqual([]);
});

test('docs/config.schema.json is up to date (mend it with: npm test -- test/unit/src/config -u)', async () => {
  const text = `${JSON.stringify({ title: 'zonebridge', ...schema }, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../../../docs/config.schema.json');
});
