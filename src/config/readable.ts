import { z } from 'zod';

/** What could be read of a value, however much of it is wrong. */
export type Readable<T> = T extends readonly (infer Entry)[]
  ? readonly (Readable<Entry> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Readable<T[Key]> | undefined }
    : T;

/** Reads each part by itself, so that a fault in one does not hide faults between others. Lists keep their order and length. */
export function readable<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Readable<z.output<Schema>> | undefined {
  return partsOf(schema, value) as Readable<z.output<Schema>> | undefined;
}

function partsOf(schema: z.core.$ZodType, value: unknown): unknown {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((entry) => partsOf(inner.element, entry));
  }
  if (inner instanceof z.ZodObject && typeof value === 'object' && value !== null) {
    const parts = Object.entries<z.core.$ZodType>(inner.shape).map(([key, part]) => [
      key,
      partsOf(part, (value as Record<string, unknown>)[key]),
    ]);
    return Object.fromEntries(parts) as unknown;
  }
  return undefined;
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const wrapped =
    schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional;
  return wrapped ? unwrapped(schema.def.innerType) : schema;
}
