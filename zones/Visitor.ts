import type { LegStats } from '#media/index.ts';
import type { Call, CallerFacts } from '#signaling/call.ts';
import { classify } from './backend/classify.ts';
import { deviceOf } from './backend/deviceOf.ts';
import type { DecisionRecord, LegRecord, MediaRecord } from './cdr/contract.ts';
import type { Evidence, JudgeSystem, PossessionEvidence } from './identity/contract.ts';
import type { Backend, PolicyDecision, PolicyEngine, PolicyRequest } from './policy/contract.ts';

export interface VisitorOptions<C extends CallerFacts = Call> {
  readonly call: C;
  readonly legId: string;
  readonly judgeSystem: JudgeSystem;
  readonly partyOf: PolicyEngine['partyOf'];
}

/** What a zone knows of one caller: what he says, what he has shown, and what is seen of him. */
export class Visitor<C extends CallerFacts = Call> {
  readonly call: C;
  readonly #legId: string;
  readonly #judgeSystem: JudgeSystem;
  readonly #partyOf: PolicyEngine['partyOf'];
  readonly #possession = new Set<PossessionEvidence>();
  #stats: LegStats | undefined;
  #classified: { readonly of: readonly unknown[]; readonly backend: Backend } | undefined;

  constructor({ call, legId, judgeSystem, partyOf }: VisitorOptions<C>) {
    this.call = call;
    this.#legId = legId;
    this.#judgeSystem = judgeSystem;
    this.#partyOf = partyOf;
  }

  /** May change during the call: a certificate that is revoked makes nobody a partner. */
  get party(): string {
    return this.#partyOf({
      evidence: this.evidence,
      source: { address: this.call.origin.remoteAddress },
    });
  }

  /** A login counts until it ends, also in the course of a call. */
  get evidence(): Evidence {
    const { person, tls } = this.call.origin;
    const isOver = person?.expiresAtMs !== undefined && person.expiresAtMs <= Date.now();
    return {
      ...this.#judgeSystem(tls, this.call.direction),
      ...(person === undefined || isOver ? {} : { person }),
      possession: [...this.#possession],
    };
  }

  /** Every roster asks for it, so it is made out anew only once something that tells it is another. */
  get backend(): Backend {
    const { signs, userAgent, announced } = this.call.origin;
    const contributors = this.#stats?.contributors;
    const of = [signs, userAgent, contributors, announced];
    if (this.#classified?.of.every((one, index) => one === of[index]) !== true) {
      const backend = classify({
        signs,
        ...(userAgent === undefined ? {} : { userAgent }),
        ...(contributors === undefined ? {} : { contributors }),
        ...(announced === undefined ? {} : { announced }),
      });
      this.#classified = { of, backend };
    }
    return this.#classified.backend;
  }

  /** He has shown something that only who was invited has. */
  proves(possession: PossessionEvidence): void {
    this.#possession.add(possession);
  }

  /** What the media has seen of him since. */
  observed(stats: LegStats): void {
    this.#stats = stats;
  }

  /** `also`: as if he had shown this too. */
  request(
    action: PolicyRequest['action'],
    occupancy: PolicyRequest['occupancy'],
    also: readonly PossessionEvidence[] = [],
  ): PolicyRequest {
    const { room, direction, protocol, displayName, origin } = this.call;
    const { evidence } = this;
    return {
      action,
      room,
      direction,
      protocol,
      caller: { name: displayName, ...namesIn(origin.uri) },
      evidence: { ...evidence, possession: [...new Set([...evidence.possession, ...also])] },
      device: deviceOf(origin.userAgent, protocol),
      transport: { ...this.#transport, ...(this.#stats === undefined ? {} : { srtp: this.#stats.srtp }) },
      source: { address: origin.remoteAddress },
      party: this.party,
      backend: this.backend,
      occupancy,
      atMs: Date.now(),
    };
  }

  legRecord(decision: PolicyDecision): Omit<LegRecord, 'conferenceId'> {
    const { room, direction, protocol, displayName, origin } = this.call;
    const { system, systemFault, person, possession } = this.evidence;
    const { userAgent, uri, tls } = origin;
    return {
      legId: this.#legId,
      room,
      direction,
      protocol,
      displayName,
      ...(uri === undefined ? {} : { uri }),
      remoteAddress: origin.remoteAddress,
      ...(userAgent === undefined ? {} : { userAgent }),
      device: deviceOf(userAgent, protocol).class,
      party: this.party,
      role: decision.obligations.role,
      assurance: assuranceOf(this.evidence),
      ...(person === undefined ? {} : { personIssuer: person.issuer, personSubject: person.subject }),
      ...(system === undefined ? {} : { systemDomains: system.domains }),
      ...(systemFault === undefined ? {} : { systemFault }),
      ...(possession.length === 0 ? {} : { possession }),
      backend: this.backend,
      signalingSecurity: tls === undefined ? 'none' : [tls.version, tls.group, tls.cipher].join(' ').trim(),
      decision: decisionRecord(decision),
    };
  }

  /** Undefined before the media has told anything. */
  get mediaRecord(): MediaRecord | undefined {
    if (this.#stats === undefined) return undefined;
    const { codec, srtp, packetsReceived, packetsLost, packetsSent, video } = this.#stats;
    return {
      audioCodec: codec,
      ...(video === undefined ? {} : { videoCodec: video.codec }),
      mediaSecurity: srtp,
      packetsReceived,
      packetsLost,
      packetsSent,
    };
  }

  get #transport(): PolicyRequest['transport'] {
    const { transport: kind, tls } = this.call.origin;
    if (tls === undefined) return { kind };
    const group = tls.group === undefined ? {} : { tlsGroup: tls.group };
    return { kind, tlsVersion: tls.version, tlsCipher: tls.cipher, ...group };
  }
}

export function decisionRecord(decision: PolicyDecision): DecisionRecord {
  const { id, revision, effect, policies, decidedBy, fallback } = decision;
  return {
    decisionId: id,
    revision,
    effect,
    policies,
    decidedBy,
    ...(fallback === undefined ? {} : { fallback: `${fallback.failure}; ${fallback.rule}` }),
  };
}

function assuranceOf({ system, person, possession }: Evidence): LegRecord['assurance'] {
  return [
    ...(system === undefined ? [] : (['system'] as const)),
    ...(person === undefined ? [] : (['person'] as const)),
    ...(possession.length === 0 ? [] : (['possession'] as const)),
  ];
}

function namesIn(uri: string | undefined): Pick<PolicyRequest['caller'], 'uri' | 'domain'> {
  if (uri === undefined) return {};
  const domain = /@(\[[^\]]+\]|[^:;>?]+)/.exec(uri)?.[1]?.toLowerCase();
  return domain === undefined ? { uri } : { uri, domain };
}
