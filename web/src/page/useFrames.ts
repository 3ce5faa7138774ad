import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/**
 * Whether frames come in: true from the first one after the watching began, until none has come for `patienceMs`. A hidden
 * page draws none and says nothing about them.
 */
export function useFrames(
  element: RefObject<HTMLVideoElement | null>,
  watching: boolean,
  patienceMs: number,
): boolean {
  const [flowing, setFlowing] = useState(false);
  useEffect(() => {
    setFlowing(false);
    const video = element.current;
    if (!watching || video === null) return undefined;
    let lastMs = performance.now();
    const seen = (): void => {
      lastMs = performance.now();
      setFlowing(true);
      handle = video.requestVideoFrameCallback(seen);
    };
    let handle = video.requestVideoFrameCallback(seen);
    const timer = setInterval(() => {
      if (document.hidden) lastMs = performance.now();
      else if (performance.now() - lastMs > patienceMs) setFlowing(false);
    }, 500);
    return () => {
      video.cancelVideoFrameCallback(handle);
      clearInterval(timer);
    };
  }, [watching, patienceMs]);
  return watching && flowing;
}
