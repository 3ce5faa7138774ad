export { WebEdge, type WebEdgeOptions, type WebPeer } from './WebEdge.ts';
export type { ClientMessage, ServerMessage, RosterParticipant } from './protocol.ts';
export type { WebIdentity } from './identity.ts';
