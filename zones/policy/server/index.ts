export type { PolicyServer, ServerVerdict } from './contract.ts';
export { createPolicyServer, type PolicyServerOptions } from './HttpPolicyServer.ts';
