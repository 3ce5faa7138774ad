export { SipEdge, type SipEdgeOptions } from './SipEdge.ts';
export type { CallerLogin, LoginAttempt, LoginVerdict } from './login.ts';
