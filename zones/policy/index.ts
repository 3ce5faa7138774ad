import { CedarPolicy, type PolicyEngineOptions } from './CedarPolicy.ts';
import type { PolicyEngine } from './contract.ts';

export type * from './contract.ts';
export { policySchemaText } from './schema.ts';

/** Throws `config-invalid` with every fault of the zone's policies. */
export function createPolicyEngine(options: PolicyEngineOptions): Promise<PolicyEngine> {
  return CedarPolicy.create(options);
}
