import { createRequire } from 'node:module';
import Srf from 'drachtio-srf';
import { ZonebridgeError } from '#kernel/index.ts';

/** What we use of drachtio-srf, as it is: its own type declarations leave out or misstate parts of it. */

export type Headers = Record<string, string>;

export interface DrachtioMessage {
  /** First or comma-joined value; undefined when there is none. */
  get(name: string): string | undefined;
  readonly body: string;
}

export interface DrachtioRequest extends DrachtioMessage {
  readonly method: string;
  readonly uri: string;
  /** `application` when the engine made it by itself. */
  readonly source: 'network' | 'application';
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  on(event: 'cancel', listener: (cancel: DrachtioMessage) => void): void;
}

export interface DrachtioResponse {
  send(
    status: number,
    reason: string,
    options: { readonly headers?: Headers; readonly body?: string },
    callback?: (failure: unknown) => void,
  ): void;
}

/** A response of the far end. */
export interface DrachtioAnswer extends DrachtioMessage {
  readonly status: number;
  readonly reason: string;
}

export type DialogRequestListener = (request: DrachtioRequest, response: DrachtioResponse) => void;

export interface DrachtioDialog {
  readonly sip: { readonly callId: string; readonly localTag: string };
  readonly remote: { readonly sdp: string };
  on(event: 'ack', listener: (ack: DrachtioMessage) => void): void;
  on(event: 'destroy', listener: (bye: DrachtioRequest) => void): void;
  on(event: DialogMethod, listener: DialogRequestListener): void;
  /** The callback comes with every response, provisional ones too; a 2xx is then already acknowledged. */
  request(
    options: { readonly method: string; readonly body: string; readonly headers: Headers },
    callback: (failure: unknown, answer?: DrachtioAnswer) => void,
  ): void;
  /** Sends BYE; the callback comes with the response to it. */
  destroy(options: { readonly headers: Headers }, callback: (failure: unknown) => void): void;
}

/** `modify` is a re-INVITE. What has no listener is answered 200 by the library. */
export const dialogMethods = [
  'modify',
  'update',
  'info',
  'options',
  'refer',
  'message',
  'notify',
  'subscribe',
  'publish',
] as const;
export type DialogMethod = (typeof dialogMethods)[number];

export interface DrachtioApplication {
  use(method: string, handler: DialogRequestListener): void;
  on(event: 'error' | 'close', listener: (error?: unknown) => void): void;
  on(event: 'connect', listener: (error: Error | null) => void): void;
  connect(options: ControlOptions): unknown;
  disconnect(): void;
  createUAS(
    request: DrachtioRequest,
    response: DrachtioResponse,
    options: { readonly localSdp: string; readonly headers: Headers },
    callback: (failure: unknown, dialog?: DrachtioDialog) => void,
  ): void;
  /** Sends an INVITE; a 2xx is acknowledged by the library. `cbRequest` comes with the request that was sent. */
  createUAC(
    uri: string,
    options: { readonly localSdp: string; readonly headers: Headers },
    callbacks: {
      cbRequest(failure: unknown, request?: DrachtioSentRequest): void;
      cbProvisional(response: DrachtioAnswer): void;
    },
    callback: (failure: unknown, dialog?: DrachtioDialog & { readonly res: DrachtioMessage }) => void,
  ): void;
}

/** An INVITE of ours without a final response. */
export interface DrachtioSentRequest {
  cancel(callback: (failure: unknown) => void): void;
}

interface ControlOptions {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly reconnect: { readonly maxAttempts: number };
}

/** Methods that can come outside of a dialog; without a handler the peer would be told 503. */
export const outsideMethods = [
  'invite',
  'options',
  'register',
  'message',
  'info',
  'notify',
  'subscribe',
  'publish',
  'refer',
] as const;

allowBadInfoPackage();

/** An application without handlers and without a connection. */
export function createApplication(): DrachtioApplication {
  return new Srf() as unknown as DrachtioApplication;
}

/** Resolves once the engine has accepted us. Throws `unreachable`. No second attempt: a lost link ends the edge. */
export function connectApplication(
  application: DrachtioApplication,
  control: Omit<ControlOptions, 'reconnect'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown): void =>
      reject(new ZonebridgeError('unreachable', 'the SIP engine cannot be reached', { cause }));
    application.on('connect', (error) => (error === null ? resolve() : failed(error)));
    application.on('error', failed);
    application.connect({ ...control, reconnect: { maxAttempts: 1 } });
  });
}

/** The library sends only status codes of its own table, which is older than RFC 6086 §4.2.2. */
function allowBadInfoPackage(): void {
  const fromSrf = createRequire(import.meta.resolve('drachtio-srf'));
  const statuses = fromSrf('sip-status') as Record<number, string | undefined>;
  statuses[469] ??= 'Bad Info Package';
}
