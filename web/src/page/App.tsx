import type { JSX } from 'preact';
import { HomePage } from './HomePage.tsx';
import type { PageLink } from './link.ts';
import { RoomPage } from './RoomPage.tsx';

export function App({ link }: { readonly link: PageLink }): JSX.Element {
  if (link.room === undefined) return <HomePage invalid={link.invalid} loginProblem={link.loginProblem} />;
  return <RoomPage room={link.room} link={link} />;
}
