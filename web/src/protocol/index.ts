export { initialCallState, type CallPhase, type CallState, type MediaState } from './callState.ts';
export { RoomCall, type RoomCallOptions } from './RoomCall.ts';
export { describeRosterChange, sortRoster } from './roster.ts';
export { StatisticsReader, type MediaStatistics, type SentLayer, type Statistics } from './statistics.ts';
export {
  roomSocketUrl,
  type LayoutName,
  type RosterParticipant,
  type StageMessage,
  type StageTile,
} from './wire.ts';
