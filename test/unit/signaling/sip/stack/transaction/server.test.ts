import { expect, test } from 'vitest';
import { InviteServerTransaction } from '#signaling/sip/stack/transaction/InviteServerTransaction.ts';
import { NonInviteServerTransaction } from '#signaling/sip/stack/transaction/NonInviteServerTransaction.ts';
import { HandClock, RecordingFlow, request, response } from './support.ts';

function invite(transport: 'udp' | 'tcp' = 'udp') {
  const clock = new HandClock();
  const flow = new RecordingFlow(transport);
  const ends: number[] = [];
  const transaction = new InviteServerTransaction(request('INVITE'), flow, clock.timers(), () =>
    ends.push(1),
  );
  return { clock, flow, transaction, ended: () => ends.length > 0 };
}

test('a retransmitted INVITE gets the latest provisional response again', () => {
  const { flow, transaction } = invite();
  transaction.respond(response(transaction.request, 100));
  transaction.respond(response(transaction.request, 180));
  transaction.retransmitted();
  expect(flow.log).toEqual([100, 180, 180]);
  expect(transaction.pending).toBe(true);
});

test('a failure is sent again at T1, doubling up to T2, until the ACK; over UDP it lingers T4 for more ACKs', () => {
  const { clock, flow, transaction, ended } = invite();
  transaction.respond(response(transaction.request, 486));
  clock.advance(500 + 1000 + 2000 + 4000 + 4000);
  expect(flow.log).toEqual([486, 486, 486, 486, 486, 486]);
  transaction.acknowledged();
  clock.advance(4999);
  expect(flow.log).toHaveLength(6);
  expect(ended()).toBe(false);
  clock.advance(1);
  expect(ended()).toBe(true);
  expect(clock.waiting).toBe(0);
});

test('a failure that is never acknowledged is given up after 64*T1, and over TCP it is sent once', () => {
  const { clock, flow, transaction, ended } = invite('tcp');
  transaction.respond(response(transaction.request, 404));
  clock.advance(31_999);
  expect(ended()).toBe(false);
  clock.advance(1);
  expect(ended()).toBe(true);
  expect(flow.log).toEqual([404]);
});

test('after a 2xx it absorbs the INVITE, takes the 2xx again and ends with Timer L', () => {
  const { clock, flow, transaction, ended } = invite();
  const answer = response(transaction.request, 200);
  expect(transaction.respond(answer)).toBe('sent');
  transaction.retransmitted();
  transaction.acknowledged();
  expect(transaction.respond(answer)).toBe('sent');
  expect(transaction.respond(response(transaction.request, 486))).toBe('too-late');
  expect(flow.log).toEqual([200, 200]);
  clock.advance(32_000);
  expect(ended()).toBe(true);
  expect(transaction.respond(answer)).toBe('too-late');
});

test('a response on a flow that is gone is told to be lost', () => {
  const { flow, transaction } = invite('tcp');
  flow.closed = true;
  expect(transaction.respond(response(transaction.request, 180))).toBe('flow-lost');
});

test('another request is answered once, again for retransmissions, and remembered for Timer J over UDP', () => {
  const clock = new HandClock();
  const flow = new RecordingFlow();
  let ended = false;
  const transaction = new NonInviteServerTransaction(request('OPTIONS'), flow, clock.timers(), () => {
    ended = true;
  });
  transaction.retransmitted();
  expect(flow.log).toEqual([]);
  transaction.respond(response(transaction.request, 200));
  transaction.retransmitted();
  expect(transaction.respond(response(transaction.request, 500))).toBe('too-late');
  expect(flow.log).toEqual([200, 200]);
  clock.advance(31_999);
  expect(ended).toBe(false);
  clock.advance(1);
  expect(ended).toBe(true);
});
