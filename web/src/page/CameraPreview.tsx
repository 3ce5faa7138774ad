import type { JSX } from 'preact';
import { colourOf, initialsOf } from './avatar.ts';
import { useKey, usePlayback, useStreamOf, type UsedDevice } from './hooks.ts';
import { CameraIcon, CameraOffIcon } from './icons.tsx';

interface CameraPreviewProps {
  readonly name: string;
  readonly used: UsedDevice;
  readonly onToggle: () => void;
}

/** Before the call: how one will look, as in a mirror, and whether the camera is on. */
export function CameraPreview({ name, used, onToggle }: CameraPreviewProps): JSX.Element {
  const { status, track, problem } = used.state;
  const { element } = usePlayback<HTMLVideoElement>(useStreamOf(track));
  useKey('v', onToggle);
  const on = status === 'ready' || status === 'opening';
  return (
    <div class="preview">
      <video
        ref={element}
        class="mirrored"
        playsInline
        muted
        hidden={track === undefined}
        aria-label="Your camera"
      />
      {track === undefined && (
        <div class="preview-words">
          <span class={`avatar colour-${colourOf(name)}`} aria-hidden="true">
            {initialsOf(name)}
          </span>
          {status === 'off' && <p>Your camera is off</p>}
          {status === 'opening' && <p>Waiting for the camera…</p>}
          {problem !== undefined && (
            <p role="alert">
              <strong>{problem.title}</strong>
              <br />
              {problem.advice}
            </p>
          )}
        </div>
      )}
      <button type="button" class="on-picture" aria-keyshortcuts="V" onClick={onToggle}>
        {on ? <CameraIcon /> : <CameraOffIcon />}
        <span>{cameraWords(status)}</span>
      </button>
    </div>
  );
}

function cameraWords(status: UsedDevice['state']['status']): string {
  if (status === 'failed') return 'Try the camera again';
  return status === 'off' ? 'Turn camera on' : 'Turn camera off';
}
