const key = 'zonebridge.joins-after-login';

// A browser that keeps nothing for this page throws on every use of the storage; the person then presses "Join" once more.

/** Before the page leaves for the login: who comes back to this room joins at once. */
export function expectReturn(room: string): void {
  try {
    sessionStorage.setItem(key, room);
  } catch {
    // See above.
  }
}

/** True once, for who has come back from a login to the room that he left for it. */
export function takeReturn(room: string): boolean {
  try {
    const expected = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    return expected === room;
  } catch {
    return false;
  }
}
