import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The parts of JSON Schema that describe our configuration. */
interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly description?: string;
}

const root = z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode;

/** What the schema allows at a place of the configuration. Undefined for a place that there cannot be. */
function nodeAt(path: readonly PropertyKey[]): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>(
    (node, key) => (typeof key === 'number' ? node?.items : node?.properties?.[String(key)]),
    root,
  );
}

/** The keys of the map at that place. */
export function allowedKeys(path: readonly PropertyKey[]): readonly string[] {
  return Object.keys(nodeAt(path)?.properties ?? {});
}

/** In words, to follow "must be": `a whole number from 1 to 65535`. */
export function allowedText(path: readonly PropertyKey[]): string {
  return textOf(nodeAt(path) ?? {});
}

/** What the schema says about that place. */
export function descriptionOf(path: readonly PropertyKey[]): string | undefined {
  return nodeAt(path)?.description;
}

function textOf(node: SchemaNode): string {
  if (node.enum !== undefined) return oneOf(node.enum);
  switch (node.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number from ${node.minimum ?? 0} to ${node.maximum ?? 'any'}`;
    case 'string':
      return 'text';
    case 'array':
      return `a list${(node.minItems ?? 0) > 0 ? ' with at least one entry' : ''}, each entry ${textOf(node.items ?? {})}`;
    case 'object':
      return `a map with the keys ${Object.keys(node.properties ?? {}).join(', ')}`;
    default:
      return 'something else';
  }
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? '') : `one of ${values.join(', ')}`;
}
