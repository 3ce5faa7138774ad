import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { RoomCall, type CallPhase, type CallState } from '../../../web/src/protocol/index.ts';
import { waitFor } from '#test/support/waitFor.ts';

/** WebSocket servers that a test scripts; closed after each test. */
export class PageServers {
  readonly #servers: WebSocketServer[] = [];

  /** A server that answers each `join` by itself, however often the page comes. */
  async serve(onJoin: (socket: WebSocket, visit: number) => void): Promise<string> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'zonebridge.1' });
    this.#servers.push(server);
    let visits = 0;
    server.on('connection', (socket) => {
      const visit = ++visits;
      socket.once('message', () => onJoin(socket, visit));
    });
    await once(server, 'listening');
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Cuts all connections, and takes new ones. */
  drop(): void {
    for (const server of this.#servers) for (const client of server.clients) client.terminate();
  }

  close(): void {
    this.drop();
    for (const server of this.#servers.splice(0)) server.close();
  }
}

export function say(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message));
}

/** What the page says from now on, one message after another. */
export function listen(socket: WebSocket): object[] {
  const heard: object[] = [];
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as object));
  return heard;
}

export interface ObservedCall {
  readonly call: RoomCall;
  /** Every kind of phase that the call went through. */
  readonly phases: CallPhase['kind'][];
}

export function join(url: string, retryDelaysMs: readonly number[] = [5, 5, 5]): ObservedCall {
  const phases: CallPhase['kind'][] = ['joining'];
  const onState = ({ phase: { kind } }: CallState): void => {
    if (phases.at(-1) !== kind) phases.push(kind);
  };
  const devices = { muted: false, microphone: undefined, camera: undefined };
  const call = new RoomCall({ url, name: 'Alice', ...devices, onState, retryDelaysMs });
  return { call, phases };
}

export async function ending(call: RoomCall): Promise<Extract<CallPhase, { kind: 'over' }>> {
  return waitFor('the end of the call', () =>
    call.state.phase.kind === 'over' ? call.state.phase : undefined,
  );
}

export const joined = {
  type: 'joined',
  participantId: 'a',
  room: { name: 'r', title: 'Room' },
  zone: { name: 'z' },
  host: false,
};
