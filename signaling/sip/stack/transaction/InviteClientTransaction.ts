import type { SipRequest, SipResponse } from '../message/contract.ts';
import type { Flow } from '../transport/contract.ts';
import type { ClientFailure, ClientListener, InviteClient } from './contract.ts';
import { acknowledgeFailure, cancelOf } from './hopRequests.ts';
import type { Timers } from './Timers.ts';

type Input =
  | { readonly kind: 'response'; readonly response: SipResponse; readonly flow: Flow }
  | { readonly kind: 'failure'; readonly failure: ClientFailure };

type State = (input: Input) => void;
type ExtraHeaders = Iterable<readonly [name: string, value: string]>;

interface Hooks {
  readonly listener: ClientListener;
  /** Sends a CANCEL as a transaction of its own, with the same branch. */
  sendCancel(cancel: SipRequest): void;
  ended(): void;
}

/** RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2. One method is one state. */
export class InviteClientTransaction implements InviteClient {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #timers: Timers;
  readonly #hooks: Hooks;
  #state: State = (input) => this.#calling(input);
  #pending = true;
  #proceeding = false;
  #cancelHeaders: ExtraHeaders | undefined;
  #acknowledgement: Buffer | undefined;

  constructor(request: SipRequest, flow: Flow, timers: Timers, hooks: Hooks) {
    this.request = request;
    this.flow = flow;
    this.#timers = timers;
    this.#hooks = hooks;
  }

  get pending(): boolean {
    return this.#pending;
  }

  get proceeding(): boolean {
    return this.#proceeding;
  }

  start(): void {
    const wire = this.request.toBuffer();
    if (!this.flow.reliable) this.#timers.retransmit(() => this.flow.send(wire)); // Timer A
    this.#timers.after(this.#timers.patienceMs, () => this.fail('timeout')); // Timer B
    // The listener hears of it after the caller has got its transaction.
    if (!this.flow.send(wire)) this.#timers.after(0, () => this.fail('transport'));
  }

  received(response: SipResponse, flow: Flow): void {
    this.#state({ kind: 'response', response, flow });
  }

  fail(failure: ClientFailure): void {
    this.#state({ kind: 'failure', failure });
  }

  cancel(headers: ExtraHeaders): void {
    if (!this.#pending || this.#cancelHeaders !== undefined) return;
    this.#cancelHeaders = headers;
    if (this.#proceeding) this.#sendCancel(headers);
  }

  terminate(): void {
    this.#timers.clear();
    this.#pending = false;
    this.#state = terminated;
    this.#hooks.ended();
  }

  #calling(input: Input): void {
    if (input.kind === 'response' && input.response.status < 200) {
      this.#timers.clear();
      this.#proceeding = true;
      this.#state = (next) => this.#proceedingState(next);
      if (this.#cancelHeaders !== undefined) this.#sendCancel(this.#cancelHeaders);
    }
    this.#proceedingState(input);
  }

  #proceedingState(input: Input): void {
    if (input.kind === 'failure') {
      this.terminate();
      this.#hooks.listener.failed(input.failure);
      return;
    }
    const { response, flow } = input;
    if (response.status >= 200) {
      this.#timers.clear();
      this.#pending = false;
      if (response.status >= 300) this.#complete(response);
      else this.#accept();
    }
    this.#hooks.listener.responded(response, flow);
  }

  #complete(response: SipResponse): void {
    this.#acknowledgement = acknowledgeFailure(this.request, response).toBuffer();
    this.flow.send(this.#acknowledgement);
    this.#state = (input) => this.#completed(input);
    // Timer D, at least 32 s by the RFC's default T1.
    this.#timers.after(this.flow.reliable ? 0 : this.#timers.patienceMs, () => this.terminate());
  }

  #accept(): void {
    this.#state = (input) => this.#accepted(input);
    this.#timers.after(this.#timers.patienceMs, () => this.terminate()); // Timer M
  }

  #completed(input: Input): void {
    if (input.kind === 'response' && input.response.status >= 300 && this.#acknowledgement !== undefined) {
      this.flow.send(this.#acknowledgement);
    }
  }

  #accepted(input: Input): void {
    if (input.kind === 'response' && input.response.status >= 200 && input.response.status < 300) {
      this.#hooks.listener.responded(input.response, input.flow);
    }
  }

  #sendCancel(headers: ExtraHeaders): void {
    this.#hooks.sendCancel(cancelOf(this.request, headers));
    // RFC 3261 §9.1: a peer that answers nothing any more leaves the transaction cancelled all the same.
    this.#timers.after(this.#timers.patienceMs, () => this.fail('timeout'));
  }
}

const terminated: State = () => undefined;
