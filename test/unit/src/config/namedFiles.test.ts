import { expect, test } from 'vitest';
import { z } from 'zod';
import { filePlaces } from '#src/config/namedFiles.ts';
import { zoneSchema } from '#zones/index.ts';

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

function placesOf({ properties = {}, items }: SchemaNode, path: readonly string[]): readonly string[] {
  if (items !== undefined) return placesOf(items, [...path, '*']);
  if (Object.keys(properties).length === 0) return [path.join('.')];
  return Object.entries(properties).flatMap(([key, node]) => placesOf(node, [...path, key]));
}

test('every key that names a file is known as one, so that its path is made absolute and it is looked for', () => {
  const all = placesOf(z.toJSONSchema(zoneSchema, { io: 'input' }) as SchemaNode, []);
  const named = all.filter((place) => /(^|[._])(file|ca|crls\.\*|certificate|key|prompts)$/.test(place));
  const known = filePlaces.map((place) =>
    place.map((key) => (typeof key === 'symbol' ? '*' : String(key))).join('.'),
  );
  expect([...known].sort()).toEqual([...named].sort());
});
