import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { SpeakerIcon } from './icons.tsx';

/** Plays the mix. Where the browser wants a click before it makes a sound, asks for one. */
export function AudioOutput({ stream }: { readonly stream: MediaStream | undefined }): JSX.Element {
  const audio = useRef<HTMLAudioElement>(null);
  const [blocked, setBlocked] = useState(false);
  const play = (): void => {
    const element = audio.current;
    if (element === null) return;
    element.play().then(
      () => setBlocked(false),
      (error: unknown) => {
        // An AbortError only says that another stream came before this one began.
        if (error instanceof Error && error.name === 'NotAllowedError') setBlocked(true);
      },
    );
  };
  useEffect(() => {
    if (audio.current === null || stream === undefined) return;
    audio.current.srcObject = stream;
    play();
  }, [stream]);
  return (
    <>
      <audio ref={audio} />
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
