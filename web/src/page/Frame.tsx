import type { ComponentChildren, JSX } from 'preact';
import { Logo } from './icons.tsx';

/** The surroundings of all views but the call itself: one card in the middle. */
export function Frame({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="frame">
      <header class="brand">
        <Logo />
        <span>zonebridge</span>
      </header>
      <main class="card">{children}</main>
      <footer class="place">{location.host}</footer>
    </div>
  );
}
