import type { ZoneConfig } from '../../config/schema.ts';
import type { PersonEvidence } from '../../identity/contract.ts';
import { momentAt } from '../calendar.ts';
import type { PolicyRequest } from '../contract.ts';
import type { LocalDecision } from '../localDecision.ts';
import { changesOf } from './configChanges.ts';
import type { LocalRules } from './LocalRules.ts';
import { momentsAhead } from './momentsAhead.ts';
import { partnerSystem, personOf, pinsOf, possession } from './shownEvidence.ts';

/** What would turn a refusal into leave, found by deciding again. */
export interface Remedy {
  readonly kind: 'evidence' | 'network' | 'time' | 'configuration';
  readonly what: string;
  readonly policies: readonly string[];
  /** Even then by the lobby. */
  readonly lobby: boolean;
}

interface Step {
  readonly kind: Remedy['kind'];
  readonly what: string;
  readonly change: (request: PolicyRequest) => PolicyRequest;
}

/** One change that is enough, or else two; and what of the configuration would have to be another. */
export function remediesOf(rules: LocalRules, request: PolicyRequest): readonly Remedy[] {
  const steps = request.action === 'dial' ? [] : stepsOf(rules.rules.zone, request);
  const tried = (one: readonly Step[]): readonly Remedy[] =>
    one.flatMap((step) => outcome(rules, step, request));
  const single = [...tried(steps), ...inTime(rules, request)];
  const pairs =
    single.length > 0
      ? []
      : [...tried(pairsOf(steps)), ...steps.flatMap((step) => later(rules, step, request))];
  return [...single, ...pairs, ...configured(rules, request)];
}

function stepsOf(zone: ZoneConfig, { room, protocol, evidence, source }: PolicyRequest): readonly Step[] {
  const certificates = zone.partners.map(({ name }) =>
    shows(`a certificate of partner ${name}`, { system: partnerSystem(zone, name) }),
  );
  const login = protocol === 'web' ? zone.identity.oidc : zone.identity.digest;
  const person = (): PersonEvidence => personOf(zone, { subject: 'somebody', groups: [], protocol });
  const logins =
    login === undefined || evidence.person !== undefined
      ? []
      : [shows(protocol === 'web' ? 'a login on the page' : 'a login of the phone', { person: person() })];
  const pins = pinsOf(zone, room)
    .filter((kind) => !evidence.possession.includes(possession(kind)))
    .map((kind) => holds(kind));
  const network = zone.networks?.[0]?.split('/')[0];
  const inside = network === undefined || network === source.address ? [] : [callsFrom(network)];
  return [...certificates, ...logins, ...pins, ...inside];
}

function shows(what: string, shown: Partial<PolicyRequest['evidence']>): Step {
  const change = (request: PolicyRequest): PolicyRequest => ({
    ...request,
    evidence: { ...request.evidence, ...shown },
  });
  return { kind: 'evidence', what, change };
}

function holds(kind: Parameters<typeof possession>[0]): Step {
  const change = (request: PolicyRequest): PolicyRequest => ({
    ...request,
    evidence: { ...request.evidence, possession: [...request.evidence.possession, possession(kind)] },
  });
  return { kind: 'evidence', what: kind === 'totp' ? 'a one-time code' : `the ${kind} PIN`, change };
}

function callsFrom(address: string): Step {
  const change = (request: PolicyRequest): PolicyRequest => ({ ...request, source: { address } });
  return { kind: 'network', what: `a call from the zone’s own networks, such as ${address}`, change };
}

function pairsOf(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((one, index) =>
    steps.slice(index + 1).map((other) => ({
      kind: one.kind,
      what: `${one.what} and ${other.what}`,
      change: (request: PolicyRequest) => other.change(one.change(request)),
    })),
  );
}

function outcome(rules: LocalRules, { kind, what, change }: Step, request: PolicyRequest): readonly Remedy[] {
  const decision = decided(rules, change(request));
  return decision.effect === 'deny' ? [] : [remedy(kind, what, decision)];
}

/** The party follows from what is shown and from where. */
function decided(rules: LocalRules, request: PolicyRequest): LocalDecision {
  const party = request.action === 'dial' ? request.party : rules.partyOf(request);
  return rules.decide({ ...request, party });
}

function inTime(rules: LocalRules, request: PolicyRequest): readonly Remedy[] {
  const { zone } = rules.rules;
  for (const atMs of momentsAhead(zone, request.atMs)) {
    const decision = decided(rules, { ...request, atMs });
    if (decision.effect === 'allow')
      return [remedy('time', `waiting until ${timeText(zone, atMs)}`, decision)];
  }
  return [];
}

function later(rules: LocalRules, { what, change }: Step, request: PolicyRequest): readonly Remedy[] {
  return inTime(rules, change(request)).map((found) => ({ ...found, what: `${what}, and ${found.what}` }));
}

function configured(rules: LocalRules, request: PolicyRequest): readonly Remedy[] {
  return changesOf(rules.rules.zone, request).flatMap(({ what, zone }) => {
    const decision = rules.decide(request, zone);
    return decision.effect === 'deny' ? [] : [remedy('configuration', what, decision)];
  });
}

function remedy(kind: Remedy['kind'], what: string, { policies, obligations }: LocalDecision): Remedy {
  return { kind, what, policies, lobby: obligations.lobby };
}

/** `2026-12-01T07:00:00.000Z (tue 08:00 in Europe/Berlin)` */
export function timeText({ time_zone: timeZone, holidays }: ZoneConfig, atMs: number): string {
  const { weekday, date, hour, minute } = momentAt(atMs, timeZone, holidays);
  const two = (value: number): string => String(value).padStart(2, '0');
  const utc = new Date(atMs).toISOString().replace(/\.000Z$/, 'Z');
  return `${utc} (${weekday} ${date} ${two(hour)}:${two(minute)} in ${timeZone})`;
}
