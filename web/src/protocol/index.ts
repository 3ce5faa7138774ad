export {
  initialCallState,
  type CallPhase,
  type CallState,
  type MediaState,
  type PinPhase,
} from './callState.ts';
export { RoomCall, type RoomCallOptions } from './RoomCall.ts';
export { describeRosterChange, sortRoster, waitingWords } from './roster.ts';
export { StatisticsReader, type MediaStatistics, type SentLayer, type Statistics } from './statistics.ts';
export {
  roomSocketUrl,
  type HostWish,
  type LayoutName,
  type RosterParticipant,
  type StageMessage,
  type StageTile,
  type WaitingPerson,
} from './wire.ts';
