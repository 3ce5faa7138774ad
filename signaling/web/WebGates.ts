import { ZonebridgeError } from '#kernel/index.ts';
import type { Gate } from '../call.ts';
import type { ServerMessage } from './protocol.ts';

/**
 * How often who waits in the lobby is told so again: a browser has no other way to notice that its network is gone, and would wait for
 * nobody. The page takes three missing ones for a lost connection.
 */
const reminderIntervalMs = 20_000;

type Send = (message: ServerMessage) => void;

/** What one browser must do before it is let in. */
export class WebGates {
  readonly #send: Send;
  #code: PromiseWithResolvers<string> | undefined;
  #reminder: NodeJS.Timeout | undefined;
  #over = false;

  constructor(send: Send) {
    this.#send = send;
  }

  /** See `Call.pass`. */
  pass(gate: Gate): Promise<string> {
    if (this.#over) return Promise.reject(new ZonebridgeError('closed', 'the browser left before a gate'));
    this.#clear('another gate was shown');
    if (gate.kind === 'pin') return this.#askForCode(gate);
    if (gate.kind === 'login') {
      this.#send({ type: 'gate', gate: 'login', path: gate.path });
      return Promise.resolve('');
    }
    const { until = 'admitted' } = gate;
    const show = (): void => this.#send({ type: 'gate', gate: 'lobby', until });
    show();
    this.#reminder = setInterval(show, reminderIntervalMs).unref();
    return Promise.resolve('');
  }

  /** What somebody typed; nothing happens when it was not asked for. */
  receive(code: string): void {
    this.#code?.resolve(code);
    this.#code = undefined;
  }

  /** The browser is let in, refused or gone. */
  end(): void {
    this.#over = true;
    this.#clear('the browser is gone');
  }

  #askForCode(gate: Extract<Gate, { kind: 'pin' }>): Promise<string> {
    const { wrong, mayRetryInMs, digits, mayBeGuest = false } = gate;
    this.#code = Promise.withResolvers<string>();
    this.#send({ type: 'gate', gate: 'pin', wrong, mayRetryInMs, digits, mayBeGuest });
    return this.#code.promise;
  }

  #clear(why: string): void {
    clearInterval(this.#reminder);
    this.#code?.reject(new ZonebridgeError('closed', why));
    this.#code = undefined;
  }
}
