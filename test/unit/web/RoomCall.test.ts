import { afterEach, expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import { ending, join, joined, listen, PageServers, say } from './pageServer.ts';

const servers = new PageServers();

afterEach(() => servers.close());

test('a server that is not there is given up after the last attempt', async () => {
  const url = await servers.serve(() => undefined);
  servers.close();
  const { call, phases } = join(url);
  expect(await ending(call)).toMatchObject({ how: 'given-up', mayRejoin: true });
  expect(phases).toEqual(['joining', 'reconnecting', 'over']);
});

test('a server that ends each call at once is not asked for ever', async () => {
  let visits = 0;
  const url = await servers.serve((socket) => {
    visits++;
    say(socket, joined);
    say(socket, { type: 'ended', text: 'Broken', mayRejoin: true });
  });
  expect(await ending(join(url).call)).toMatchObject({ how: 'given-up' });
  expect(visits).toBe(4);
});

test('a lost connection is mended, and a full room on the way back is waited for', async () => {
  const url = await servers.serve((socket, visit) => {
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
  const url = await servers.serve((socket, visit) => {
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
  const url = await servers.serve((socket) => say(socket, { type: 'refused', text: 'Full', mayRetry: true }));
  const { call } = join(url);
  expect(await ending(call)).toEqual({ kind: 'over', how: 'refused', text: 'Full', mayRejoin: true });
});

test('a server that does not understand the page ends the call with advice', async () => {
  const url = await servers.serve((socket) => socket.close(4002, 'the message does not fit the protocol'));
  expect((await ending(join(url).call)).text).toMatch(/Reload the page/);
});

test('retryNow ends the pause, and leaving in the pause is the end', async () => {
  const url = await servers.serve((socket) => socket.terminate());
  const { call } = join(url, [600_000, 600_000]);
  const attempt = (): number => (call.state.phase.kind === 'reconnecting' ? call.state.phase.attempt : 0);
  await waitFor('the first pause', () => attempt() === 1);
  call.retryNow();
  await waitFor('the second pause', () => attempt() === 2);
  call.leave();
  call.leave();
  expect(await ending(call)).toMatchObject({ how: 'left' });
});

test('the stage is shown as the server tells it, and forgotten when the call begins anew', async () => {
  const stage = { type: 'stage', layout: '1:7', tiles: [], picture: 'shared', sharer: null };
  const url = await servers.serve((socket, visit) => {
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
  const url = await servers.serve((socket) => {
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
  const url = await servers.serve((socket) => {
    say(socket, joined);
    say(socket, { type: 'stop-sharing' });
    say(socket, { type: 'ended', text: 'Over', mayRejoin: false });
  });
  const { call } = join(url);
  expect(await ending(call)).toMatchObject({ how: 'ended', text: 'Over' });
  expect(call.state.sharing).toBe(false);
});
