import type { LayoutName, RosterParticipant, StageMessage, StageTile } from '../protocol/index.ts';

/** How a shared screen and the people share the page: with the screen at its place, alone, or not apart from the picture. */
export const screenViews = ['both', 'screen', 'picture'] as const;
export type ScreenView = (typeof screenViews)[number];

/** `over`: the sharp screen covers its place on the picture. `beside`: it has the room, the picture is small beside it. */
export type Arrangement = 'picture' | 'over' | 'beside' | 'screen';

export function arrange(
  view: ScreenView,
  screenShown: boolean,
  screenTile: StageTile | undefined,
): Arrangement {
  if (!screenShown || view === 'picture') return 'picture';
  if (view === 'screen') return 'screen';
  return screenTile === undefined ? 'beside' : 'over';
}

/** Where one's own camera is on the picture. */
export function findOwnTile(
  stage: StageMessage | undefined,
  selfId: string | undefined,
): StageTile | undefined {
  return stage?.tiles.find(({ legId, source }) => legId === selfId && source === 'camera');
}

export function findScreenTile(stage: StageMessage | undefined): StageTile | undefined {
  return stage?.tiles.find(({ source }) => source === 'screen');
}

/** CSS variables of a tile: fractions of the picture. */
export function tileVariables({ x, y, width, height }: StageTile): Record<string, string> {
  return { '--x': String(x), '--y': String(y), '--width': String(width), '--height': String(height) };
}

/** The name of who shares; undefined when nobody does. */
export function sharerName(
  stage: StageMessage | undefined,
  participants: readonly RosterParticipant[],
): string | undefined {
  if (stage === undefined || stage.sharer === null) return undefined;
  return participants.find(({ id }) => id === stage.sharer)?.name ?? 'Somebody';
}

interface LayoutWords {
  readonly title: string;
  readonly detail: string;
  /** Rectangles on a grid of 24 by 16: x, y, width, height. */
  readonly sketch: readonly (readonly [number, number, number, number])[];
}

function grid(columns: number, rows: number): LayoutWords['sketch'] {
  const [width, height] = [(24 - (columns - 1)) / columns, (16 - (rows - 1)) / rows];
  return Array.from({ length: columns * rows }, (_, i) => [
    (i % columns) * (width + 1),
    Math.floor(i / columns) * (height + 1),
    width,
    height,
  ]);
}

function strip(count: number): LayoutWords['sketch'] {
  const width = (24 - (count - 1)) / count;
  return Array.from({ length: count }, (_, i) => [i * (width + 1), 12, width, 4]);
}

/** What people call the layouts, in the order of the menu. */
export const layoutWords: Readonly<Record<LayoutName, LayoutWords>> = {
  auto: { title: 'Automatic', detail: 'Grows with the number of people', sketch: grid(3, 2) },
  '1:0': { title: 'Speaker only', detail: 'Whoever speaks fills the picture', sketch: [[0, 0, 24, 16]] },
  '1:7': {
    title: 'Speaker and seven',
    detail: 'One large, seven small',
    sketch: [[0, 0, 24, 11], ...strip(5)],
  },
  '1:21': {
    title: 'Speaker and many',
    detail: 'One large, up to 21 small',
    sketch: [[0, 0, 24, 11], ...strip(8)],
  },
  '1:1': { title: 'Two side by side', detail: 'Both of the same size', sketch: grid(2, 1) },
  '2x2': { title: 'Four equal', detail: 'Two by two', sketch: grid(2, 2) },
  '3x3': { title: 'Nine equal', detail: 'Three by three', sketch: grid(3, 3) },
  '4x4': { title: 'Sixteen equal', detail: 'Four by four', sketch: grid(4, 4) },
  presentation: {
    title: 'Presentation',
    detail: 'A shared screen, people in a strip',
    sketch: [[0, 0, 17, 16], ...[0, 5.67, 11.33].map((y) => [18, y, 6, 4.67] as const)],
  },
};
