import { createHash, randomUUID } from 'node:crypto';
import {
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  validate,
  type DetailedError,
} from '@cedar-policy/cedar-wasm/nodejs';
import { ZonebridgeError } from '#kernel/index.ts';
import { cedarContext, type Calendar } from './cedarContext.ts';
import type { Obligations, PolicyRequest } from './contract.ts';
import { policyAnnotations, policySchemaText } from './schema.ts';

/** What Cedar makes of a request. */
export interface CedarVerdict {
  readonly effect: 'allow' | 'deny';
  /** Names of the policies that decided; empty when none did, which denies. */
  readonly policies: readonly string[];
  readonly obligations: Obligations;
  readonly reason: string;
}

/** Something wrong in the text of policies; line and column are from 1. */
export interface PolicyFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

interface Annotated {
  readonly effect: 'permit' | 'forbid';
  readonly annotations: Readonly<Record<string, string>>;
}

const schemaName = 'zonebridge';
const noObligations: Obligations = { role: 'guest', lobby: false, audioOnly: false };

/** Names in Cedar’s memory whose policies nobody needs any more: it forgets none, but keeps what was said last of each. */
const freeNames: string[] = [];

/** The policies of one zone, checked. The same request always gets the same verdict. */
export class PolicySet implements Disposable {
  /** Hash of policies and schema, 16 hex digits. */
  readonly revision: string;
  readonly #name = freeNames.pop() ?? randomUUID();
  readonly #policies = new Map<string, Annotated>();
  #disposed = false;

  /** Throws `config-invalid` with every fault: `policy.cedar:12:5: …`. `file` is for messages. */
  static of(file: string, text: string): PolicySet {
    const faults = policyFaults(text).map(
      ({ line, column, message }) => `${file}:${line}:${column}: ${message}`,
    );
    if (faults.length > 0) throw new ZonebridgeError('config-invalid', faults.join('\n'));
    return new PolicySet(text);
  }

  private constructor(text: string) {
    this.revision = createHash('sha256')
      .update(policySchemaText)
      .update('\0')
      .update(text)
      .digest('hex')
      .slice(0, 16);
    const policies: Record<string, string> = {};
    for (const [name, policy, annotated] of partsOf(text)) {
      policies[name] = policy;
      this.#policies.set(name, annotated);
    }
    succeeded(preparseSchema(schemaName, policySchemaText));
    succeeded(preparsePolicySet(this.#name, { staticPolicies: policies }));
  }

  /** Throws `closed` when its policies have been released. */
  evaluate(zone: string, request: PolicyRequest, calendar: Calendar): CedarVerdict {
    if (this.#disposed) throw new ZonebridgeError('closed', 'these policies are no longer in force');
    const room = { type: 'Room', id: request.room };
    const answer = statefulIsAuthorized({
      principal: { type: 'Caller', id: 'caller' },
      action: { type: 'Action', id: request.action },
      resource: room,
      context: cedarContext(request, calendar),
      preparsedSchemaName: schemaName,
      preparsedPolicySetId: this.#name,
      validateRequest: true,
      entities: [{ uid: room, attrs: { name: request.room, zone }, parents: [] }],
    });
    if (answer.type === 'failure') {
      throw new ZonebridgeError('internal', `Cedar refused a request of ours: ${textOf(answer.errors)}`);
    }
    const { decision: effect, diagnostics } = answer.response;
    const policies = [...diagnostics.reason].sort();
    return {
      effect,
      policies,
      obligations: effect === 'allow' ? this.#obligationsOf(policies) : noObligations,
      reason: this.#reasonOf(effect, policies),
    };
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    succeeded(preparsePolicySet(this.#name, { staticPolicies: {} }));
    freeNames.push(this.#name);
  }

  /**
   * Host when one of the deciding policies says so; lobby unless one of them lets in without; audio only as soon as one says so. Labels of
   * several are all shown.
   */
  #obligationsOf(names: readonly string[]): Obligations {
    const deciding = names.map((name) => this.#policies.get(name)?.annotations ?? {});
    const labels = deciding.map(({ label }) => label).filter((label) => label !== undefined);
    return {
      role: deciding.some(({ role }) => role === 'host') ? 'host' : 'guest',
      // A policy that labels, makes a host or takes the picture is no word against the lobby of another.
      lobby: deciding.some(({ lobby }) => lobby === 'true') && !deciding.some(isPlain),
      audioOnly: deciding.some(({ audio_only: audioOnly }) => audioOnly === 'true'),
      ...(labels.length === 0 ? {} : { label: [...new Set(labels)].join(', ') }),
    };
  }

  #reasonOf(effect: 'allow' | 'deny', names: readonly string[]): string {
    const reasons = names.map((name) => this.#policies.get(name)?.annotations.reason);
    const said = reasons.filter((reason) => reason !== undefined);
    if (said.length > 0) return said.join('; ');
    if (effect === 'allow') return `allowed by ${names.join(', ')}`;
    return names.length === 0 ? 'no policy allows it' : `forbidden by ${names.join(', ')}`;
  }
}

/** All that is wrong with policies; empty when nothing is. */
export function policyFaults(text: string): readonly PolicyFault[] {
  const answer = validate({
    schema: policySchemaText,
    policies: { staticPolicies: text },
    validationSettings: { mode: 'strict' },
  });
  const at = (error: DetailedError): PolicyFault => ({ ...placeOf(text, error), message: textOf([error]) });
  if (answer.type === 'failure') return answer.errors.map(at);
  const faults = answer.validationErrors.map(({ error }) => at(error));
  return faults.length > 0 ? faults : annotationFaults(text);
}

/** Those that no policy of ours understands would silently do nothing. */
function annotationFaults(text: string): readonly PolicyFault[] {
  const seen = new Set<string>();
  const found = new Map<string, number>();
  const faults: PolicyFault[] = [];
  for (const [name, policy, { effect, annotations }] of partsOf(text)) {
    // The same text may be there more than once.
    const index = text.indexOf(policy.trim(), (found.get(policy) ?? -1) + 1);
    found.set(policy, index);
    const line = lineOf(text, index);
    const fault = (message: string): number => faults.push({ line, column: 1, message });
    if (annotations.id === undefined) fault('a policy needs a name of its own: put @id("…") before it');
    else if (seen.has(name)) fault(`the name @id("${name}") is given more than once`);
    seen.add(name);
    for (const [key, value] of Object.entries(annotations)) {
      const allowed = policyAnnotations[key];
      if (!(key in policyAnnotations)) fault(`@${key} means nothing; known are ${known()}`);
      else if (allowed !== undefined && !allowed.includes(value)) {
        fault(`@${key}("${value}") must be ${allowed.map((text) => `"${text}"`).join(' or ')}`);
      } else if (effect === 'forbid' && allowed !== undefined) fault(`@${key} is for permit policies only`);
    }
  }
  return faults;
}

function known(): string {
  return Object.keys(policyAnnotations)
    .map((key) => `@${key}`)
    .join(', ');
}

/** Lets in and says nothing of how. */
function isPlain({ lobby, label, role, audio_only: audioOnly }: Readonly<Record<string, string>>): boolean {
  return lobby !== 'true' && label === undefined && role === undefined && audioOnly === undefined;
}

/** Each policy with its name, its text and what is annotated. The text has been checked. */
function partsOf(text: string): readonly (readonly [name: string, policy: string, annotated: Annotated])[] {
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') throw new ZonebridgeError('config-invalid', textOf(parts.errors));
  return parts.policies.map((policy, index) => {
    const read = policyToJson(policy);
    if (read.type === 'failure') throw new ZonebridgeError('config-invalid', textOf(read.errors));
    const { effect, annotations = {} } = read.json;
    return [annotations.id ?? `policy ${index + 1}`, policy, { effect, annotations }] as const;
  });
}

function succeeded(answer: ReturnType<typeof preparseSchema>): void {
  if (answer.type === 'failure') throw new ZonebridgeError('internal', textOf(answer.errors));
}

function textOf(errors: readonly DetailedError[]): string {
  return errors
    .map(({ message, help }) => (help === null ? message : `${message} (${help})`))
    .join('; ')
    .replaceAll(/\s+/g, ' ');
}

/** Of an error; Cedar counts bytes. */
function placeOf(
  text: string,
  { sourceLocations, related }: DetailedError,
): Pick<PolicyFault, 'line' | 'column'> {
  const start = sourceLocations?.[0]?.start ?? related?.[0]?.sourceLocations?.[0]?.start ?? 0;
  const before = Buffer.from(text).subarray(0, start).toString();
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function lineOf(text: string, index: number): number {
  return text.slice(0, Math.max(index, 0)).split('\n').length;
}
