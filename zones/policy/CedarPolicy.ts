import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Closable, SerialQueue, ZonebridgeError, errorText, type Log } from '#kernel/index.ts';
import type { ZoneConfig } from '../config/schema.ts';
import type { Calendar } from './cedarContext.ts';
import type { Obligations, PolicyDecision, PolicyEngine, PolicyEvents, PolicyRequest } from './contract.ts';
import { Grounds } from './grounds.ts';
import { nextChangeMs } from './nextChange.ts';
import { PolicySet } from './PolicySet.ts';
import type { PolicyServer } from './server/contract.ts';

export interface PolicyEngineOptions {
  readonly zone: ZoneConfig;
  readonly log: Log;
  /** It is closed with the engine. */
  readonly server?: PolicyServer;
  /** For file systems that report no changes. */
  readonly pollMs?: number;
}

const denied: Obligations = { role: 'guest', lobby: false, audioOnly: false };
const settleMs = 250;
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
  readonly #queue = new SerialQueue();
  readonly #watcher: FSWatcher;
  readonly #poll: NodeJS.Timeout;
  readonly #alarmed = new Set<string>();
  #policies: PolicySet;
  #text: string;
  #settling: NodeJS.Timeout | undefined;
  #boundary: NodeJS.Timeout | undefined;

  /** Throws `config-invalid` with every fault of the policies, or when the file cannot be read. */
  static async create(options: PolicyEngineOptions): Promise<CedarPolicy> {
    const { file } = options.zone.policy;
    const text = await readPolicies(file);
    return new CedarPolicy(options, text, PolicySet.of(file, text));
  }

  private constructor(
    { zone, log, server, pollMs = 60_000 }: PolicyEngineOptions,
    text: string,
    policies: PolicySet,
  ) {
    super();
    this.#zone = zone;
    this.#log = log;
    this.#server = server === undefined ? undefined : this.own(server);
    this.#grounds = new Grounds(zone);
    this.#calendar = { timeZone: zone.time_zone, holidays: zone.holidays };
    this.#policies = policies;
    this.#text = text;
    // The folder, because editors replace files by renaming.
    this.#watcher = watch(dirname(zone.policy.file), { persistent: false }, () => this.#soon());
    this.#watcher.on('error', (error) =>
      log.warn({ error: errorText(error) }, 'watching the policy file failed; it is read each minute'),
    );
    this.#poll = setInterval(() => this.#soon(), pollMs).unref();
    this.#armBoundary();
  }

  get revision(): string {
    return this.#policies.revision;
  }

  partyOf(request: Parameters<PolicyEngine['partyOf']>[0]): string {
    return this.#grounds.partyOf(request);
  }

  on<E extends keyof PolicyEvents>(event: E, listener: (...values: PolicyEvents[E]) => void): void {
    this.#events.on(event, listener as never);
  }

  async decide(request: PolicyRequest): Promise<PolicyDecision> {
    try {
      const local = this.#decideHere(request);
      if (local.effect === 'deny' || this.#server === undefined) return local;
      return await this.#decideThere(this.#server, request, local);
    } catch (error) {
      this.#log.error({ error: errorText(error) }, 'a decision failed, which denies');
      const reason = `the decision failed: ${errorText(error)}`;
      const basis = { id: randomUUID(), revision: this.revision, obligations: denied };
      return { ...basis, effect: 'deny', policies: ['zone: failed'], decidedBy: 'zone', reason };
    }
  }

  protected async release(): Promise<void> {
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    clearTimeout(this.#boundary);
    this.#watcher.close();
    await this.#queue.close();
    this.#events.removeAllListeners();
  }

  #decideHere(request: PolicyRequest): PolicyDecision {
    const basis = { id: randomUUID(), revision: this.revision };
    const ground = this.#grounds.judge(request);
    if (!ground.pass) {
      if (ground.alarm !== undefined) this.#alarmOnce(ground.alarm);
      const { decidedBy, policy, reason } = ground;
      return { ...basis, effect: 'deny', obligations: denied, policies: [policy], decidedBy, reason };
    }
    const verdict = this.#policies.evaluate(this.#zone.name, request, this.#calendar);
    const { effect, policies, reason } = verdict;
    const approved = request.evidence.possession.includes('approved');
    const lobby = !approved && (ground.lobby || verdict.obligations.lobby);
    const obligations = effect === 'allow' ? { ...verdict.obligations, lobby } : denied;
    return { ...basis, effect, obligations, policies, decidedBy: 'cedar', reason };
  }

  async #decideThere(
    server: PolicyServer,
    request: PolicyRequest,
    local: PolicyDecision,
  ): Promise<PolicyDecision> {
    const verdict = await server.decide(request, local);
    if (verdict.outcome === 'failed') return this.#serverFailed(request, local, verdict.failure);
    const { reason, displayName, audioOnly, role } = verdict;
    if (verdict.outcome === 'deny') {
      return {
        ...local,
        effect: 'deny',
        obligations: denied,
        policies: ['policy server'],
        decidedBy: 'server',
        reason,
      };
    }
    return {
      ...local,
      decidedBy: 'server',
      reason,
      obligations: {
        ...local.obligations,
        audioOnly: local.obligations.audioOnly || audioOnly === true,
        // It may take a role away, and not give one.
        role: role === 'guest' ? 'guest' : local.obligations.role,
      },
      ...(displayName === undefined ? {} : { displayName }),
    };
  }

  #serverFailed(request: PolicyRequest, local: PolicyDecision, failure: string): PolicyDecision {
    const { server } = this.#zone.policy;
    if (server === undefined)
      throw new ZonebridgeError('internal', 'a policy server answered that is not configured');
    this.#log.warn({ failure }, 'the policy server gave no usable answer');
    const during = request.action === 'stay';
    const [key, value] = during
      ? (['on_failure_during_call', server.on_failure_during_call] as const)
      : (['on_failure', server.on_failure] as const);
    const fallback = { failure, rule: `${key}: ${value}` };
    if (value === 'local' || value === 'keep') return { ...local, fallback };
    const reason = `the policy server failed: ${failure}`;
    const policies = [`policy server: ${key}`];
    return { ...local, effect: 'deny', obligations: denied, policies, decidedBy: 'server', reason, fallback };
  }

  #soon(): void {
    if (this.closed) return;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#queue.run(() => this.#reload()), settleMs).unref();
  }

  async #reload(): Promise<void> {
    const { file } = this.#zone.policy;
    try {
      const text = await readPolicies(file);
      if (text === this.#text) return;
      this.#text = text;
      this.#policies = PolicySet.of(file, text);
      this.#log.info({ revision: this.revision }, 'the new policy is in use');
      this.#events.emit('changed', 'policy file');
    } catch (error) {
      this.#alarmOnce(`the new policy cannot be used, the old one stays: ${errorText(error)}`);
    }
  }

  /** Windows, agreements and the guests' review end by the clock. */
  #armBoundary(): void {
    const nowMs = Date.now();
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

  #alarmOnce(text: string): void {
    if (this.#alarmed.has(text)) return;
    this.#alarmed.add(text);
    this.#events.emit('alarm', text);
  }
}

async function readPolicies(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ZonebridgeError('config-invalid', `${file} cannot be read`, { cause });
  }
}
