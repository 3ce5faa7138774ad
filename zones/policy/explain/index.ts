export { askedSchema, pinKinds, type Asked } from './askedSchema.ts';
export { caseResult, policyCasesSchema, type CaseResult, type PolicyCase } from './cases.ts';
export { explain, type Explanation } from './explain.ts';
export { LocalRules, type ZoneRules } from './LocalRules.ts';
export { timeText, type Remedy } from './remedies.ts';
export { keptDecision, keptRequest, replay, type KeptDecision, type Replay } from './replay.ts';
export { requestOf, type SystemShown } from './requestOf.ts';
export { certificateEvidence } from './shownEvidence.ts';
