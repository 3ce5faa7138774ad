export { alternateFor, alternateOrder } from './alternate.ts';
export { StageSelection, type StageInput, type StagePerson } from './StageSelection.ts';
export { TileMotion, type MotionTile } from './TileMotion.ts';
