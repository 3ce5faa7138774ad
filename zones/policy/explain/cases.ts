import { z } from 'zod';
import type { PolicyRequest } from '../contract.ts';
import type { LocalDecision } from '../localDecision.ts';
import { askedShape } from './askedSchema.ts';
import type { LocalRules } from './LocalRules.ts';

/** A row of a table of cases: a question, and what the answer has to be. */
export const policyCaseSchema = z.strictObject({
  ...askedShape,
  /** Of the case; how the caller names himself is `caller_name`. */
  name: z.string().min(1),
  caller_name: z.string().optional(),
  zone: z.string().min(1),
  expect: z.enum(['allow', 'deny', 'lobby']),
  /** A policy, by its `@id`, or what else has to be among those that decide. */
  by: z.string().min(1).optional(),
  role: z.enum(['host', 'guest']).optional(),
});
export type PolicyCase = z.infer<typeof policyCaseSchema>;

export const policyCasesSchema = z.strictObject({ cases: z.array(policyCaseSchema).min(1) });

export interface CaseResult {
  readonly decision: LocalDecision;
  /** What is not as the case has it; empty when it holds. */
  readonly faults: readonly string[];
}

/** Decides a case and compares. `lobby` is an answer of its own: who is allowed by way of a lobby is not simply allowed. */
export function caseResult(rules: LocalRules, wanted: PolicyCase, request: PolicyRequest): CaseResult {
  const decision = rules.decide(request);
  const { effect, obligations, policies } = decision;
  const answer = effect === 'allow' && obligations.lobby ? 'lobby' : effect;
  const { by, role } = wanted;
  return {
    decision,
    faults: [
      ...(answer === wanted.expect ? [] : [`expected ${wanted.expect}, got ${answer}`]),
      ...(by === undefined || policies.includes(by)
        ? []
        : [`expected by ${by}, got by ${policies.join(', ') || 'no policy'}`]),
      ...(role === undefined || obligations.role === role
        ? []
        : [`expected role ${role}, got role ${obligations.role}`]),
    ],
  };
}
