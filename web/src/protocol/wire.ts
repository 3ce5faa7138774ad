import type {
  ClientMessage,
  closeCodes,
  ServerMessage,
  webSocketSubprotocol,
} from '#signaling/web/protocol.ts';

export type {
  ClientMessage,
  RosterParticipant,
  ServerMessage,
  WaitingPerson,
} from '#signaling/web/protocol.ts';

export type StageMessage = Extract<ServerMessage, { type: 'stage' }>;
export type StageTile = StageMessage['tiles'][number];
export type GateMessage = Extract<ServerMessage, { type: 'gate' }>;
/** What a host does to the room, beside its picture. */
export type HostWish = Extract<
  ClientMessage,
  { type: 'admit' | 'lock' | 'remove' | 'mute-other' | 'end-conference' | 'dial' }
>;
export type LayoutName = StageMessage['layout'];

// Only types come from the server's file, which would bring its schema library into the page.
export const subprotocol: typeof webSocketSubprotocol = 'zonebridge.1';
export const badMessageCode: (typeof closeCodes)['badMessage'] = 4002;

/** `page` is the address of the page; WebSockets go to where it came from. */
export function roomSocketUrl(page: URL, room: string): string {
  const scheme = page.protocol === 'http:' ? 'ws:' : 'wss:';
  return `${scheme}//${page.host}/api/rooms/${encodeURIComponent(room)}/ws`;
}

const serverMessageTypes: readonly unknown[] = [
  'gate',
  'offer',
  'joined',
  'roster',
  'stage',
  'waiting',
  'room',
  'role',
  'muted',
  'notice',
  'stop-sharing',
  'refused',
  'ended',
] satisfies ServerMessage['type'][];

/** Undefined for what a newer server may send and this page does not know. Throws a SyntaxError when it is not JSON. */
export function readServerMessage(text: string): ServerMessage | undefined {
  const json: unknown = JSON.parse(text);
  if (typeof json !== 'object' || json === null || !('type' in json)) return undefined;
  return serverMessageTypes.includes(json.type) ? (json as ServerMessage) : undefined;
}

export function writeClientMessage(message: ClientMessage): string {
  return JSON.stringify(message);
}
