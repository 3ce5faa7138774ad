import type { EventEmitter } from 'node:events';
import type Srf from 'drachtio-srf';

/** The parts of drachtio-srf that are used, typed as they behave; its own declarations differ in places. */
export interface SrfMessage {
  readonly body: string | undefined;
  get(name: string): string | undefined;
  has(name: string): boolean;
}

export interface SrfRequest extends SrfMessage {
  readonly method: string;
  readonly uri: string;
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  on(event: 'cancel', listener: () => void): void;
}

export interface SrfResponse extends SrfMessage {
  readonly status: number;
  send(status: number, phrase: string, options: SendOptions, done?: (error: Error | null) => void): void;
}

export interface SendOptions {
  readonly headers: Record<string, string>;
  readonly body?: string;
}

export interface SrfDialog extends EventEmitter {
  readonly id: string;
  destroy(options: { headers: Record<string, string> }, done: (error: Error | null) => void): void;
  request(options: { method: string; headers: Record<string, string>; body?: string }): Promise<SrfResponse>;
}

export interface SrfUas {
  createUAS(
    request: SrfRequest,
    response: SrfResponse,
    options: { localSdp: string; headers: Record<string, string> },
  ): Promise<SrfDialog>;
}

export type RequestHandler = (request: SrfRequest, response: SrfResponse) => void;

/** One place for the difference between drachtio-srf's declarations and `srfTypes`. */
export function asUas(srf: Srf): SrfUas {
  return srf as unknown as SrfUas;
}
