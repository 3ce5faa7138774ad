import { expect, test } from 'vitest';
import type { SipRequest } from '#signaling/sip/stack/message/index.ts';
import { InviteClientTransaction } from '#signaling/sip/stack/transaction/InviteClientTransaction.ts';
import { NonInviteClientTransaction } from '#signaling/sip/stack/transaction/NonInviteClientTransaction.ts';
import { HandClock, RecordingFlow, request, response } from './support.ts';

function invite(transport: 'udp' | 'tcp' = 'udp') {
  const clock = new HandClock();
  const flow = new RecordingFlow(transport);
  const heard: (number | string)[] = [];
  const cancels: SipRequest[] = [];
  let ended = false;
  const transaction = new InviteClientTransaction(request('INVITE'), flow, clock.timers(), {
    listener: {
      responded: ({ status }) => heard.push(status),
      failed: (failure) => heard.push(failure),
    },
    sendCancel: (cancel) => cancels.push(cancel),
    ended: () => (ended = true),
  });
  const receive = (status: number, tag?: string): void =>
    transaction.received(response(transaction.request, status, tag), flow);
  return { clock, flow, heard, cancels, transaction, receive, ended: () => ended };
}

test('an INVITE over UDP is sent at doubling intervals until Timer B', () => {
  const { clock, flow, heard, transaction, ended } = invite();
  transaction.start();
  clock.advance(31_999);
  expect(flow.log).toHaveLength(7);
  expect(heard).toEqual([]);
  clock.advance(1);
  expect(heard).toEqual(['timeout']);
  expect(ended()).toBe(true);
  expect(clock.waiting).toBe(0);
});

test('a provisional response stops retransmissions, and then the callee may take his time', () => {
  const { clock, flow, heard, transaction, receive } = invite();
  transaction.start();
  receive(180);
  clock.advance(120_000);
  expect(flow.log).toEqual(['INVITE']);
  expect(heard).toEqual([180]);
  expect(transaction.pending).toBe(true);
});

test('a failure is acknowledged each time it comes and told once', () => {
  const { clock, flow, heard, transaction, receive, ended } = invite();
  transaction.start();
  receive(486, 'busy');
  receive(486, 'busy');
  expect(flow.log).toEqual(['INVITE', 'ACK', 'ACK']);
  const [sent, ack] = flow.sent;
  expect(ack?.via.parameters.get('branch')).toBe(sent?.via.parameters.get('branch'));
  expect(ack?.to.parameters.get('tag')).toBe('busy');
  expect(heard).toEqual([486]);
  clock.advance(32_000);
  expect(ended()).toBe(true);
});

test('every 2xx is told, also of other forks, until Timer M', () => {
  const { clock, heard, transaction, receive, ended } = invite();
  transaction.start();
  receive(200, 'one');
  receive(200, 'one');
  receive(200, 'two');
  expect(heard).toEqual([200, 200, 200]);
  clock.advance(32_000);
  expect(ended()).toBe(true);
  receive(200, 'late');
  expect(heard).toHaveLength(3);
});

test('a CANCEL waits for the first provisional response, and its call ends even if the peer falls silent', () => {
  const { clock, cancels, heard, transaction, receive } = invite();
  transaction.start();
  transaction.cancel([['Reason', 'SIP;cause=200']]);
  expect(cancels).toEqual([]);
  receive(180);
  expect(cancels).toHaveLength(1);
  expect(cancels[0]?.headers.get('Reason')).toBe('SIP;cause=200');
  expect(cancels[0]?.headers.get('CSeq')).toBe('1 CANCEL');
  expect(cancels[0]?.headers.get('Via')).toBe(transaction.request.headers.get('Via'));
  clock.advance(32_000);
  expect(heard).toEqual([180, 'timeout']);
});

test('a CANCEL that meets the final response is not sent', () => {
  const { cancels, transaction, receive } = invite();
  transaction.start();
  transaction.cancel([]);
  receive(200);
  expect(cancels).toEqual([]);
});

test('a flow that takes nothing is a failure, told after the start', () => {
  const { clock, flow, heard, transaction } = invite('tcp');
  flow.closed = true;
  transaction.start();
  expect(heard).toEqual([]);
  clock.advance(0);
  expect(heard).toEqual(['transport']);
});

function options(transport: 'udp' | 'tcp' = 'udp') {
  const clock = new HandClock();
  const flow = new RecordingFlow(transport);
  const heard: (number | string)[] = [];
  const transaction = new NonInviteClientTransaction(request('OPTIONS'), flow, clock.timers(), {
    listener: {
      responded: ({ status }) => heard.push(status),
      failed: (failure) => heard.push(failure),
    },
    ended: () => heard.push('ended'),
  });
  const receive = (status: number): void => transaction.received(response(transaction.request, status), flow);
  return { clock, flow, heard, transaction, receive };
}

test('another request over UDP is sent at intervals that double up to T2, until Timer F', () => {
  const { clock, flow, heard, transaction } = options();
  transaction.start();
  clock.advance(32_000);
  expect(flow.log).toHaveLength(11);
  expect(heard).toEqual(['ended', 'timeout']);
});

test('a provisional response slows another request down to T2', () => {
  const { clock, flow, transaction, receive } = options();
  transaction.start();
  receive(100);
  clock.advance(3999);
  expect(flow.log).toHaveLength(1);
  clock.advance(1);
  expect(flow.log).toHaveLength(2);
});

test('the final response of another request is told once and retransmissions are absorbed for T4', () => {
  const { clock, heard, transaction, receive } = options();
  transaction.start();
  receive(200);
  receive(200);
  expect(heard).toEqual([200]);
  clock.advance(5000);
  expect(heard).toEqual([200, 'ended']);
});
