import type { Page } from 'playwright-core';
import type { ServerMessage } from '#signaling/web/protocol.ts';

type MessageOf<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

/** What the server has told a page over its WebSocket, as the browser received it. */
export class ServerMessages {
  readonly #messages: ServerMessage[] = [];
  /** When it was let into the room, wall clock. */
  joinedAtMs: number | undefined;

  /** Before the page is opened. */
  constructor(page: Page) {
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        const message = JSON.parse(payload.toString()) as ServerMessage;
        if (message.type === 'joined') this.joinedAtMs ??= Date.now();
        this.#messages.push(message);
      }),
    );
  }

  /** All of them, as JSON. */
  get text(): string {
    return JSON.stringify(this.#messages);
  }

  /** Its newest message of that type. */
  last<T extends ServerMessage['type']>(type: T): MessageOf<T> | undefined {
    return this.#messages.findLast((message): message is MessageOf<T> => message.type === type);
  }

  count(type: ServerMessage['type']): number {
    return this.#messages.filter((message) => message.type === type).length;
  }

  get selfId(): string {
    const joined = this.last('joined');
    if (joined === undefined) throw new Error('the page has not joined');
    return joined.participantId;
  }

  /** The UDP port for media that it was offered. */
  get mediaPort(): number {
    const port = /^a=candidate:\S+ \d+ udp \d+ \S+ (\d+)/im.exec(this.last('offer')?.sdp ?? '')?.[1];
    if (port === undefined) throw new Error('the page was offered no UDP port');
    return Number(port);
  }

  /** The id of somebody in the roster; undefined before it is told of him. */
  idOf(name: string): string | undefined {
    return this.last('roster')?.participants.find((participant) => participant.name === name)?.id;
  }
}
