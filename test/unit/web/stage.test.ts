import { expect, test } from 'vitest';
import { layoutNames, type StageTile } from '#kernel/stage.ts';
import { clientMessageSchema } from '#signaling/web/protocol.ts';
import {
  arrange,
  findOwnTile,
  findScreenTile,
  layoutWords,
  sharerName,
  tileVariables,
} from '../../../web/src/page/stageView.ts';
import type { RosterParticipant, StageMessage } from '../../../web/src/protocol/index.ts';

function tile(legId: string, source: 'camera' | 'screen'): StageTile {
  return { legId, source, x: 0.25, y: 0, width: 0.5, height: 0.5, fit: 'cover' };
}

function stageOf(...tiles: StageTile[]): StageMessage {
  return { type: 'stage', layout: 'auto', tiles, picture: 'shared', sharer: null };
}

test('every layout of the protocol has words and a sketch of its own, and can be asked for', () => {
  expect(Object.keys(layoutWords).sort()).toEqual([...layoutNames].sort());
  expect(new Set(Object.values(layoutWords).map(({ title }) => title)).size).toBe(layoutNames.length);
  for (const [layout, { sketch }] of Object.entries(layoutWords)) {
    expect(clientMessageSchema.parse({ type: 'layout', layout })).toBeDefined();
    for (const [x, y, width, height] of sketch) {
      expect(x + width).toBeLessThanOrEqual(24.01);
      expect(y + height).toBeLessThanOrEqual(16.01);
    }
  }
});

test('the own tile is that of one’s camera, not of one’s screen and of nobody else', () => {
  const stage = stageOf(tile('me', 'screen'), tile('bob', 'camera'), tile('me', 'camera'));
  expect(findOwnTile(stage, 'me')).toEqual(tile('me', 'camera'));
  expect(findOwnTile(stage, 'ann')).toBeUndefined();
  expect(findOwnTile(undefined, 'me')).toBeUndefined();
  expect(findScreenTile(stage)).toEqual(tile('me', 'screen'));
});

test('a tile becomes fractions for the style sheet', () => {
  expect(tileVariables(tile('me', 'camera'))).toEqual({
    '--x': '0.25',
    '--y': '0',
    '--width': '0.5',
    '--height': '0.5',
  });
});

test('a sharp screen covers its place on the picture, or stands beside one that has no place for it', () => {
  expect(arrange('both', true, tile('bob', 'screen'))).toBe('over');
  expect(arrange('both', true, undefined)).toBe('beside');
  expect(arrange('screen', true, tile('bob', 'screen'))).toBe('screen');
  expect(arrange('picture', true, undefined)).toBe('picture');
  // Until the first frame the picture is all there is, whatever was chosen.
  for (const view of ['both', 'screen', 'picture'] as const)
    expect(arrange(view, false, tile('bob', 'screen'))).toBe('picture');
});

test('who shares is named, also when the roster does not know them yet', () => {
  const bob = { id: 'bob', name: 'Bob' } as RosterParticipant;
  expect(sharerName({ ...stageOf(), sharer: 'bob' }, [bob])).toBe('Bob');
  expect(sharerName({ ...stageOf(), sharer: 'ann' }, [bob])).toBe('Somebody');
  expect(sharerName(stageOf(), [bob])).toBeUndefined();
});
