import { once, type EventEmitter } from 'node:events';
import type { Dialog, SrfRequest, SrfResponse } from 'drachtio-srf';
import { sdp } from './PeerCall.ts';
import type { TestEngine } from './engine.ts';

/** What drachtio-srf has, beyond what its types tell. */
export interface AppDialog extends Omit<Dialog, 'request' | 'modify' | 'destroy'> {
  readonly id: string;
  request(options: unknown): Promise<SrfResponse>;
  modify(sdp: string): Promise<string>;
  destroy(options?: unknown): Promise<SrfRequest>;
}

/** The application answers every call with this description; the dialogs come out in order. */
export function answerCalls(zone: TestEngine, answer = sdp): { next(): Promise<AppDialog> } {
  const dialogs: Promise<AppDialog>[] = [];
  const waiting: ((dialog: Promise<AppDialog>) => void)[] = [];
  zone.srf.invite((req, res) => {
    const dialog = zone.srf.createUAS(req, res, { localSdp: answer }) as unknown as Promise<AppDialog>;
    dialog.catch(() => undefined);
    const taker = waiting.shift();
    if (taker === undefined) dialogs.push(dialog);
    else taker(dialog);
  });
  return {
    next: () => dialogs.shift() ?? new Promise((resolve) => waiting.push((dialog) => resolve(dialog))),
  };
}

/** Why the dialog ended: a status text that the engine gave, or `normal release`. */
export async function endOf(dialog: AppDialog): Promise<string> {
  const [, reason] = (await once(dialog as unknown as EventEmitter, 'destroy')) as [unknown, string];
  return reason;
}

/** The next request of a method outside of dialogs. */
export function nextRequest(
  zone: TestEngine,
  method: string,
): Promise<{ req: SrfRequest; res: SrfResponse }> {
  return new Promise((resolve) => {
    zone.srf.use(method, (req, res) => resolve({ req, res }));
  });
}
