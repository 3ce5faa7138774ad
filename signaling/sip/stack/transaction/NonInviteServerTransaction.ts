import type { SipRequest, SipResponse } from '../message/contract.ts';
import type { Flow } from '../transport/contract.ts';
import type { ResponseFate, ServerTransaction } from './contract.ts';
import type { Timers } from './Timers.ts';

type Input =
  { readonly kind: 'retransmission' } | { readonly kind: 'response'; readonly response: SipResponse };

type State = (input: Input) => ResponseFate;

/** RFC 3261 §17.2.2. One method is one state. */
export class NonInviteServerTransaction implements ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #timers: Timers;
  readonly #ended: () => void;
  #last: Buffer | undefined;
  #state: State = (input) => this.#trying(input);
  #pending = true;

  constructor(request: SipRequest, flow: Flow, timers: Timers, ended: () => void) {
    this.request = request;
    this.flow = flow;
    this.#timers = timers;
    this.#ended = ended;
  }

  get pending(): boolean {
    return this.#pending;
  }

  respond(response: SipResponse): ResponseFate {
    return this.#state({ kind: 'response', response });
  }

  retransmitted(): void {
    this.#state({ kind: 'retransmission' });
  }

  terminate(): void {
    this.#timers.clear();
    this.#pending = false;
    this.#state = terminated;
    this.#ended();
  }

  /** Trying and Proceeding: they differ only in whether there is a response to repeat. */
  #trying(input: Input): ResponseFate {
    if (input.kind === 'retransmission') return this.#sendLast();
    this.#last = input.response.toBuffer();
    if (input.response.status >= 200) {
      this.#pending = false;
      this.#state = (late) => this.#completed(late);
      this.#timers.after(this.flow.reliable ? 0 : this.#timers.patienceMs, () => this.terminate()); // Timer J
    }
    return this.#sendLast();
  }

  #completed(input: Input): ResponseFate {
    return input.kind === 'retransmission' ? this.#sendLast() : 'too-late';
  }

  #sendLast(): ResponseFate {
    if (this.#last === undefined) return 'too-late';
    return this.flow.send(this.#last) ? 'sent' : 'flow-lost';
  }
}

const terminated: State = () => 'too-late';
