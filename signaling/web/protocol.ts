import { z } from 'zod';

/**
 * The browser's protocol: JSON text messages on wss://DOMAIN/api/rooms/ROOM/ws. The server makes the offer. An offer
 * with another `offerId` starts over: the browser drops its connection and makes a new one.
 */
export const webSocketSubprotocol = 'zonebridge.1';

/**
 * Without what could disturb a screen or turn around what is written next to it; joiners stay, some scripts and emoji are
 * written with them.
 */
const displayName = z
  .string()
  .max(80)
  .transform((text) =>
    text
      .replace(/\s+/g, ' ')
      .replace(/(?![\u200c\u200d])[\p{C}\p{Zl}\p{Zp}]/gu, '')
      .trim(),
  )
  .refine((text) => /[^\p{C}\p{Z}\p{M}]/u.test(text), 'must have a character that can be seen');
const sdp = z.string().min(1).max(65_536);

export const clientMessageSchema = z.discriminatedUnion('type', [
  /** First message, once. */
  z.strictObject({ type: z.literal('join'), name: displayName, muted: z.boolean().default(false) }),
  z.strictObject({ type: z.literal('answer'), offerId: z.int(), sdp }),
  z.strictObject({ type: z.literal('mute'), muted: z.boolean() }),
  /** The browser could not make a connection from this offer; asks for another. */
  z.strictObject({ type: z.literal('reoffer') }),
  z.strictObject({ type: z.literal('leave') }),
]);

export type ClientMessage = z.infer<typeof clientMessageSchema>;

export interface RosterParticipant {
  readonly id: string;
  readonly name: string;
  readonly kind: 'browser' | 'phone';
  readonly muted: boolean;
  readonly speaking: boolean;
}

export type ServerMessage =
  | { readonly type: 'offer'; readonly offerId: number; readonly sdp: string }
  | {
      readonly type: 'joined';
      readonly participantId: string;
      readonly room: { readonly name: string; readonly title: string };
      readonly zone: { readonly name: string };
    }
  | { readonly type: 'roster'; readonly participants: readonly RosterParticipant[] }
  /** Before `joined`: the reason is for the person to read. The socket closes with 4003. */
  | { readonly type: 'refused'; readonly text: string; readonly mayRetry: boolean }
  /** After `joined`: the call is over. The socket closes with 4000. */
  | { readonly type: 'ended'; readonly text: string; readonly mayRejoin: boolean };

/** WebSocket close codes of ours (RFC 6455 §7.4.2). */
export const closeCodes = { ended: 4000, badMessage: 4002, refused: 4003 } as const;
