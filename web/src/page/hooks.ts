import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { CaptureDevice, initialDeviceState, type DeviceState } from './CaptureDevice.ts';
import type { DeviceKind } from './captureProblem.ts';
import { LevelTap } from './LevelTap.ts';

export interface UsedDevice {
  /** Undefined before the first paint. */
  readonly device: CaptureDevice | undefined;
  readonly state: DeviceState;
}

/** A microphone or camera that belongs to the component. The wishes are those of its first rendering. */
export function useDevice(kind: DeviceKind, wanted: boolean, wishedId: string | undefined): UsedDevice {
  const [device, setDevice] = useState<CaptureDevice>();
  const [state, setState] = useState(() => initialDeviceState(wanted));
  useEffect(() => {
    const opened = new CaptureDevice(kind, { wishedId, wanted, onState: setState });
    setDevice(opened);
    setState(opened.state);
    return () => opened.close();
  }, []);
  return { device, state };
}

/** Tells how loud the microphone is. */
export function useLevelTap(track: MediaStreamTrack | undefined): LevelTap | undefined {
  const [tap, setTap] = useState<LevelTap>();
  useEffect(() => {
    const made = new LevelTap();
    setTap(made);
    return () => made.close();
  }, []);
  useEffect(() => tap?.listenTo(track), [tap, track]);
  return tap;
}

/** Whole seconds until a time of Date.now, counted down; 0 when it is past. */
export function useSecondsUntil(timeMs: number): number {
  const remaining = (): number => Math.max(0, Math.ceil((timeMs - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(remaining);
  useEffect(() => {
    setSeconds(remaining());
    const timer = setInterval(() => setSeconds(remaining()), 250);
    return () => clearInterval(timer);
  }, [timeMs]);
  return seconds;
}

/** True once `condition` has held for that long without a break. */
export function useLasting(condition: boolean, durationMs: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    setLasting(false);
    if (!condition) return undefined;
    const timer = setTimeout(() => setLasting(true), durationMs);
    return () => clearTimeout(timer);
  }, [condition, durationMs]);
  return condition && lasting;
}

/** Calls back when a key is pressed by itself, outside of fields. */
export function useKey(key: string, onPress: () => void): void {
  const latest = useRef(onPress);
  latest.current = onPress;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (
        event.key.toLowerCase() !== key ||
        (target instanceof Element && target.matches('input, select, textarea'))
      )
        return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [key]);
}

/** For the heading of a new view: takes the focus, so that keyboard and screen reader begin there. */
export function useInitialFocus<T extends HTMLElement>(wanted = true): RefObject<T | null> {
  const element = useRef<T>(null);
  // Before the page is painted: who types at once must not lose the first letter.
  useLayoutEffect(() => {
    if (wanted) element.current?.focus({ preventScroll: true });
  }, []);
  return element;
}

/** Plays a stream in an element. `blocked`: the browser wants a click first. */
export function usePlayback<T extends HTMLMediaElement>(
  stream: MediaStream | undefined,
): { readonly element: RefObject<T | null>; readonly blocked: boolean; readonly play: () => void } {
  const element = useRef<T>(null);
  const [blocked, setBlocked] = useState(false);
  const play = (): void => {
    element.current?.play().then(
      () => setBlocked(false),
      (error: unknown) => {
        // An AbortError only says that another stream came before this one began.
        if (error instanceof Error && error.name === 'NotAllowedError') setBlocked(true);
      },
    );
  };
  useEffect(() => {
    if (element.current === null) return;
    element.current.srcObject = stream ?? null;
    if (stream !== undefined) play();
  }, [stream]);
  return { element, blocked, play };
}

/** One track as a stream, the same one for as long as the track is the same. */
export function useStreamOf(track: MediaStreamTrack | undefined): MediaStream | undefined {
  return useMemo(() => (track === undefined ? undefined : new MediaStream([track])), [track]);
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
