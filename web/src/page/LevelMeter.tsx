import { useEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { fallSlowly, meterPosition } from './levels.ts';
import type { LevelTap } from './LevelTap.ts';

const heardPosition = 0.35;

interface LevelMeterProps {
  readonly tap: LevelTap | undefined;
  /** Also say in words whether anything comes in. */
  readonly described: boolean;
}

/** A bar that follows the microphone, painted past Preact: it moves with every frame. */
export function LevelMeter({ tap, described }: LevelMeterProps): JSX.Element {
  const bar = useRef<HTMLSpanElement>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    if (tap === undefined) return undefined;
    let frame = 0;
    let shown = 0;
    let lastMs = performance.now();
    const paint = (nowMs: number): void => {
      shown = fallSlowly(shown, meterPosition(tap.levelDb()), nowMs - lastMs);
      lastMs = nowMs;
      if (shown > heardPosition) setHeard(true);
      if (bar.current !== null) bar.current.style.transform = `scaleX(${shown.toFixed(3)})`;
      frame = requestAnimationFrame(paint);
    };
    frame = requestAnimationFrame(paint);
    return () => cancelAnimationFrame(frame);
  }, [tap]);
  return (
    <div class="meter">
      <span class="meter-track" aria-hidden="true">
        <span class="meter-bar" ref={bar} />
      </span>
      {described && (
        <span class={heard ? 'meter-words good' : 'meter-words'}>
          {heard ? 'Your microphone works' : 'Say something to test it'}
        </span>
      )}
    </div>
  );
}
