import { z } from 'zod';
import { layoutNames, type LayoutName, type StageTile } from '#kernel/stage.ts';

/** The page knows this file and no other of the server's. */
export type { LayoutName, StageTile } from '#kernel/stage.ts';

/**
 * The browser's protocol: JSON text messages on wss://DOMAIN/api/rooms/ROOM/ws. The server makes the offer. An offer
 * with another `offerId` starts over: the browser drops its connection and makes a new one.
 *
 * Sections of an offer, by mid: 0 audio; where the zone has video also 1 camera (to us, simulcast) and mixed picture (from us), 2 a
 * shared screen either way, 3 the picture without oneself (from us). None is ever added or removed, so devices come and go with
 * `RTCRtpSender.replaceTrack` alone.
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
  z.strictObject({
    type: z.literal('join'),
    name: displayName,
    muted: z.boolean().default(false),
    /** The camera is on. */
    camera: z.boolean().default(false),
  }),
  z.strictObject({ type: z.literal('answer'), offerId: z.int(), sdp }),
  z.strictObject({ type: z.literal('mute'), muted: z.boolean() }),
  z.strictObject({ type: z.literal('camera'), on: z.boolean() }),
  /** Begins or ends to share a screen. */
  z.strictObject({ type: z.literal('share'), on: z.boolean() }),
  /** These three are for hosts; anybody else's are ignored. */
  z.strictObject({ type: z.literal('layout'), layout: z.enum(layoutNames) }),
  z.strictObject({ type: z.literal('spotlight'), participantId: z.string().max(64).nullable() }),
  z.strictObject({ type: z.literal('pin'), participantId: z.string().max(64), pinned: z.boolean() }),
  z.strictObject({ type: z.literal('admit'), participantId: z.string().max(64), admit: z.boolean() }),
  z.strictObject({ type: z.literal('lock'), locked: z.boolean() }),
  z.strictObject({ type: z.literal('remove'), participantId: z.string().max(64) }),
  z.strictObject({ type: z.literal('mute-other'), participantId: z.string().max(64) }),
  z.strictObject({ type: z.literal('end-conference') }),
  z.strictObject({ type: z.literal('dial'), uri: z.string().min(1).max(256) }),
  /** The PIN or code that a `gate` message asked for; the empty one to come as a guest where the gate says `mayBeGuest`. */
  z.strictObject({ type: z.literal('code'), code: z.string().regex(/^(?:\d{4,20})?$/) }),
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
  /** `on`: its camera is shown; `off`: it has one that is off; `none`: the call has no video. */
  readonly camera: 'on' | 'off' | 'none';
  readonly sharing: boolean;
  readonly pinned: boolean;
  readonly spotlight: boolean;
  readonly role: 'host' | 'guest';
  /** Of its party and of what stands behind it. */
  readonly label?: string;
}

/** Somebody in the lobby. */
export interface WaitingPerson {
  readonly id: string;
  readonly name: string;
  readonly kind: 'browser' | 'phone';
  readonly label?: string;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
}

export type ServerMessage =
  /** Before `offer`: what must be done first. */
  | {
      readonly type: 'gate';
      readonly gate: 'pin';
      readonly wrong: boolean;
      readonly mayRetryInMs: number;
      /** Fewest and most digits. */
      readonly digits: readonly [number, number];
      /** Who has no PIN comes in as well. */
      readonly mayBeGuest: boolean;
    }
  /** `until` a host has admitted this person, or is only there. */
  | { readonly type: 'gate'; readonly gate: 'lobby'; readonly until: 'admitted' | 'host' }
  /** Go there; the socket closes. Afterwards join again. */
  | { readonly type: 'gate'; readonly gate: 'login'; readonly path: string }
  /** Who waits, for hosts. */
  | { readonly type: 'waiting'; readonly people: readonly WaitingPerson[] }
  | { readonly type: 'room'; readonly locked: boolean; readonly notice: string | null }
  /** This person may direct the room from now on, or no longer. */
  | { readonly type: 'role'; readonly host: boolean }
  /** A host has muted this person. */
  | { readonly type: 'muted' }
  /** For this person alone. */
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'offer'; readonly offerId: number; readonly sdp: string }
  | {
      readonly type: 'joined';
      readonly participantId: string;
      readonly room: { readonly name: string; readonly title: string };
      readonly zone: { readonly name: string };
      /** May choose the layout and who is on stage. */
      readonly host: boolean;
    }
  | { readonly type: 'roster'; readonly participants: readonly RosterParticipant[] }
  /**
   * What the shared picture shows. `picture`: the video section to show now: `shared` is mid 1, `alternate` (a picture without oneself)
   * mid 3. The shared screen, while `sharer` is set, is mid 2.
   */
  | {
      readonly type: 'stage';
      readonly layout: LayoutName;
      readonly tiles: readonly StageTile[];
      readonly picture: 'shared' | 'alternate';
      readonly sharer: string | null;
    }
  /** Somebody else shares a screen now, or a host ended it: stop capturing. */
  | { readonly type: 'stop-sharing' }
  /** Before `joined`: the reason is for the person to read. The socket closes with 4003. */
  | { readonly type: 'refused'; readonly text: string; readonly mayRetry: boolean }
  /** After `joined`: the call is over. The socket closes with 4000. */
  | { readonly type: 'ended'; readonly text: string; readonly mayRejoin: boolean };

/** WebSocket close codes of ours (RFC 6455 §7.4.2). */
export const closeCodes = { ended: 4000, badMessage: 4002, refused: 4003 } as const;
