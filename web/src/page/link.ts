/**
 * What the address of the page asks for: `/ROOM?name=Alice&join=1&camera=0`. A kiosk has a link with all three.
 */
export interface PageLink {
  /** Undefined on the start page. */
  readonly room: string | undefined;
  /** The path names something that cannot be a room. */
  readonly invalid: boolean;
  readonly name: string | undefined;
  /** Join at once, as kiosks do. */
  readonly join: boolean;
  /** Whether to come with the camera on; undefined leaves it to what the browser remembers. */
  readonly camera: boolean | undefined;
  /** How a login ended that brought the person here. */
  readonly loginProblem: 'failed' | 'unavailable' | undefined;
}

const roomName = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const maxNameLength = 80;

export function readLink(address: URL): PageLink {
  const path = address.pathname.replace(/^\/+|\/+$/g, '');
  const room = path === '' ? undefined : readRoomName(path);
  const name = cleanName(address.searchParams.get('name') ?? '');
  return {
    room,
    invalid: path !== '' && room === undefined,
    name: name === '' ? undefined : name,
    join: says(address, 'join') ?? false,
    camera: says(address, 'camera'),
    loginProblem: loginProblem(address.searchParams.get('login')),
  };
}

/** A room's name as people write it, or undefined when it cannot be one. Accepts the room's whole address too. */
export function readRoomName(text: string): string | undefined {
  const trimmed = text.trim();
  const path = URL.canParse(trimmed) ? new URL(trimmed).pathname.slice(1) : trimmed;
  const name = decode(path).toLowerCase().replaceAll(/\s+/g, '-');
  return roomName.test(name) ? name : undefined;
}

export function cleanName(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, maxNameLength);
}

function loginProblem(word: string | null): PageLink['loginProblem'] {
  return word === 'failed' || word === 'unavailable' ? word : undefined;
}

function says(address: URL, parameter: string): boolean | undefined {
  const value = address.searchParams.get(parameter);
  return value === null ? undefined : ['1', 'true', 'yes', ''].includes(value);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
