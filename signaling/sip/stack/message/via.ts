import type { Via } from './contract.ts';
import { isHost, parsePort, tokenChars, trimSpace } from './grammar.ts';
import { formatParameters, parseParameters } from './parameters.ts';
import { badRequest } from './parseError.ts';

const ws = '[ \\t]*';
const viaStart = new RegExp(
  `^SIP${ws}/${ws}2\\.0${ws}/${ws}(${tokenChars}+)[ \\t]+(\\[[^\\]]*\\]|[^ \\t;:[\\]]+)(?:${ws}:${ws}(\\d+))?${ws}(?=;|$)`,
  'i',
);

/** One Via value (RFC 3261 §20.42). Throws 400. */
export function parseVia(text: string): Via {
  const value = trimSpace(text);
  const match = viaStart.exec(value);
  const host = match?.[2] ?? '';
  if (match === null || !isHost(host)) throw badRequest('Invalid Via');
  const port = match[3] === undefined ? undefined : parsePort(match[3]);
  return {
    transport: (match[1] ?? '').toUpperCase(),
    host,
    ...(port === undefined ? {} : { port }),
    parameters: parseParameters(value.slice(match[0].length)),
  };
}

export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `SIP/2.0/${via.transport} ${via.host}${port}${formatParameters(via.parameters)}`;
}
