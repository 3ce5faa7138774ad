/** What the page says itself of its connection; of everything else the server does. */
export const callTexts = {
  lost: 'The connection to the server was lost',
  unreachable: 'The server cannot be reached',
  givenUp: 'The server could not be reached again',
  tooNew: 'This page and the server do not fit together. Reload the page',
  noMedia: 'This browser could not set up the media of the call',
  mutedByHost: 'A host has muted you',
  hostNow: 'You are a host of this meeting now',
  hostNoMore: 'You are no longer a host of this meeting',
  left: 'You left the call',
} as const;
