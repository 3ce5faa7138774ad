import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Closable, ZonebridgeError, errorText, type Log } from '#kernel/index.ts';
import type { ZoneConfig } from '../config/schema.ts';
import { Alarms } from './alarms.ts';
import type { Calendar } from './cedarContext.ts';
import type { PolicyDecision, PolicyEngine, PolicyEvents, PolicyRequest } from './contract.ts';
import { Grounds } from './grounds.ts';
import { localDecision, stayed } from './localDecision.ts';
import { nextChangeMs } from './nextChange.ts';
import { deadlines } from './overdue.ts';
import { PolicyFile } from './PolicyFile.ts';
import type { PolicyServer } from './server/contract.ts';
import { noObligations, restricted, withoutServer } from './serverDecision.ts';

export interface PolicyEngineOptions {
  readonly zone: ZoneConfig;
  readonly log: Log;
  /** It is closed with the engine. */
  readonly server?: PolicyServer;
  /** For file systems that report no changes. */
  readonly pollMs?: number;
}

/** What setTimeout can wait, with some to spare. */
const longestTimerMs = 86_400_000;

/**
 * Decides for one zone: its configuration first (networks, partners, guests), then its Cedar policies, then its policy server. Each
 * can only take away from what the one before allows.
 */
export class CedarPolicy extends Closable implements PolicyEngine {
  readonly #zone: ZoneConfig;
  readonly #log: Log;
  readonly #server: PolicyServer | undefined;
  readonly #grounds: Grounds;
  readonly #calendar: Calendar;
  readonly #events = new EventEmitter<PolicyEvents>();
  readonly #alarms = new Alarms((text) => this.#events.emit('alarm', text));
  readonly #file: PolicyFile;
  #boundary: NodeJS.Timeout | undefined;

  /** Throws `config-invalid` with every fault of the policies, or when the file cannot be read. */
  static async create(options: PolicyEngineOptions): Promise<CedarPolicy> {
    const { zone, log, pollMs = 60_000 } = options;
    return new CedarPolicy(options, await PolicyFile.open({ file: zone.policy.file, log, pollMs }));
  }

  private constructor({ zone, log, server }: PolicyEngineOptions, file: PolicyFile) {
    super();
    this.#zone = zone;
    this.#log = log;
    this.#server = server === undefined ? undefined : this.own(server);
    this.#grounds = new Grounds(zone);
    this.#calendar = { timeZone: zone.time_zone, holidays: zone.holidays };
    this.#file = this.own(file);
    file.on('changed', () => this.#policiesChanged());
    file.on('fault', (fault) => this.#policiesFaulty(fault));
    this.#armBoundary();
  }

  get revision(): string {
    return this.#file.policies.revision;
  }

  partyOf(request: Parameters<PolicyEngine['partyOf']>[0]): string {
    return this.#grounds.partyOf(request);
  }

  /** Who listens to alarms is told at once of those that stand. */
  on<E extends keyof PolicyEvents>(event: E, listener: (...values: PolicyEvents[E]) => void): void {
    this.#events.on(event, listener as never);
    if (event !== 'alarm') return;
    for (const text of this.#alarms.standing) listener(text);
  }

  async decide(request: PolicyRequest): Promise<PolicyDecision> {
    if (this.closed) return this.#deny('zone', 'zone: stopping', 'the zone is stopping');
    try {
      const local = this.#decideHere(request);
      if (local.effect === 'deny' || this.#server === undefined) return local;
      return await this.#decideThere(this.#server, request, local);
    } catch (error) {
      this.#log.error({ error: errorText(error) }, 'a decision failed, which denies');
      return this.#deny('zone', 'zone: failed', `the decision failed: ${errorText(error)}`);
    }
  }

  protected release(): void {
    clearTimeout(this.#boundary);
    this.#events.removeAllListeners();
  }

  #deny(decidedBy: PolicyDecision['decidedBy'], policy: string, reason: string): PolicyDecision {
    const basis = { id: randomUUID(), revision: this.revision, obligations: noObligations };
    return { ...basis, effect: 'deny', policies: [policy], decidedBy, reason };
  }

  #decideHere(request: PolicyRequest): PolicyDecision {
    const rules = {
      zone: this.#zone,
      grounds: this.#grounds,
      policies: this.#file.policies,
      calendar: this.#calendar,
    };
    return { id: randomUUID(), revision: this.revision, ...localDecision(rules, request) };
  }

  async #decideThere(
    server: PolicyServer,
    request: PolicyRequest,
    local: PolicyDecision,
  ): Promise<PolicyDecision> {
    const verdict = await server.decide(request, local);
    if (verdict.outcome === 'failed') return this.#serverFailed(request, local, verdict.failure);
    this.#alarms.clear('policy server');
    // It may have made a guest of a host.
    return stayed(restricted(local, verdict), request, this.#zone);
  }

  #serverFailed(request: PolicyRequest, local: PolicyDecision, failure: string): PolicyDecision {
    const { server: rules } = this.#zone.policy;
    if (rules === undefined)
      throw new ZonebridgeError('internal', 'a policy server answered that is not configured');
    this.#log.warn({ failure }, 'the policy server gave no usable answer');
    if (!this.closed) {
      const { on_failure: atJoin, on_failure_during_call: during } = rules;
      const done = `until it does, on_failure: ${atJoin}, on_failure_during_call: ${during}`;
      this.#alarms.raise('policy server', `the policy server gives no usable answer; ${done}`);
    }
    return withoutServer(rules, request, local, failure);
  }

  #policiesChanged(): void {
    this.#log.info({ revision: this.revision }, 'the new policy is in use');
    this.#events.emit('changed', 'policy file');
  }

  #policiesFaulty(fault: string | undefined): void {
    if (fault === undefined) this.#alarms.clear('policy file');
    else this.#alarms.raise('policy file', `the new policy cannot be used, the old one stays: ${fault}`);
  }

  /** Windows, agreements and the guests' review end by the clock. */
  #armBoundary(): void {
    const nowMs = Date.now();
    this.#judgeDates(nowMs);
    const dueMs = nextChangeMs(this.#zone, nowMs);
    this.#boundary = setTimeout(
      () => {
        if (dueMs !== undefined && Date.now() >= dueMs)
          this.#events.emit('changed', 'a window, agreement or review date');
        if (!this.closed) this.#armBoundary();
      },
      Math.min((dueMs ?? Infinity) - nowMs, longestTimerMs),
    ).unref();
  }

  #judgeDates(nowMs: number): void {
    for (const { cause, overdue, text } of deadlines(this.#zone, nowMs)) {
      if (overdue) this.#alarms.raise(cause, text);
      else this.#alarms.clear(cause);
    }
  }
}
