import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { describeRosterChange, type CallState } from '../protocol/index.ts';

/** Tells screen readers who came and went, and the state of one's own microphone. */
export function Announcer({ state }: { readonly state: CallState }): JSX.Element {
  const { participants, selfId, muted, phase } = state;
  const [words, setWords] = useState('');
  const before = useRef<CallState | undefined>(undefined);
  useEffect(() => {
    const last = before.current;
    before.current = state;
    // Emptied while away, for the same words said again are no change and not spoken.
    if (phase.kind !== 'joined') setWords('');
    else if (last?.phase.kind !== 'joined') setWords('You are in the call');
    else if (last.muted !== muted) setWords(muted ? 'You are muted' : 'You are not muted');
    // The first roster tells who was there before, which the list says itself.
    else if (last.participants.length > 0 && last.participants !== participants) {
      const changes = describeRosterChange(last.participants, participants, selfId);
      if (changes.length > 0) setWords(changes.join(', '));
    }
  }, [participants, selfId, muted, phase]);
  return (
    <p class="spoken" aria-live="polite">
      {words}
    </p>
  );
}
