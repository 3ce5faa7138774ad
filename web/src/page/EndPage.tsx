import type { JSX } from 'preact';
import type { CallPhase } from '../protocol/index.ts';
import { Frame } from './Frame.tsx';
import { useInitialFocus } from './hooks.ts';

interface EndPageProps {
  readonly room: string;
  readonly phase: Extract<CallPhase, { kind: 'over' }>;
  readonly onRejoin: () => void;
}

const headings = {
  left: 'You left the call',
  refused: 'You could not join',
  ended: 'The call is over',
  'given-up': 'The connection was lost',
} as const satisfies Record<EndPageProps['phase']['how'], string>;

/** After the call, with its reason and the way back. */
export function EndPage({ room, phase, onRejoin }: EndPageProps): JSX.Element {
  const heading = useInitialFocus<HTMLHeadingElement>();
  const repeats = phase.text === headings[phase.how];
  return (
    <Frame>
      <h1 ref={heading} tabIndex={-1}>
        {headings[phase.how]}
      </h1>
      <p class="lead" role={phase.how === 'left' ? undefined : 'alert'}>
        {repeats ? `Room “${room}”` : `${phase.text}.`}
      </p>
      {phase.mayRejoin && (
        <button type="button" class="primary wide" onClick={onRejoin}>
          {phase.how === 'refused' || phase.how === 'given-up' ? 'Try again' : 'Join again'}
        </button>
      )}
      <a class="quiet wide" href="/">
        Join another room
      </a>
    </Frame>
  );
}
