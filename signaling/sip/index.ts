export { SipEdge, type SipEdgeOptions } from './SipEdge.ts';
