import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { Microphone, type MicrophoneState } from './Microphone.ts';
import { readPreferences } from './preferences.ts';

export interface UsedMicrophone {
  readonly microphone: Microphone | undefined;
  readonly state: MicrophoneState;
}

const openingState: MicrophoneState = {
  status: 'opening',
  problem: undefined,
  track: undefined,
  choices: [],
  chosenId: undefined,
};

/** The microphone, open for as long as the component is there. */
export function useMicrophone(): UsedMicrophone {
  const [microphone, setMicrophone] = useState<Microphone>();
  const [state, setState] = useState(openingState);
  useEffect(() => {
    const opened = new Microphone(readPreferences().microphoneId, setState);
    setMicrophone(opened);
    setState(opened.state);
    return () => opened.close();
  }, []);
  return { microphone, state };
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

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
