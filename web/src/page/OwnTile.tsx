import type { JSX } from 'preact';
import type { StageTile } from '../protocol/index.ts';
import { usePlayback, useStreamOf } from './hooks.ts';
import { MutedIcon } from './icons.tsx';
import { tileVariables } from './stageView.ts';

interface OwnTileProps {
  /** Undefined: in the corner, for who is not on the picture. */
  readonly tile: StageTile | undefined;
  readonly track: MediaStreamTrack;
  readonly name: string;
  readonly muted: boolean;
  readonly speaking: boolean;
}

/** One's own camera at once and mirrored, over the place where the picture shows it with the delay of the way there and back. */
export function OwnTile({ tile, track, name, muted, speaking }: OwnTileProps): JSX.Element {
  const { element } = usePlayback<HTMLVideoElement>(useStreamOf(track));
  const classes = ['own-tile', tile === undefined ? 'corner' : tile.fit, speaking ? 'speaking' : ''];
  return (
    <div class={classes.join(' ')} style={tile === undefined ? undefined : tileVariables(tile)}>
      <video ref={element} class="mirrored" playsInline muted aria-label="Your camera" />
      <span class="tile-label" aria-hidden="true">
        {muted && <MutedIcon />}
        <span>{name}</span>
      </span>
    </div>
  );
}
