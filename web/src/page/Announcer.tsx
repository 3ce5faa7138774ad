import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { describeRosterChange, waitingWords, type CallState } from '../protocol/index.ts';
import { sharerName } from './stageView.ts';

/** Tells screen readers who came and went, who shares, and the state of one's own devices. */
export function Announcer({ state }: { readonly state: CallState }): JSX.Element {
  const { participants, selfId, muted, camera, phase, stage, locked, waiting } = state;
  const [words, setWords] = useState('');
  const before = useRef<CallState | undefined>(undefined);
  useEffect(() => {
    const last = before.current;
    before.current = state;
    // Emptied while away, for the same words said again are no change and not spoken.
    if (phase.kind !== 'joined') setWords('');
    else if (last?.phase.kind !== 'joined') setWords('You are in the call');
    else if (last.muted !== muted) setWords(muted ? 'You are muted' : 'You are not muted');
    else if (state.video && last.camera !== camera)
      setWords(camera ? 'Your camera is on' : 'Your camera is off');
    else if (last.locked !== locked)
      setWords(locked ? 'The meeting is locked' : 'The meeting is no longer locked');
    else if (arrivals(last, state).length > 0) setWords(waitingWords(arrivals(last, state)));
    else if (last.stage?.sharer !== stage?.sharer) setWords(sharingWords(last, state));
    // The first roster tells who was there before, which the list says itself.
    else if (last.participants.length > 0 && last.participants !== participants) {
      const changes = describeRosterChange(last.participants, participants, selfId);
      if (changes.length > 0) setWords(changes.join(', '));
    }
  }, [participants, selfId, muted, camera, phase, stage, locked, waiting]);
  return (
    <p class="spoken" aria-live="polite">
      {words}
    </p>
  );
}

function arrivals(before: CallState, { waiting }: CallState): CallState['waiting'] {
  const known = new Set(before.waiting.map(({ id }) => id));
  return waiting.filter(({ id }) => !known.has(id));
}

function sharingWords(before: CallState, { stage, participants, selfId }: CallState): string {
  if (stage?.sharer === selfId) return 'You are sharing your screen';
  const name = sharerName(stage, participants);
  if (name !== undefined) return `${name} shares a screen`;
  // The first stage says that nobody does, which is nothing new.
  return before.stage === undefined ? '' : 'The screen is no longer shared';
}
