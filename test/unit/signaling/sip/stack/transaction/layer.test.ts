import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { SipRequest } from '#signaling/sip/stack/message/index.ts';
import {
  TransactionLayer,
  rfc3261Timings,
  type ServerTransaction,
} from '#signaling/sip/stack/transaction/index.ts';
import { Transports, type Flow, type TransportEvents } from '#signaling/sip/stack/transport/index.ts';
import { HandClock, RecordingFlow, request, response } from './support.ts';

const log = pino({ level: 'silent' });

/** Hands messages to the layer as if they had come over a flow. */
class OpenTransports extends Transports {
  receive: ((request: SipRequest, flow: Flow) => void) | undefined;

  override on<E extends keyof TransportEvents>(
    event: E,
    listener: (...values: TransportEvents[E]) => void,
  ): void {
    if (event === 'request') this.receive = listener as unknown as typeof this.receive;
    super.on(event, listener);
  }

  arrive(message: SipRequest, flow: Flow): void {
    this.receive?.(message, flow);
  }
}

function layer(maxServerTransactions = 100) {
  const transport = new OpenTransports({ log });
  const heard: string[] = [];
  const requested: ServerTransaction[] = [];
  const transactions = new TransactionLayer({
    transport,
    log,
    scheduler: new HandClock(),
    timings: rfc3261Timings,
    limits: { maxServerTransactions },
    user: {
      requested: (transaction) => {
        heard.push(transaction.request.method);
        requested.push(transaction);
      },
      acknowledged: () => heard.push('ACK'),
      cancelled: (_cancel, invite) => {
        heard.push('CANCEL');
        invite.respond(response(invite.request, 487, 'ours'));
      },
      toTagOf: () => 'ours',
    },
  });
  const flow = new RecordingFlow();
  return {
    transactions,
    heard,
    requested,
    flow,
    arrive: (message: SipRequest) => transport.arrive(message, flow),
  };
}

const otherBranch = ['Via', 'SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bKother'] as const;

test('a request is told once however often it comes', () => {
  const { heard, arrive } = layer();
  arrive(request('INVITE'));
  arrive(request('INVITE'));
  expect(heard).toEqual(['INVITE']);
});

test('the ACK of a failure stays below, that of a 2xx goes up', () => {
  const { heard, requested, arrive } = layer();
  arrive(request('INVITE'));
  requested[0]?.respond(response(request('INVITE'), 486));
  arrive(request('ACK'));
  expect(heard).toEqual(['INVITE']);
  arrive(request('ACK', [otherBranch, ['To', '<sip:b@b.example>;tag=b']]));
  expect(heard).toEqual(['INVITE', 'ACK']);
});

test('a CANCEL is answered, its INVITE ends with 487, and one for nothing gets 481', () => {
  const { heard, flow, arrive } = layer();
  arrive(request('INVITE'));
  arrive(request('CANCEL'));
  expect(heard).toEqual(['INVITE', 'CANCEL']);
  expect(flow.log).toEqual([200, 487]);
  expect(flow.sent.map(({ to }) => to.parameters.get('tag'))).toEqual(['ours', 'ours']);
  arrive(request('CANCEL', [otherBranch]));
  expect(flow.log).toEqual([200, 487, 481]);
});

test('a CANCEL after the 2xx is answered and has no effect', () => {
  const { heard, requested, flow, arrive } = layer();
  arrive(request('INVITE'));
  requested[0]?.respond(response(request('INVITE'), 200));
  arrive(request('CANCEL'));
  expect(heard).toEqual(['INVITE']);
  expect(flow.log).toEqual([200, 200]);
});

test('a second copy by another way gets 482 while the first is served, and a new attempt is served', () => {
  const { heard, requested, flow, arrive } = layer();
  arrive(request('INVITE'));
  arrive(request('INVITE', [otherBranch]));
  expect(flow.log).toEqual([482]);
  expect(heard).toEqual(['INVITE']);
  requested[0]?.respond(response(request('INVITE'), 503));
  arrive(request('INVITE', [['Via', 'SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bKthird']]));
  expect(heard).toEqual(['INVITE', 'INVITE']);
});

test('RFC 2543 peers without a magic cookie are told apart by the whole request', () => {
  const { heard, arrive } = layer();
  const via = ['Via', 'SIP/2.0/UDP 127.0.0.2:5070;branch=1'] as const;
  arrive(request('OPTIONS', [via]));
  arrive(request('OPTIONS', [via]));
  arrive(request('OPTIONS', [via, ['Call-ID', 'two@a.example']]));
  expect(heard).toEqual(['OPTIONS', 'OPTIONS']);
});

test('above the limit requests are refused without a transaction', () => {
  const { transactions, heard, flow, arrive } = layer(1);
  arrive(request('OPTIONS'));
  arrive(request('OPTIONS', [otherBranch, ['Call-ID', 'two@a.example']]));
  expect(heard).toEqual(['OPTIONS']);
  expect(flow.log).toEqual([503]);
  expect(flow.sent[0]?.headers.get('Retry-After')).toBe('10');
  expect(transactions.serverCount).toBe(1);
});

test('closing ends every transaction and refuses new ones', async () => {
  const { transactions, flow, arrive } = layer();
  arrive(request('INVITE'));
  await transactions.close('test');
  expect(transactions.serverCount).toBe(0);
  const listener = { responded: () => undefined, failed: () => undefined };
  expect(() =>
    transactions.send({ method: 'OPTIONS', uri: 'sip:b@b.example', headers: [] }, flow, listener),
  ).toThrow('closed');
});
