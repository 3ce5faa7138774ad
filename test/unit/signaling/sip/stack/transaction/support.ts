import { createRequest, createResponse, parseMessage } from '#signaling/sip/stack/message/index.ts';
import type { SipRequest, SipResponse } from '#signaling/sip/stack/message/index.ts';
import { Timers, rfc3261Timings, type Scheduler } from '#signaling/sip/stack/transaction/index.ts';
import type { Flow } from '#signaling/sip/stack/transport/index.ts';

/** A clock that moves when the test says so. */
export class HandClock implements Scheduler {
  #nowMs = 0;
  readonly #tasks = new Set<{ atMs: number; task: () => void }>();

  after(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, task };
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }

  /** Runs everything that is due until then, in order. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (;;) {
      const [next] = [...this.#tasks].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#tasks.delete(next);
      this.#nowMs = next.atMs;
      next.task();
    }
    this.#nowMs = endMs;
  }

  get waiting(): number {
    return this.#tasks.size;
  }

  timers(): Timers {
    return new Timers(this, rfc3261Timings);
  }
}

/** A flow that keeps what is sent. */
export class RecordingFlow implements Flow {
  readonly id = 'recording';
  readonly local = { address: '127.0.0.1', port: 5060 };
  readonly remote = { address: '127.0.0.2', port: 5070 };
  readonly sentBy = '127.0.0.1:5060';
  readonly sent: (SipRequest | SipResponse)[] = [];
  readonly reliable: boolean;
  readonly transport: 'udp' | 'tcp';
  closed = false;

  constructor(transport: 'udp' | 'tcp' = 'udp') {
    this.transport = transport;
    this.reliable = transport === 'tcp';
  }

  /** Methods and statuses. */
  get log(): (string | number)[] {
    return this.sent.map((message) => (message.kind === 'request' ? message.method : message.status));
  }

  send(message: Buffer): boolean {
    if (!this.closed) this.sent.push(parseMessage(message));
    return !this.closed;
  }
}

export function request(method: string, headers: readonly (readonly [string, string])[] = []): SipRequest {
  const given = new Map(headers);
  const base = [
    ['Via', 'SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bKone;rport'],
    ['From', '<sip:a@a.example>;tag=a'],
    ['To', '<sip:b@b.example>'],
    ['Call-ID', 'one@a.example'],
    ['CSeq', `1 ${method}`],
    ['Contact', '<sip:a@127.0.0.2:5070>'],
  ] as const;
  const merged = base.map(([name, value]) => [name, given.get(name) ?? value] as const);
  const others = headers.filter(([name]) => !base.some(([known]) => known === name));
  return createRequest({ method, uri: 'sip:b@b.example', headers: [...merged, ...others] });
}

export function response(to: SipRequest, status: number, toTag = 'b'): SipResponse {
  return createResponse(to, status, undefined, status > 100 ? { toTag } : {});
}
