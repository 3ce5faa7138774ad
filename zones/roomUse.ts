import type { LayoutName } from '#kernel/index.ts';
import type { Meeting } from './Meeting.ts';
import type { Participant } from './Participant.ts';
import type { StageControl } from './StageControl.ts';

/** How a room is used, without a word about who uses it. */
export interface RoomUse {
  readonly room: string;
  readonly browsers: number;
  readonly phones: number;
  /** People in the lobby. */
  readonly waiting: number;
  readonly locked: boolean;
  /** Cameras that are on. */
  readonly cameras: number;
  readonly sharing: boolean;
  readonly layout: LayoutName;
}

/** `people`: those who are in. */
export function useOf(
  room: string,
  people: readonly Participant[],
  { waiting, locked }: Meeting,
  { sharing, layout }: StageControl,
): RoomUse {
  const roster = people.map((participant) => participant.rosterEntry(''));
  const browsers = roster.filter(({ kind }) => kind === 'browser').length;
  return {
    room,
    browsers,
    phones: roster.length - browsers,
    waiting,
    locked,
    cameras: roster.filter(({ camera }) => camera === 'on').length,
    sharing,
    layout,
  };
}
