import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { RoomCall, type CallPhase, type CallState } from '../../../web/src/protocol/index.ts';
import { waitFor } from '#test/support/waitFor.ts';

const servers: WebSocketServer[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

/** A server that answers each `join` by itself, however often the page comes. */
async function serve(onJoin: (socket: WebSocket, visit: number) => void): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'zonebridge.1' });
  servers.push(server);
  let visits = 0;
  server.on('connection', (socket) => {
    const visit = ++visits;
    socket.once('message', () => onJoin(socket, visit));
  });
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function say(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message));
}

interface ObservedCall {
  readonly call: RoomCall;
  /** Every kind of phase that the call went through. */
  readonly phases: CallPhase['kind'][];
}

function join(url: string, retryDelaysMs: readonly number[] = [5, 5, 5]): ObservedCall {
  const phases: CallPhase['kind'][] = ['joining'];
  const onState = ({ phase: { kind } }: CallState): void => {
    if (phases.at(-1) !== kind) phases.push(kind);
  };
  const devices = { muted: false, microphone: undefined, camera: undefined };
  const call = new RoomCall({ url, name: 'Alice', ...devices, onState, retryDelaysMs });
  return { call, phases };
}

async function ending(call: RoomCall): Promise<Extract<CallPhase, { kind: 'over' }>> {
  return waitFor('the end of the call', () =>
    call.state.phase.kind === 'over' ? call.state.phase : undefined,
  );
}

const joined = {
  type: 'joined',
  participantId: 'a',
  room: { name: 'r', title: 'Room' },
  zone: { name: 'z' },
  host: false,
};

test('a server that is not there is given up after the last attempt', async () => {
  const url = await serve(() => undefined);
  servers[0]?.close();
  const { call, phases } = join(url);
  expect(await ending(call)).toMatchObject({ how: 'given-up', mayRejoin: true });
  expect(phases).toEqual(['joining', 'reconnecting', 'over']);
});

test('a server that ends each call at once is not asked for ever', async () => {
  let visits = 0;
  const url = await serve((socket) => {
    visits++;
    say(socket, joined);
    say(socket, { type: 'ended', text: 'Broken', mayRejoin: true });
  });
  expect(await ending(join(url).call)).toMatchObject({ how: 'given-up' });
  expect(visits).toBe(4);
});

test('a lost connection is mended, and a full room on the way back is waited for', async () => {
  const url = await serve((socket, visit) => {
    if (visit === 2) return say(socket, { type: 'refused', text: 'Full', mayRetry: true });
    say(socket, joined);
    if (visit === 1) socket.terminate();
  });
  const { call, phases } = join(url);
  await waitFor('the second joining', () => phases.filter((phase) => phase === 'joined').length === 2);
  expect(phases).toEqual(['joining', 'joined', 'reconnecting', 'joined']);
  call.leave();
  expect(await ending(call)).toMatchObject({ how: 'left' });
});

test('after coming back the roster of the former call is gone, whose ids say nothing now', async () => {
  const ann = { id: 'a', name: 'Ann', kind: 'browser' };
  const url = await serve((socket, visit) => {
    say(socket, joined);
    if (visit > 1) return;
    say(socket, { type: 'roster', participants: [ann] });
    socket.close();
  });
  const { call, phases } = join(url, [600_000]);
  await waitFor('the pause', () => phases.includes('reconnecting'));
  expect(call.state.participants).toHaveLength(1);
  call.retryNow();
  await waitFor('the second joining', () => phases.filter((phase) => phase === 'joined').length === 2);
  expect(call.state.participants).toEqual([]);
  call.leave();
});

test('a refusal of the first attempt is final, in the words of the server', async () => {
  const url = await serve((socket) => say(socket, { type: 'refused', text: 'Full', mayRetry: true }));
  const { call } = join(url);
  expect(await ending(call)).toEqual({ kind: 'over', how: 'refused', text: 'Full', mayRejoin: true });
});

test('a server that does not understand the page ends the call with advice', async () => {
  const url = await serve((socket) => socket.close(4002, 'the message does not fit the protocol'));
  expect((await ending(join(url).call)).text).toMatch(/Reload the page/);
});

test('retryNow ends the pause, and leaving in the pause is the end', async () => {
  const url = await serve((socket) => socket.terminate());
  const { call } = join(url, [600_000, 600_000]);
  const attempt = (): number => (call.state.phase.kind === 'reconnecting' ? call.state.phase.attempt : 0);
  await waitFor('the first pause', () => attempt() === 1);
  call.retryNow();
  await waitFor('the second pause', () => attempt() === 2);
  call.leave();
  call.leave();
  expect(await ending(call)).toMatchObject({ how: 'left' });
});

/** What the page says from now on, one message after another. */
function listen(socket: WebSocket): object[] {
  const heard: object[] = [];
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as object));
  return heard;
}

test('the stage is shown as the server tells it, and forgotten when the call begins anew', async () => {
  const stage = { type: 'stage', layout: '1:7', tiles: [], picture: 'shared', sharer: null };
  const url = await serve((socket, visit) => {
    say(socket, { ...joined, host: visit === 1 });
    if (visit > 1) return;
    say(socket, stage);
    socket.close();
  });
  const { call, phases } = join(url, [600_000]);
  await waitFor('the pause', () => phases.includes('reconnecting'));
  expect(call.state).toMatchObject({ stage, host: true });
  call.retryNow();
  await waitFor('the second joining', () => phases.filter((phase) => phase === 'joined').length === 2);
  expect(call.state).toMatchObject({ stage: undefined, host: false });
  call.leave();
});

test('a host chooses the layout, a spotlight and pins, in the words of the protocol', async () => {
  let heard: object[] = [];
  const url = await serve((socket) => {
    heard = listen(socket);
    say(socket, joined);
  });
  const { call, phases } = join(url);
  call.setLayout('2x2');
  await waitFor('the joining', () => phases.includes('joined'));
  call.setLayout('presentation');
  call.setSpotlight('bob');
  call.setSpotlight(undefined);
  call.setPinned('bob', true);
  await waitFor('all messages', () => heard.length === 5);
  expect(heard).toEqual([
    { type: 'mute', muted: false },
    { type: 'layout', layout: 'presentation' },
    { type: 'spotlight', participantId: 'bob' },
    { type: 'spotlight', participantId: null },
    { type: 'pin', participantId: 'bob', pinned: true },
  ]);
  call.leave();
});

test('a server that ends a sharing that there is not does no harm', async () => {
  const url = await serve((socket) => {
    say(socket, joined);
    say(socket, { type: 'stop-sharing' });
    say(socket, { type: 'ended', text: 'Over', mayRejoin: false });
  });
  const { call } = join(url);
  expect(await ending(call)).toMatchObject({ how: 'ended', text: 'Over' });
  expect(call.state.sharing).toBe(false);
});
