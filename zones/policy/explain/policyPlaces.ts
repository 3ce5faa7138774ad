import { policySetTextToParts, policyToJson } from '@cedar-policy/cedar-wasm/nodejs';

/** The line, from 1, that each policy of a checked text begins on, by its name. */
export function policyPlaces(text: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') return places;
  for (const part of parts.policies) {
    const read = policyToJson(part);
    const name = read.type === 'failure' ? undefined : read.json.annotations?.id;
    const index = text.indexOf(part.trim());
    if (typeof name === 'string' && index >= 0) places.set(name, text.slice(0, index).split('\n').length);
  }
  return places;
}
