import type { JSX } from 'preact';
import { usePlayback } from './hooks.ts';
import { SpeakerIcon } from './icons.tsx';

/** Plays the mix. Where the browser wants a click before it makes a sound, asks for one. */
export function AudioOutput({ stream }: { readonly stream: MediaStream | undefined }): JSX.Element {
  const { element, blocked, play } = usePlayback<HTMLAudioElement>(stream);
  return (
    <>
      <audio ref={element} />
      {blocked && (
        <div class="hear" role="alert">
          <button type="button" class="primary" onClick={play}>
            <SpeakerIcon />
            Click to hear the others
          </button>
        </div>
      )}
    </>
  );
}
