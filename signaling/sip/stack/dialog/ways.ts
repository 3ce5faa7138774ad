import { ZonebridgeError, errorCodeOf } from '#kernel/index.ts';
import { createRequest, type RequestParts, type SipRequest } from '../message/index.ts';
import { newBranch, viaFor } from '../transaction/index.ts';
import type { Flow, Target, TransportLayer } from '../transport/contract.ts';
import type { Dialog } from './Dialog.ts';

/** A flow and the targets of RFC 3263 §4.3 that are left if it fails. */
export interface Way {
  readonly flow: Flow;
  readonly target: Target;
  readonly others: readonly Target[];
}

/** The first target that can be reached. Throws `unreachable`. */
export async function openWay(transport: TransportLayer, targets: readonly Target[]): Promise<Way> {
  let cause: unknown;
  for (const [index, target] of targets.entries()) {
    try {
      return { flow: await transport.flowTo(target), target, others: targets.slice(index + 1) };
    } catch (error) {
      if (errorCodeOf(error) !== 'unreachable') throw error;
      cause = error;
    }
  }
  throw new ZonebridgeError('unreachable', 'no address of the next hop can be reached', { cause });
}

/**
 * Where the next request in a dialog goes. A connection is kept to as long as it is open, and behind UDP without
 * recorded routes the peer is where it was last heard, whatever its Contact says: both are what NAT leaves open.
 * Throws `unreachable`.
 */
export async function wayInDialog(dialog: Dialog, transport: TransportLayer): Promise<Flow> {
  const { flow } = dialog;
  if (!flow.closed && (flow.reliable || !dialog.hasRoutes)) return flow;
  const targets = await transport.resolve(dialog.nextHop);
  // What began on a connection, maybe an encrypted one, never goes on in datagrams.
  const fit = flow.reliable ? targets.filter((target) => reconnects(flow, target)) : targets;
  const way = await openWay(transport, fit);
  if (way.flow.reliable) dialog.flow = way.flow;
  return way.flow;
}

function reconnects(lost: Flow, { transport }: Target): boolean {
  return transport === lost.transport || transport === 'tls';
}

/** A request that is sent without a transaction: an ACK for a 2xx. */
export function onItsOwn(parts: RequestParts, flow: Flow): SipRequest {
  return createRequest({ ...parts, headers: [['Via', viaFor(flow, newBranch())], ...parts.headers] });
}
