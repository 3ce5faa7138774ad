import { formatVia, parseVia, type SipHeaders, type Via } from '../message/index.ts';
import { plainAddress } from '#kernel/index.ts';
import type { SocketAddress } from './contract.ts';

/**
 * Notes in the topmost Via where a request really came from (RFC 3261 §18.2.1, RFC 3581 §4). What the sender wrote
 * into `received` and `rport` himself does not count. Throws 400 when the Via cannot be read.
 */
export function markReceived(headers: SipHeaders, source: SocketAddress): void {
  const [top = '', ...others] = headers.list('Via');
  const marked = markedVia(parseVia(top), source);
  headers.delete('Via');
  for (const via of others.toReversed()) headers.prepend('Via', via);
  headers.prepend('Via', formatVia(marked));
}

function markedVia(via: Via, source: SocketAddress): Via {
  const parameters = new Map(via.parameters);
  const wantsPort = parameters.has('rport');
  parameters.delete('received');
  if (wantsPort) parameters.set('rport', String(source.port));
  if (wantsPort || plainAddress(via.host) !== source.address) parameters.set('received', source.address);
  return { ...via, parameters };
}
