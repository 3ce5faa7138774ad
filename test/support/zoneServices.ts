import { randomUUID } from 'node:crypto';
import type { CallRecords, RecordEvent } from '#zones/cdr/contract.ts';
import { Closable } from '#kernel/index.ts';
import type { RoomConfig, ZoneConfig } from '#zones/index.ts';
import { zoneSchema } from '#zones/index.ts';
import { DialOut } from '#zones/DialOut.ts';
import { PinGate } from '#zones/identity/PinGate.ts';
import { PinGateQueue } from '#zones/identity/PinGateQueue.ts';
import { SourcePace } from '#zones/identity/SourcePace.ts';
import type { PolicyDecision, PolicyEngine, PolicyEvents, PolicyRequest } from '#zones/policy/contract.ts';
import { lobbyBell } from '#zones/prompts/lobbyBell.ts';
import type { PromptId, Prompts } from '#zones/prompts/Prompts.ts';
import { Turns } from '#zones/rooms/Turns.ts';
import type { ZoneServices } from '#zones/ZoneServices.ts';
import { governance } from './governance.ts';

/** Policy by a test's word: everybody may do everything until it says something else. */
export class PolicyStandIn extends Closable implements PolicyEngine {
  readonly revision = 'test';
  readonly asked: PolicyRequest[] = [];
  answer: (request: PolicyRequest) => Partial<PolicyDecision> = () => ({});
  party: PolicyEngine['partyOf'] = () => 'own';
  readonly #listeners: ((why: string) => void)[] = [];

  decide(request: PolicyRequest): Promise<PolicyDecision> {
    this.asked.push(request);
    return Promise.resolve({
      id: randomUUID(),
      effect: 'allow',
      obligations: { role: 'guest', lobby: false, audioOnly: false },
      policies: ['everybody'],
      revision: this.revision,
      decidedBy: 'cedar',
      reason: 'a test says so',
      ...this.answer(request),
    });
  }

  partyOf(request: Parameters<PolicyEngine['partyOf']>[0]): string {
    return this.party(request);
  }

  on<E extends keyof PolicyEvents>(event: E, listener: (...values: PolicyEvents[E]) => void): void {
    if (event === 'changed') this.#listeners.push(listener);
  }

  change(why: string): void {
    for (const listener of this.#listeners) listener(why);
  }

  protected release(): void {
    this.#listeners.length = 0;
  }
}

/** Keeps in memory what a zone writes, for a test to read. */
export class RecordsStandIn extends Closable implements CallRecords {
  readonly written: RecordEvent[] = [];
  readonly decisions: string[] = [];
  fails: Error | undefined;

  write(event: RecordEvent): Promise<void> {
    if (this.fails !== undefined) return Promise.reject(this.fails);
    this.written.push(event);
    if (event.type === 'attempt-refused' && event.request !== undefined) {
      this.decisions.push(event.leg.decision.decisionId);
    }
    return Promise.resolve();
  }

  keepDecision(decisionId: string): Promise<void> {
    this.decisions.push(decisionId);
    return Promise.resolve();
  }

  /** What was written, a word each: `leg-start`, `leg-end remote-hangup`. */
  get story(): readonly string[] {
    return this.written.map((event) => ('cause' in event ? `${event.type} ${event.cause}` : event.type));
  }

  protected release(): void {
    this.decisions.length = 0;
  }
}

/** Without sound. */
const silentPrompts: Prompts = { samples: (id) => (silence[id] ??= new Int16Array(480)), text: (id) => id };
const silence: Partial<Record<PromptId, Int16Array>> = {};

/** What is said with these samples. */
export function promptOf(samples: Int16Array): string {
  const said = Object.entries(silence).find(([, silent]) => silent === samples);
  return said?.[0] ?? (samples === lobbyBell ? 'bell' : 'something else');
}

export interface TestServices extends ZoneServices {
  readonly policy: PolicyStandIn;
  readonly records: RecordsStandIn;
}

/** What the rooms of a zone rest on, decided by the test. */
export function testServices(zone: ZoneConfig): TestServices {
  const policy = new PolicyStandIn();
  const shared = { pace: new SourcePace(), queue: new PinGateQueue() };
  const gates = new Map<string, PinGate>();
  const pinsOf = ({ name, host_pin: hostPin, guest_pin: guestPin }: RoomConfig): PinGate => {
    const pins = { ...(hostPin && { hostPin }), ...(guestPin && { guestPin }) };
    const gate = gates.get(name) ?? new PinGate({ ...shared, ...pins });
    gates.set(name, gate);
    return gate;
  };
  return {
    zone,
    policy,
    records: new RecordsStandIn(),
    prompts: silentPrompts,
    judgeSystem: () => ({}),
    pinsOf,
    turns: new Turns(),
    dialOut: new DialOut({ zone, linked: [], policy, dialler: () => undefined }),
  };
}

/** A zone as far as rooms need one. */
export function testZone(rooms: readonly object[], more: object = {}): ZoneConfig {
  return zoneSchema.parse({
    name: 'meetme',
    kind: 'meetme',
    ...governance,
    domains: ['meetme.localhost'],
    tls: { certificate: 'none.pem', key: 'none.key.pem' },
    media: { address: '127.0.0.1', ports: { min: 20_000, max: 20_099 }, webrtc_port: 20_100 },
    rooms,
    ...more,
  });
}
