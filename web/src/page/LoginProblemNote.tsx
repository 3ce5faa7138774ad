import type { JSX } from 'preact';
import { WarningIcon } from './icons.tsx';
import type { PageLink } from './link.ts';

const words = {
  failed: ['The login did not succeed', 'Log in again, or ask whoever invited you.'],
  unavailable: ['The login cannot be reached just now', 'Try again in a few minutes.'],
} as const satisfies Record<NonNullable<PageLink['loginProblem']>, readonly [string, string]>;

/** How a login ended that did not succeed. */
export function LoginProblemNote({
  problem,
}: {
  readonly problem: PageLink['loginProblem'];
}): JSX.Element | null {
  if (problem === undefined) return null;
  const [title, advice] = words[problem];
  return (
    <div class="note warning in-card" role="alert">
      <WarningIcon />
      <div>
        <strong>{title}</strong>
        <p>{advice}</p>
      </div>
    </div>
  );
}
