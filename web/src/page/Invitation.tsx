import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { LinkIcon } from './icons.tsx';

/** How others get here. */
export function Invitation({ words }: { readonly words: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const link = `${location.origin}${location.pathname}`;
  const copy = (): void => {
    navigator.clipboard.writeText(link).then(
      () => setCopied(true),
      // The link stands there to be copied by hand.
      () => setCopied(false),
    );
  };
  return (
    <section class="invitation">
      <h2>{words}</h2>
      <p>Others join with this link:</p>
      <p class="link">
        <code>{link}</code>
        <button type="button" class="quiet" onClick={copy}>
          <LinkIcon />
          <span role="status">{copied ? 'Copied' : 'Copy link'}</span>
        </button>
      </p>
    </section>
  );
}
