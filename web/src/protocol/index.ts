export { initialCallState, type CallPhase, type CallState, type MediaState } from './callState.ts';
export { RoomCall, type RoomCallOptions } from './RoomCall.ts';
export { describeRosterChange, sortRoster } from './roster.ts';
export { roomSocketUrl, type RosterParticipant } from './wire.ts';
