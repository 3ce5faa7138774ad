import { quotedString, tokenChars, trimSpace } from './grammar.ts';
import { badRequest } from './parseError.ts';

// RFC 3261 §25.1 generic-param; the value may be a host, so IPv6 addresses with and without brackets fit (received=).
const value = `${quotedString}|(?:${tokenChars}|[:[\\]])+`;
const parameter = new RegExp(`[ \\t]*;[ \\t]*(${tokenChars}+)(?:[ \\t]*=[ \\t]*(${value}))?`, 'y');

/**
 * `;name=value;flag …` of a header, RFC 3261 §7.3.1. Names in lower case, values as written (quotes kept), a flag
 * has ''. Throws 400 when `text` holds anything else, and for a name given twice.
 */
export function parseParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  let at = 0;
  for (;;) {
    parameter.lastIndex = at;
    const match = parameter.exec(text);
    if (match === null) break;
    const name = (match[1] ?? '').toLowerCase();
    if (parameters.has(name)) throw badRequest('Repeated Parameter');
    parameters.set(name, match[2] ?? '');
    at = parameter.lastIndex;
  }
  if (trimSpace(text.slice(at)) !== '') throw badRequest('Invalid Parameter');
  return parameters;
}

export function formatParameters(parameters: ReadonlyMap<string, string>): string {
  let text = '';
  for (const [name, value] of parameters) text += value === '' ? `;${name}` : `;${name}=${value}`;
  return text;
}
