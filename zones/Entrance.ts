import { ZonebridgeError, errorCodeOf, sourceOf, termination, type Termination } from '#kernel/index.ts';
import { askToLogIn } from './askToLogIn.ts';
import type { RoomConfig, ZoneConfig } from './config/schema.ts';
import { labelOf } from './backend/labelOf.ts';
import type { DialledCall } from './DialOut.ts';
import type { PinGate } from './identity/PinGate.ts';
import type { PossessionEvidence } from './identity/contract.ts';
import type { LegJournal } from './LegJournal.ts';
import type { Meeting } from './Meeting.ts';
import type { PolicyDecision, PolicyEngine, PolicyRequest } from './policy/contract.ts';
import type { WaitingFor } from './rooms/Lobby.ts';
import type { Visitor } from './Visitor.ts';

/** How a caller is asked: on the page, or by voice. All reject with `closed` when he is gone, `timeout` when he does nothing. */
export interface GateDialogue {
  /** Resolves with what was typed; empty for who has no PIN and comes as a guest. */
  askPin(ask: PinQuestion): Promise<string>;
  showLobby(waitsFor: WaitingFor): Promise<void>;
}

export interface PinQuestion {
  readonly wrong: boolean;
  /** How long until a code counts. */
  readonly retryInMs: number;
  readonly digits: readonly [number, number];
  /** Who has no PIN comes in as a guest. */
  readonly mayBeGuest: boolean;
}

interface EntranceOptions {
  readonly visitor: Visitor;
  readonly room: RoomConfig;
  readonly meeting: Meeting;
  readonly policy: Pick<PolicyEngine, 'decide'>;
  readonly pins: PinGate;
  readonly journal: LegJournal;
  readonly participantId: string;
  readonly zone: Pick<ZoneConfig, 'identity'>;
  /** A phone must log in (SIP digest) or show a certificate that counts, whoever may come. */
  readonly phonesLogIn: boolean;
  /** What of the label all may see: with opaque names not who a partner is. */
  readonly showParty: (party: string) => boolean;
  /** Of a call that the zone makes: it was allowed before it was made. */
  readonly dialled?: DialledCall;
  /** People in the room but for this one. */
  readonly occupancy: () => PolicyRequest['occupancy'];
}

const mostTries = 5;

/** The way of one caller into a room: policy, then the room's code, then the lobby. A refusal is a value. */
export class Entrance {
  readonly #options: EntranceOptions;
  #decision: PolicyDecision | undefined;
  /** While a code is missing: what policy would say with one. */
  #withCode: PolicyDecision | undefined;
  #isHost = false;
  #passed = false;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /** Policy's word, before anything of the room is shown; a refusal, or nothing. */
  async ask(): Promise<Termination | undefined> {
    const { dialled, zone, visitor, journal } = this.#options;
    if (dialled !== undefined) {
      await journal.decided(dialled.decision, dialled.request);
      return this.#accept(dialled.decision);
    }
    if (this.#lacksLogin) return termination('identity-missing', `no login of the phone${this.#unproven}`);
    const decision = await this.#decide();
    if (decision.effect === 'allow') return this.#accept(decision);
    // A code may be what is missing: then it is asked for, and its refusal looks like that of a wrong code.
    this.#withCode = await this.#decisionWithCode();
    if (this.#withCode === undefined)
      return (await askToLogIn(zone, visitor.call)) ?? this.#refusal(decision);
    this.#decision = decision;
    return undefined;
  }

  /** In the course of the call: role, label and what else it obliges to may have changed. */
  decidedAgain(decision: PolicyDecision): void {
    this.#accept(decision);
  }

  /** Something is to be done before he is in the room. */
  get hasGates(): boolean {
    return !this.#passed && (this.#needsCode || this.#needsLobby);
  }

  /** Through the gates that are left; a refusal, or nothing. Throws `closed` when the caller is gone. */
  async pass(dialogue: GateDialogue): Promise<Termination | undefined> {
    if (this.#needsCode) {
      const refused = await this.#passCode(dialogue);
      if (refused !== undefined) return refused;
    }
    const refused = this.#needsLobby ? await this.#passLobby(dialogue) : undefined;
    this.#passed = refused === undefined;
    return refused ?? this.refusedAtLast();
  }

  /** At the last moment, and whatever the way was: nobody is in by a decision that denies. */
  refusedAtLast(): Termination | undefined {
    const { decision } = this;
    if (decision.effect === 'deny') return this.#refusal(decision);
    return this.#isLockedOut ? termination('locked', 'the room was locked while it came in') : undefined;
  }

  /** The decision that he is in by. After `ask`. */
  get decision(): PolicyDecision {
    if (this.#decision === undefined) throw new ZonebridgeError('internal', 'nobody has decided yet');
    return this.#decision;
  }

  /** Also when what is missing yet were shown. */
  get allowsVideo(): boolean {
    return ![this.#decision, this.#withCode].some((decision) => decision?.obligations.audioOnly === true);
  }

  /** In place of his own, by the word of a policy server. */
  get displayName(): string | undefined {
    return this.#decision?.displayName;
  }

  /** May direct the room. */
  get isHost(): boolean {
    return this.#isHost;
  }

  get label(): string | undefined {
    const { visitor } = this.#options;
    const { party, backend } = visitor;
    return this.decision.obligations.label ?? labelOf(backend, party, this.#options.showParty(party));
  }

  get #needsCode(): boolean {
    const { pins, dialled } = this.#options;
    if (dialled !== undefined) return false;
    // Whatever role a code would bring.
    if (this.decision.effect === 'deny') return true;
    if (this.#options.visitor.evidence.possession.length > 0) return false;
    return (pins.guestsNeedCode || pins.hasHostPin) && this.decision.obligations.role !== 'host';
  }

  get #needsLobby(): boolean {
    if (this.#isHost || this.#options.dialled !== undefined) return false;
    return this.#options.meeting.mustWait(this.decision.obligations.lobby);
  }

  get #isLockedOut(): boolean {
    const { meeting, dialled } = this.#options;
    return meeting.locked && dialled === undefined && !this.#isHost && !this.#wasAdmitted;
  }

  /** Only hosts have a PIN here, and policy would have him without one. */
  get #mayBeGuest(): boolean {
    return !this.#options.pins.guestsNeedCode && this.decision.effect === 'allow';
  }

  async #passCode(dialogue: GateDialogue): Promise<Termination | undefined> {
    const { pins, visitor } = this.#options;
    const source = visitor.call.origin.remoteAddress;
    const mayBeGuest = this.#mayBeGuest;
    let question: PinQuestion = { wrong: false, retryInMs: 0, digits: pins.digits, mayBeGuest };
    for (let tries = 0; tries < mostTries;) {
      const code = await answerOf(dialogue.askPin(question));
      if (code === undefined) return termination('pin-failed', 'no code came in time');
      if (code === '' && mayBeGuest) return undefined;
      const { result, retryInMs } = await pins.check(code, source);
      if (result === 'wait') question = { ...question, wrong: false, retryInMs };
      else if (result === 'wrong') {
        tries += 1;
        question = { ...question, wrong: true, retryInMs };
      } else {
        visitor.proves(result === 'totp' ? 'totp' : `${result}-pin`);
        return this.#decideAgain();
      }
    }
    return termination('pin-failed', `${mostTries} wrong codes`);
  }

  async #passLobby(dialogue: GateDialogue): Promise<Termination | undefined> {
    const { visitor, meeting, participantId: id } = this.#options;
    const { call } = visitor;
    const kind = call.protocol === 'web' ? 'browser' : 'phone';
    const label = this.label === undefined ? {} : { label: this.label };
    const person = { id, name: call.displayName, kind, ...label } as const;
    const { lobby } = this.decision.obligations;
    const waitsFor = meeting.waitsFor(lobby);
    const waiting = meeting.wait(person, lobby, sourceOf(call.origin.remoteAddress));
    if (waitsFor !== undefined) await dialogue.showLobby(waitsFor);
    const waited = await waiting;
    if ('refused' in waited) return waited.refused;
    if (waited.approved) visitor.proves('approved');
    const refused = await this.#decideAgain();
    if (refused !== undefined || waited.approved) return refused;
    // Who waited for a host alone may have to wait for his word by now.
    return this.#needsLobby ? this.#passLobby(dialogue) : undefined;
  }

  /** With what he has shown since. */
  async #decideAgain(): Promise<Termination | undefined> {
    const decision = await this.#decide();
    return decision.effect === 'allow' ? this.#accept(decision) : this.#refusal(decision);
  }

  #accept(decision: PolicyDecision): undefined {
    this.#decision = decision;
    this.#withCode = undefined;
    this.#isHost = this.#isHostBy(decision);
    return undefined;
  }

  #isHostBy({ obligations }: PolicyDecision): boolean {
    const { room, visitor } = this.#options;
    if (room.hosts === 'nobody') return false;
    if (visitor.evidence.possession.includes('host-pin') || obligations.role === 'host') return true;
    const everyone = visitor.call.protocol === 'web' && room.hosts === 'everyone';
    // Whom a host has to admit is none, however he came.
    return everyone && !this.#wasAdmitted && !obligations.lobby && !this.#hasCodes;
  }

  get #wasAdmitted(): boolean {
    return this.#options.visitor.evidence.possession.includes('approved');
  }

  get #hasCodes(): boolean {
    const { pins } = this.#options;
    return pins.hasHostPin;
  }

  async #decide(also: readonly PossessionEvidence[] = []): Promise<PolicyDecision> {
    const { policy, visitor, occupancy, journal } = this.#options;
    const request = visitor.request('join', occupancy(), also);
    const decision = await policy.decide(request);
    // What would be is nobody's decision.
    if (also.length === 0) await journal.decided(decision, request);
    return decision;
  }

  /** The decision that a code of this room would bring about; nothing when none would help, or there is none. */
  async #decisionWithCode(): Promise<PolicyDecision | undefined> {
    const { pins, room } = this.#options;
    const possible: PossessionEvidence[] = [
      ...(room.guest_pin === undefined ? [] : (['guest-pin'] as const)),
      ...(room.totp === undefined ? [] : (['totp'] as const)),
      ...(pins.hasHostPin ? (['host-pin'] as const) : []),
    ];
    for (const possession of possible) {
      const decision = await this.#decide([possession]);
      if (decision.effect === 'allow') return decision;
    }
    return undefined;
  }

  get #lacksLogin(): boolean {
    const { visitor, phonesLogIn } = this.#options;
    const { person, system } = visitor.evidence;
    return phonesLogIn && visitor.call.protocol === 'sip' && person === undefined && system === undefined;
  }

  /** The far end learns from the cause alone; the record has the rest. */
  #refusal({ policies, reason }: PolicyDecision): Termination {
    return termination('forbidden', `${[...policies, reason].join(', ')}${this.#unproven}`);
  }

  /** What was shown and does not count. */
  get #unproven(): string {
    const { evidence, call } = this.#options.visitor;
    const { systemFault } = evidence;
    const { loginFault } = call.origin;
    const certificate = systemFault === undefined ? '' : `; its certificate does not count: ${systemFault}`;
    const isShown = loginFault !== undefined && loginFault !== 'missing';
    return isShown ? `${certificate}; its login does not count: ${loginFault}` : certificate;
  }
}

/** Undefined when none came in time. */
async function answerOf(asking: Promise<string>): Promise<string | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (errorCodeOf(error) === 'timeout') return undefined;
    throw error;
  }
}
