import type { ComponentChildren, JSX } from 'preact';
import { Logo } from './icons.tsx';
import { LogoutButton } from './LogoutButton.tsx';

interface FrameProps {
  /** Two columns where there is room. */
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** The surroundings of all views but the call itself: one card in the middle. */
export function Frame({ wide = false, children }: FrameProps): JSX.Element {
  return (
    <div class="frame">
      <header class="brand">
        <Logo />
        <span>zonebridge</span>
      </header>
      <main class={wide ? 'card two-columns' : 'card'}>{children}</main>
      <footer class="place">
        {location.host}
        <LogoutButton />
      </footer>
    </div>
  );
}
