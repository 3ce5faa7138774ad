/** The zone sets it beside the session's own cookie, which no script can read. */
const mark = '__Host-zonebridge-logged-in=1';

/** Somebody has logged in with this browser. */
export function isLoggedIn(): boolean {
  return document.cookie.split(/;\s*/).includes(mark);
}

/** Ends the session here, and goes where the zone says: to its provider, or to the start page. False when it cannot be reached. */
export async function logOut(): Promise<boolean> {
  try {
    const response = await fetch('/api/logout', { method: 'POST' });
    if (!response.ok) return false;
    const answer: unknown = await response.json();
    location.assign(new URL(placeOf(answer), location.origin));
    return true;
  } catch {
    return false;
  }
}

function placeOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null || !('location' in answer)) return '/';
  const place = String(answer.location);
  // Nothing that a browser would run.
  return /^(?:https:\/\/|\/(?!\/))/.test(place) ? place : '/';
}
