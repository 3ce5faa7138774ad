import type { SipRequest, SipResponse } from '../message/contract.ts';
import type { Flow } from '../transport/contract.ts';
import type { ResponseFate, ServerTransaction } from './contract.ts';
import type { Timers } from './Timers.ts';

type Input =
  | { readonly kind: 'retransmission' }
  | { readonly kind: 'ack' }
  | { readonly kind: 'response'; readonly response: SipResponse };

type State = (input: Input) => ResponseFate;

/** RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1. One method is one state. */
export class InviteServerTransaction implements ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #timers: Timers;
  readonly #ended: () => void;
  #last: Buffer | undefined;
  #state: State = (input) => this.#proceeding(input);
  #pending = true;
  #accepted = false;

  constructor(request: SipRequest, flow: Flow, timers: Timers, ended: () => void) {
    this.request = request;
    this.flow = flow;
    this.#timers = timers;
    this.#ended = ended;
  }

  get pending(): boolean {
    return this.#pending;
  }

  /** True after a 2xx: a CANCEL comes too late (RFC 3261 §9.2), an ACK belongs to the dialog. */
  get accepted(): boolean {
    return this.#accepted;
  }

  respond(response: SipResponse): ResponseFate {
    return this.#state({ kind: 'response', response });
  }

  retransmitted(): void {
    this.#state({ kind: 'retransmission' });
  }

  acknowledged(): void {
    this.#state({ kind: 'ack' });
  }

  terminate(): void {
    this.#timers.clear();
    this.#pending = false;
    this.#state = terminated;
    this.#ended();
  }

  #proceeding(input: Input): ResponseFate {
    if (input.kind === 'retransmission') return this.#sendLast();
    if (input.kind === 'ack') return 'too-late';
    const { response } = input;
    this.#last = response.toBuffer();
    if (response.status >= 200) this.#pending = false;
    if (response.status >= 300) this.#complete();
    else if (response.status >= 200) this.#accept();
    return this.#sendLast();
  }

  #complete(): void {
    this.#state = (input) => this.#completed(input);
    if (!this.flow.reliable) {
      this.#timers.retransmit(() => this.#sendLast(), this.#timers.timings.t2Ms); // Timer G
    }
    this.#timers.after(this.#timers.patienceMs, () => this.terminate()); // Timer H
  }

  #accept(): void {
    this.#accepted = true;
    this.#state = (input) => this.#acceptedState(input);
    this.#timers.after(this.#timers.patienceMs, () => this.terminate()); // Timer L
  }

  #completed(input: Input): ResponseFate {
    if (input.kind === 'retransmission') return this.#sendLast();
    if (input.kind === 'response') return 'too-late';
    this.#timers.clear();
    this.#state = (late) => this.#confirmed(late);
    this.#timers.after(this.flow.reliable ? 0 : this.#timers.timings.t4Ms, () => this.terminate()); // Timer I
    return 'sent';
  }

  #confirmed(_input: Input): ResponseFate {
    return 'too-late';
  }

  /** Retransmitted INVITEs are absorbed: the dialog retransmits the 2xx by its own clock. */
  #acceptedState(input: Input): ResponseFate {
    if (input.kind !== 'response' || input.response.status >= 300) return 'too-late';
    this.#last = input.response.toBuffer();
    return this.#sendLast();
  }

  #sendLast(): ResponseFate {
    if (this.#last === undefined) return 'too-late';
    return this.flow.send(this.#last) ? 'sent' : 'flow-lost';
  }
}

const terminated: State = () => 'too-late';
