import { randomUUID } from 'node:crypto';
import type { Flow } from '../transport/contract.ts';

/** What drachtio-srf calls `source`: who made the message. */
export type Source = 'network' | 'application';

/**
 * The six fields that describe a message: source, bytes, protocol, address, port, time. A message that we sent names
 * our own end of the flow, one that we received names the peer's.
 */
export function describeMessage(source: Source, sizeBytes: number, flow: Flow): string {
  const { address, port } = source === 'network' ? flow.remote : flow.local;
  return [source, sizeBytes, protocolOf(flow), bracketed(address), port, timeOfDay()].join('|');
}

/** drachtio-srf's digest retry builds a URI from the address, so that an IPv6 address needs its brackets. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** An id without `|`, for transactions and for messages on the control connection. */
export function newId(): string {
  return randomUUID();
}

/** drachtio-server calls WebSockets `tcp`, and applications compare with that. */
function protocolOf(flow: Flow): string {
  return flow.transport === 'ws' || flow.transport === 'wss' ? 'tcp' : flow.transport;
}

/** UTC `HH:MM:SS.uuuuuu`. */
function timeOfDay(): string {
  return `${new Date().toISOString().slice(11, 23)}000`;
}
