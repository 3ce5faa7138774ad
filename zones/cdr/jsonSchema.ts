import { z } from 'zod';
import { recordFields, recordSchema, type FieldName } from './schema.ts';

/** The JSON Schema (2020-12) of a record, as docs/call-record.schema.json has it; `x-…` say whose a field is and who may see it. */
export function recordJsonSchema(): Readonly<Record<string, unknown>> {
  const { properties = {}, ...schema } = z.toJSONSchema(recordSchema);
  const described = Object.entries(properties).map(([name, property]) => {
    const { meaning, owner, class: kind, audience, retention } = recordFields[name as FieldName].policy;
    const policy = { 'x-owner': owner, 'x-class': kind, 'x-audience': audience, 'x-retention': retention };
    return [name, { description: meaning, ...(property as object), ...policy }];
  });
  return {
    ...schema,
    title: 'A call record of zonebridge',
    properties: Object.fromEntries(described) as Record<string, unknown>,
  };
}
