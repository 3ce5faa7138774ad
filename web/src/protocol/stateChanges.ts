import { unknownRoom, type CallState, type PersonalNotice, type PinPhase } from './callState.ts';
import { callTexts as texts } from './callTexts.ts';
import type { GateMessage, ServerMessage } from './wire.ts';

/** More are not read; the oldest go. */
const maxNotices = 3;

type RoomNews = Extract<ServerMessage, { type: 'waiting' | 'room' | 'roster' | 'stage' }>;

/** What the server's word about the room changes in what is shown of it. */
export function roomNews(message: RoomNews): Partial<CallState> {
  switch (message.type) {
    case 'waiting':
      return { waiting: message.people };
    case 'room':
      return { locked: message.locked, roomNotice: message.notice ?? undefined };
    case 'roster':
      return { participants: message.participants };
    case 'stage':
      return { stage: message };
  }
}

export function joinedState(message: Extract<ServerMessage, { type: 'joined' }>): Partial<CallState> {
  return {
    phase: { kind: 'joined' },
    selfId: message.participantId,
    roomTitle: message.room.title,
    zoneName: message.zone.name,
    host: message.host,
    // Those of a former call, under ids that say nothing now; the roster and the stage follow.
    ...unknownRoom,
  };
}

export function pinPhase(message: Extract<GateMessage, { gate: 'pin' }>): PinPhase {
  const { wrong, mayRetryInMs, digits, mayBeGuest } = message;
  return { kind: 'pin', wrong, retryAtMs: Date.now() + mayRetryInMs, digits, mayBeGuest, checking: false };
}

export function withNotice(notices: readonly PersonalNotice[], text: string): readonly PersonalNotice[] {
  const id = (notices.at(-1)?.id ?? 0) + 1;
  return [...notices, { id, text }].slice(-maxNotices);
}

/** It is no longer so. */
export function withoutNotice(notices: readonly PersonalNotice[], notice: string): readonly PersonalNotice[] {
  return notices.filter(({ text }) => text !== notice);
}

export function roleState(notices: readonly PersonalNotice[], host: boolean): Partial<CallState> {
  const [now, before] = host ? [texts.hostNow, texts.hostNoMore] : [texts.hostNoMore, texts.hostNow];
  // Who waits follows for hosts, and is for nobody else.
  return { host, waiting: [], notices: withNotice(withoutNotice(notices, before), now) };
}
