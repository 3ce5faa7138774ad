import type { ChildProcess, SendHandle } from 'node:child_process';
import { ZonebridgeError, errorCodes, errorText, errorCodeOf, type ErrorCode } from './errors.ts';

/** The end of a channel to another process: the child as its parent sees it, or `process` in the child. */
export type IpcPort = Pick<ChildProcess, 'send' | 'on' | 'off' | 'connected'>;

/** What a process offers: each method takes one value and returns one. Both must survive structured cloning. */
export type IpcMethods = Record<string, (value: never) => unknown>;

type Frame =
  | { zb: 'request'; id: number; method: string; value: unknown }
  | { zb: 'result'; id: number; value: unknown }
  | { zb: 'failure'; id: number; code: string; message: string }
  | { zb: 'event'; name: string; value: unknown };

type EventListener = (value: unknown, handle?: SendHandle) => void;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: ZonebridgeError): void;
  timer: NodeJS.Timeout;
}

/**
 * Requests with a deadline and one-way events over a process channel. The same class serves both ends. When
 * the channel goes, every waiting request fails with `unreachable`; nothing waits for ever.
 */
export class Ipc {
  readonly #port: IpcPort;
  readonly #methods: IpcMethods;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, EventListener>();
  #nextId = 1;

  constructor(port: IpcPort, methods: IpcMethods = {}) {
    this.#port = port;
    this.#methods = methods;
    port.on('message', this.#receive);
    port.on('disconnect', this.#disconnected);
  }

  /** Fails with the code that the other side threw, with `timeout`, or with `unreachable`. */
  request<T>(method: string, value: unknown, deadlineMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const id = this.#nextId++;
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new ZonebridgeError('timeout', `${method} was not answered within ${deadlineMs} ms`));
      }, deadlineMs);
      this.#waiting.set(id, { resolve: resolve, reject, timer });
      this.#send({ zb: 'request', id, method, value }, (error) => {
        this.#settle(id)?.reject(
          new ZonebridgeError('unreachable', `${method} could not be sent`, { cause: error }),
        );
      });
    });
  }

  /**
   * One way, best effort: false when the channel is gone. A socket handed over belongs to the other process once
   * `onLeft` was called; until then it waits for those before it, and if the channel goes it is still the caller's.
   */
  emit(name: string, value: unknown, handle?: SendHandle, onLeft: () => void = () => undefined): boolean {
    if (!this.#port.connected) return false;
    this.#port.send({ zb: 'event', name, value } satisfies Frame, handle, undefined, (error) => {
      if (error === null) onLeft();
    });
    return true;
  }

  /** One listener per event name. */
  onEvent(name: string, listener: EventListener): void {
    this.#listeners.set(name, listener);
  }

  close(): void {
    this.#port.off('message', this.#receive);
    this.#port.off('disconnect', this.#disconnected);
    this.#disconnected();
  }

  #send(frame: Frame, onFailure: (error: unknown) => void): void {
    if (!this.#port.connected) {
      onFailure(new Error('the channel is closed'));
      return;
    }
    try {
      this.#port.send(frame, undefined, undefined, (error) => {
        if (error !== null) onFailure(error);
      });
    } catch (error) {
      // A value that cannot be cloned, such as a function.
      onFailure(error);
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    return waiting;
  }

  readonly #receive = (message: unknown, handle?: SendHandle): void => {
    if (!isFrame(message)) return;
    if (message.zb === 'event') this.#listeners.get(message.name)?.(message.value, handle);
    else if (message.zb === 'result') this.#settle(message.id)?.resolve(message.value);
    else if (message.zb === 'failure') {
      this.#settle(message.id)?.reject(new ZonebridgeError(asErrorCode(message.code), message.message));
    } else void this.#answer(message.id, message.method, message.value);
  };

  async #answer(id: number, name: string, value: unknown): Promise<void> {
    const fail = (error: unknown): Frame => {
      return { zb: 'failure', id, code: errorCodeOf(error), message: errorText(error) };
    };
    let frame: Frame;
    try {
      const method = this.#methods[name] as ((value: unknown) => unknown) | undefined;
      if (method === undefined) throw new ZonebridgeError('invalid-argument', `no method ${name}`);
      frame = { zb: 'result', id, value: await method(value) };
    } catch (error) {
      frame = fail(error);
    }
    this.#send(frame, (error) => this.#send(fail(error), () => undefined));
  }

  readonly #disconnected = (): void => {
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id)?.reject(new ZonebridgeError('unreachable', 'the other process is gone'));
    }
  };
}

function isFrame(message: unknown): message is Frame {
  return typeof message === 'object' && message !== null && 'zb' in message;
}

function asErrorCode(code: string): ErrorCode {
  return errorCodes.find((known) => known === code) ?? 'internal';
}

/** The channel to the process that started this one. Throws `unreachable` when it was not started as a child. */
export function parentPort(): IpcPort {
  if (!process.connected) {
    throw new ZonebridgeError('unreachable', 'this program is started by another one, not by hand');
  }
  return process as unknown as IpcPort;
}
