import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CallState } from '../protocol/index.ts';
import { useLasting, usePlayback } from './hooks.ts';
import { StopShareIcon } from './icons.tsx';
import { OwnTile } from './OwnTile.tsx';
import {
  arrange,
  findOwnTile,
  findScreenTile,
  screenViews,
  sharerName,
  tileVariables,
  type ScreenView,
} from './stageView.ts';
import { useFrames } from './useFrames.ts';

interface StageProps {
  readonly state: CallState;
  readonly camera: MediaStreamTrack | undefined;
  /** Leaves one's own tile as the server shows it. */
  readonly asOthersSee: boolean;
  readonly onStopSharing: () => void;
}

const picturePatienceMs = 3_000;
/** A screen at rest is sent about once a second. */
const screenPatienceMs = 10_000;
const blackPatienceMs = 6_000;

/** All that is seen of the room: the mixed picture with one's own camera on it, and the shared screen. */
export function Stage({ state, camera, asOthersSee, onStopSharing }: StageProps): JSX.Element {
  const { stage, selfId, participants } = state;
  const [view, setView] = useState<ScreenView>('both');
  const alternateWanted = stage?.picture === 'alternate';
  const screenWanted = stage !== undefined && stage.sharer !== null && stage.sharer !== selfId;
  const shared = usePlayback<HTMLVideoElement>(state.pictureStream);
  const alternate = usePlayback<HTMLVideoElement>(state.alternateStream);
  const screen = usePlayback<HTMLVideoElement>(state.screenStream);
  const sharedShown = useFrames(shared.element, state.pictureStream !== undefined, picturePatienceMs);
  const alternateShown = useFrames(alternate.element, alternateWanted, picturePatienceMs);
  const screenShown = useFrames(screen.element, screenWanted, screenPatienceMs);
  const screenTile = findScreenTile(stage);
  const arrangement = arrange(view, screenShown, alternateShown ? undefined : screenTile);
  const blocked = [shared, screen].find((one) => one.blocked);
  return (
    <section class={`stage show-${arrangement}`} aria-label="Picture">
      <div class="picture">
        <video ref={shared.element} class="shared" playsInline muted aria-label={pictureWords(state)} />
        <video
          ref={alternate.element}
          class={alternateShown ? 'alternate shown' : 'alternate'}
          playsInline
          muted
          aria-hidden="true"
        />
        {!sharedShown && !alternateShown && <PictureWaiting connected={state.media === 'connected'} />}
        {!alternateShown && <OwnView state={state} camera={asOthersSee ? undefined : camera} />}
        {state.sharing && screenTile !== undefined && screenTile.legId === selfId && (
          <div class="own-screen" style={tileVariables(screenTile)}>
            <SharingWords onStop={onStopSharing} />
          </div>
        )}
      </div>
      <video
        ref={screen.element}
        class={arrangement === 'picture' ? 'sharp-screen' : 'sharp-screen shown'}
        style={screenTile === undefined ? undefined : tileVariables(screenTile)}
        playsInline
        muted
        aria-label={`Screen of ${sharerName(stage, participants) ?? 'nobody'}`}
        aria-hidden={arrangement === 'picture'}
      />
      {screenShown && <ScreenViewSwitch view={view} onView={setView} />}
      {state.sharing && screenTile?.legId !== selfId && (
        <div class="sharing-bar">
          <SharingWords onStop={onStopSharing} />
        </div>
      )}
      {blocked !== undefined && (
        <button type="button" class="primary play" onClick={blocked.play}>
          Click to see the picture
        </button>
      )}
    </section>
  );
}

function pictureWords({ stage, participants }: CallState): string {
  const sharer = sharerName(stage, participants);
  return sharer === undefined ? 'The room' : `The room, with the screen of ${sharer}`;
}

function PictureWaiting({ connected }: { readonly connected: boolean }): JSX.Element {
  const long = useLasting(connected, blackPatienceMs);
  return (
    <p class="picture-waiting" role="status">
      {long ? 'No picture comes through. Your network may be too slow for it' : 'Waiting for the picture…'}
    </p>
  );
}

interface OwnViewProps {
  readonly state: CallState;
  readonly camera: MediaStreamTrack | undefined;
}

/** One's own tile, or the mirror in the corner of who is alone with a picture of nobody. */
function OwnView({ state, camera }: OwnViewProps): JSX.Element | null {
  const { stage, selfId, participants, muted } = state;
  const tile = findOwnTile(stage, selfId);
  const alone = participants.length === 1;
  if (camera === undefined || (tile === undefined && !alone)) return null;
  const self = participants.find(({ id }) => id === selfId);
  return (
    <OwnTile
      tile={tile}
      track={camera}
      name={self?.name ?? 'You'}
      muted={muted}
      speaking={self?.speaking === true && !muted}
    />
  );
}

function SharingWords({ onStop }: { readonly onStop: () => void }): JSX.Element {
  return (
    <>
      <p>You are sharing your screen</p>
      <button type="button" class="stop-sharing" onClick={onStop}>
        <StopShareIcon />
        <span>Stop sharing</span>
      </button>
    </>
  );
}

const viewWords = { both: 'Both', screen: 'Screen', picture: 'Picture' } as const satisfies Record<
  ScreenView,
  string
>;

interface ScreenViewSwitchProps {
  readonly view: ScreenView;
  readonly onView: (view: ScreenView) => void;
}

function ScreenViewSwitch({ view, onView }: ScreenViewSwitchProps): JSX.Element {
  return (
    <fieldset class="view-switch">
      <legend class="spoken">Show</legend>
      {screenViews.map((one) => (
        <label key={one}>
          <input type="radio" name="screen-view" checked={one === view} onChange={() => onView(one)} />
          <span>{viewWords[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}
