import type { SipRequest, SipResponse } from '../message/contract.ts';
import type { Flow } from '../transport/contract.ts';
import type { ClientFailure, ClientListener, ClientTransaction } from './contract.ts';
import type { Timers } from './Timers.ts';

type Input =
  | { readonly kind: 'response'; readonly response: SipResponse; readonly flow: Flow }
  | { readonly kind: 'failure'; readonly failure: ClientFailure };

type State = (input: Input) => void;

/** RFC 3261 §17.1.2. One method is one state. */
export class NonInviteClientTransaction implements ClientTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #timers: Timers;
  readonly #listener: ClientListener;
  readonly #ended: () => void;
  #state: State = (input) => this.#trying(input);
  #pending = true;
  #stopRetransmitting: () => void = () => undefined;

  constructor(
    request: SipRequest,
    flow: Flow,
    timers: Timers,
    hooks: { readonly listener: ClientListener; ended(): void },
  ) {
    this.request = request;
    this.flow = flow;
    this.#timers = timers;
    this.#listener = hooks.listener;
    this.#ended = () => hooks.ended();
  }

  get pending(): boolean {
    return this.#pending;
  }

  start(): void {
    this.#timers.after(this.#timers.patienceMs, () => this.fail('timeout')); // Timer F
    const wire = this.request.toBuffer();
    if (!this.flow.reliable) {
      const resend = (): boolean => this.flow.send(wire);
      this.#stopRetransmitting = this.#timers.retransmit(resend, this.#timers.timings.t2Ms); // Timer E
    }
    // The listener hears of it after the caller has got its transaction.
    if (!this.flow.send(wire)) this.#timers.after(0, () => this.fail('transport'));
  }

  received(response: SipResponse, flow: Flow): void {
    this.#state({ kind: 'response', response, flow });
  }

  fail(failure: ClientFailure): void {
    this.#state({ kind: 'failure', failure });
  }

  terminate(): void {
    this.#timers.clear();
    this.#pending = false;
    this.#state = terminated;
    this.#ended();
  }

  #trying(input: Input): void {
    if (input.kind === 'response' && input.response.status < 200) {
      this.#state = (next) => this.#proceeding(next);
      this.#slowDown();
    }
    this.#proceeding(input);
  }

  #proceeding(input: Input): void {
    if (input.kind === 'failure') {
      this.terminate();
      this.#listener.failed(input.failure);
      return;
    }
    if (input.response.status >= 200) this.#complete();
    this.#listener.responded(input.response, input.flow);
  }

  #complete(): void {
    this.#timers.clear();
    this.#pending = false;
    this.#state = terminated; // Completed: retransmitted responses are absorbed
    this.#timers.after(this.flow.reliable ? 0 : this.#timers.timings.t4Ms, () => this.terminate()); // Timer K
  }

  /** RFC 3261 §17.1.2.2: from the first provisional response on, Timer E is T2. */
  #slowDown(): void {
    this.#stopRetransmitting();
    if (this.flow.reliable) return;
    const wire = this.request.toBuffer();
    const again = (): void => {
      this.flow.send(wire);
      this.#timers.after(this.#timers.timings.t2Ms, again);
    };
    this.#timers.after(this.#timers.timings.t2Ms, again);
  }
}

const terminated: State = () => undefined;
