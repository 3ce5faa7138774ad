import type { Closable } from '#kernel/index.ts';
import type { Evidence } from '../identity/contract.ts';

export const deviceClasses = ['browser', 'room-system', 'softphone', 'mcu', 'gateway', 'unknown'] as const;
export type DeviceClass = (typeof deviceClasses)[number];

export const backendKinds = ['endpoint', 'focus', 'gateway', 'unknown'] as const;
export type BackendKind = (typeof backendKinds)[number];

/** What stands behind a leg, with what was seen of it. */
export interface Backend {
  readonly kind: BackendKind;
  /** `isfocus`, `allow-events=conference`, `user-agent=…`, `csrc=5`, …: each what was seen, in the order of weight. */
  readonly evidence: readonly string[];
  readonly confidence: 'low' | 'medium' | 'high';
}

/** All that a decision may rest on. Plain data: it can be written to a file and decided again. */
export interface PolicyRequest {
  /** `join` before a call is in, `stay` while it is, `dial` before the zone calls somebody. */
  readonly action: 'join' | 'stay' | 'dial';
  /** With `dial`: the call is in, and decided about again. */
  readonly inCall?: boolean;
  readonly room: string;
  readonly direction: 'in' | 'out';
  readonly protocol: 'sip' | 'web';
  /** As the caller names himself; with `dial` the one who is called. Proves nothing. */
  readonly caller: { readonly name: string; readonly uri?: string; readonly domain?: string };
  readonly evidence: Evidence;
  readonly device: { readonly class: DeviceClass; readonly product: string };
  readonly transport: {
    readonly kind: 'tls' | 'tcp' | 'udp' | 'ws';
    readonly tlsVersion?: string;
    readonly tlsGroup?: string;
    readonly tlsCipher?: string;
    /** Name of the suite, `DTLS-SRTP`, or `none`. Unknown before the media is there. */
    readonly srtp?: string;
  };
  readonly source: { readonly address: string };
  /** `own`: of the zone's owner, by network or evidence; the name of a partner; else `guest`. */
  readonly party: string;
  readonly backend: Backend;
  /** People in the room, this one not counted. */
  readonly occupancy: {
    readonly total: number;
    readonly hosts: number;
    readonly byParty: Readonly<Record<string, number>>;
  };
  /** Milliseconds since 1970; the engine makes UTC and local time, weekday and holiday of it. */
  readonly atMs: number;
}

/** What an allowed call must put up with. */
export interface Obligations {
  readonly role: 'host' | 'guest';
  /** It waits until a host admits it. */
  readonly lobby: boolean;
  readonly audioOnly: boolean;
  /** Shown on its tile and in the roster. */
  readonly label?: string;
}

/** A refusal is a value. The same request with the same revision always gives the same effect, policies and obligations. */
export interface PolicyDecision {
  /** Unique; the call record has it, and `zonebridge policy replay` finds the request by it. */
  readonly id: string;
  readonly effect: 'allow' | 'deny';
  readonly obligations: Obligations;
  /** Names of the policies that decided, as their `@id` says; for what is no Cedar policy a name such as `guests: review date passed`. */
  readonly policies: readonly string[];
  /** Hash of policy text and schema. */
  readonly revision: string;
  /** Who decided last. */
  readonly decidedBy: 'cedar' | 'server' | 'guests' | 'partner' | 'network' | 'zone';
  /** The policy server failed, and what the zone's config says about that was done. */
  readonly fallback?: { readonly failure: string; readonly rule: string };
  /** Why, for the zone's own people. */
  readonly reason: string;
  /** What the server or policy wants shown instead of the caller's own name. */
  readonly displayName?: string;
}

export interface PolicyEvents {
  /** Something in force has changed (policy file, partner, window, revocation): decide again at once. */
  changed: [why: string];
  /** For the administrator: a review date has passed, a policy file is faulty and the old one stays, the server fails. */
  alarm: [text: string];
}

/** Decides who may come, stay and be called in one zone. Default deny. */
export interface PolicyEngine extends Closable {
  /** Never rejects: a failure is a decision by the zone's written rule. */
  decide(request: PolicyRequest): Promise<PolicyDecision>;
  /** Which party somebody is of, by his evidence and network. */
  partyOf(request: Pick<PolicyRequest, 'evidence' | 'source'>): string;
  readonly revision: string;
  on<E extends keyof PolicyEvents>(event: E, listener: (...values: PolicyEvents[E]) => void): void;
}
