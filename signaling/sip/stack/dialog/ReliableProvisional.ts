import { randomInt } from 'node:crypto';
import { ZonebridgeError } from '#kernel/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import type { Timers } from '../transaction/index.ts';

/** RFC 3262 §3 for one INVITE: provisional responses that are sent again until their PRACK comes. */
export class ReliableProvisional {
  readonly #timers: Timers;
  readonly #invite: SipRequest;
  #sequence = randomInt(1, 2 ** 31);
  #open: number | undefined;

  constructor(timers: Timers, invite: SipRequest) {
    this.#timers = timers;
    this.#invite = invite;
  }

  /** True when the application wants this response to be reliable. */
  static wanted(response: SipResponse): boolean {
    const { status, headers } = response;
    return status > 100 && status < 200 && hasOption(headers.list('Require'), '100rel');
  }

  /** Gives the response its RSeq. Throws `bad-message` when that cannot be sent reliably now. */
  number(response: SipResponse): void {
    const { headers } = this.#invite;
    if (!hasOption([...headers.list('Supported'), ...headers.list('Require')], '100rel')) {
      throw new ZonebridgeError('bad-message', 'Remote endpoint does not support 100rel');
    }
    if (this.#open !== undefined) {
      throw new ZonebridgeError(
        'bad-message',
        'the reliable response before this one has no PRACK yet (RFC 3262 §3)',
      );
    }
    this.#sequence += 1;
    this.#open = this.#sequence;
    response.headers.set('RSeq', String(this.#sequence));
  }

  /** Sends it again at T1, doubling, for 64*T1; then `expired` runs. */
  watch(resend: () => void, expired: () => void): void {
    this.#timers.retransmit(resend);
    this.#timers.after(this.#timers.patienceMs, () => {
      this.close();
      expired();
    });
  }

  /** True for the PRACK that was waited for, once: any other is answered 481. */
  acknowledged(prack: SipRequest): boolean {
    const [rseq = '', cseq = '', method = ''] = (prack.headers.get('RAck') ?? '').split(/[ \t]+/);
    const fits =
      Number(rseq) === this.#open && Number(cseq) === this.#invite.cseq.number && method === 'INVITE';
    if (!fits) return false;
    this.close();
    this.#open = undefined;
    return true;
  }

  /** Stops sending it again; a PRACK that comes late is still known. */
  close(): void {
    this.#timers.clear();
  }
}

export function hasOption(options: readonly string[], tag: string): boolean {
  return options.some((option) => option.toLowerCase() === tag);
}
