/** What a room's picture is made of, for all who show it: the mixer draws it, the page covers its own part of it. */

/** `1:7` is one large and seven small; `auto` grows with the number of people; `presentation` is a screen and a strip. */
export const layoutNames = [
  'auto',
  '1:0',
  '1:1',
  '1:7',
  '1:21',
  '2x2',
  '3x3',
  '4x4',
  'presentation',
] as const;
export type LayoutName = (typeof layoutNames)[number];

/** Where somebody is on the picture: fractions of its width and height, from the upper left corner. */
export interface StageTile {
  readonly legId: string;
  readonly source: 'camera' | 'screen';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** `cover` cuts off what does not fit the tile's shape, `contain` leaves bars. */
  readonly fit: 'cover' | 'contain';
}

/** The shared picture of a room as it is now, or is becoming within the time of a transition. */
export interface Stage {
  /** As somebody chose it; `presentation` also while a screen is shared under `auto`. */
  readonly layout: LayoutName;
  readonly tiles: readonly StageTile[];
  /** Who shares a screen. */
  readonly sharer?: string;
  /** Who would fill the picture: a leg that is given the alternate picture, without itself, instead. */
  readonly alternateFor?: string;
}
