import { isIP } from 'node:net';
import { readSession, type RemoteSession } from '../sdp/index.ts';
import { termination, type TerminationCause } from '#kernel/index.ts';
import type { CallOrigin, RefusedAttempt } from '../call.ts';
import { sessionBody } from './body.ts';
import type { DrachtioRequest } from './drachtio.ts';
import type { Refusal } from './endings.ts';
import { refusalOf } from './endings.ts';
import { refusalOfAudio, refusalOfError, refusals } from './refusals.ts';
import { signsOf, wantsPrivacy } from './signs.ts';
import { formatUri, parseNameAddr, parseUri, type NameAddr } from './stack/message/index.ts';
import type { Flow } from './stack/index.ts';

/** What an INVITE outside of dialogs asks for. */
export interface Invitation {
  /** User part of the Request-URI, unescaped, in lower case. */
  readonly room: string;
  readonly displayName: string;
  /** The caller's URI without parameters. */
  readonly callerUri: string;
  readonly callId: string;
  readonly fromTag: string;
  /** Absent in an INVITE without SDP: we make the offer. */
  readonly remote?: RemoteSession;
}

const maxNameCharacters = 64;
const maxUserAgentCharacters = 256;

/**
 * `domains` are the names and addresses of the zone. The answer to another domain is that to an unknown room, and what is wrong
 * with the description is said before either, so that it tells nothing about rooms.
 */
export function readInvitation(request: DrachtioRequest, domains: readonly string[]): Invitation | Refusal {
  const from = parseNameAddr(request.get('From') ?? '');
  const to = parseNameAddr(request.get('To') ?? '');
  if (to.parameters.has('tag')) return refusals.noDialog;
  const remote = readOffer(request);
  if (remote !== undefined && 'status' in remote) return remote;
  const { user = '', host } = parseUri(request.uri);
  const room = roomOf(user);
  if (room === undefined) return refusalOf('bad-request');
  if (!isOurs(host, domains)) return refusalOf('not-found');
  return {
    room,
    displayName: displayNameOf(from),
    callerUri: withoutParameters(from.uri),
    callId: request.get('Call-ID') ?? '',
    fromTag: from.parameters.get('tag') ?? '',
    ...(remote === undefined ? {} : { remote }),
  };
}

/** What an INVITE that is refused as it stands tells of who sent it. Undefined for one that is about another call. */
export function refusedInvite(
  request: DrachtioRequest,
  { status, phrase }: Refusal,
  flow: Flow | undefined,
): RefusedAttempt | undefined {
  const cause = causesOfRefusals[status];
  if (cause === undefined) return undefined;
  const from = parseNameAddr(request.get('From') ?? '');
  const { user = '' } = parseUri(request.uri);
  return {
    room: roomOf(user) ?? '',
    direction: 'in',
    protocol: 'sip',
    displayName: displayNameOf(from),
    origin: originOf(request, { callerUri: withoutParameters(from.uri) }, flow),
    because: termination(cause, `answered ${status} ${phrase}`),
  };
}

const causesOfRefusals: Readonly<Record<number, TerminationCause>> = {
  400: 'bad-request',
  404: 'not-found',
  415: 'bad-request',
  488: 'not-acceptable',
};

/** The connection that an INVITE came by, where the engine knows it. */
export function flowOf(
  request: DrachtioRequest,
  engine: { flowOf(callId: string, fromTag: string): Flow | undefined },
): Flow | undefined {
  const { parameters } = parseNameAddr(request.get('From') ?? '');
  return engine.flowOf(request.get('Call-ID') ?? '', parameters.get('tag') ?? '');
}

/** `flow` is what the engine knows of the connection; an external engine knows less. */
export function originOf(
  request: DrachtioRequest,
  { callerUri }: Pick<Invitation, 'callerUri'>,
  flow: Flow | undefined,
): CallOrigin {
  const body = sessionBody(request);
  const userAgent = request.get('User-Agent')?.slice(0, maxUserAgentCharacters);
  return {
    transport: transportOf(flow?.transport ?? request.protocol),
    remoteAddress: flow?.remote.address ?? request.source_address,
    remotePort: flow?.remote.port ?? request.source_port,
    ...(flow?.tls === undefined ? {} : { tls: flow.tls }),
    ...(userAgent === undefined ? {} : { userAgent }),
    uri: callerUri,
    signs: signsOf(request, typeof body === 'string' ? body : ''),
    wantsPrivacy: wantsPrivacy(request),
  };
}

/**
 * The conference's URI: what the caller has dialled, at our address, which the engine puts for `localhost`. The secure scheme
 * is answered with itself (RFC 3261 §12.1.1).
 */
export function focusContact(request: DrachtioRequest): string {
  const { user = 'conference' } = parseUri(request.uri);
  const secure = /^sips:/i.test(request.uri) || /^\s*<sips:/i.test(request.get('Record-Route') ?? '');
  return `<${secure ? 'sips' : 'sip'}:${user}@localhost>;isfocus`;
}

function readOffer(request: DrachtioRequest): RemoteSession | Refusal | undefined {
  const body = sessionBody(request);
  if (typeof body !== 'string') return body;
  if (body === '') return undefined;
  try {
    const remote = readSession(body);
    return remote.audioIndex === undefined ? refusalOfAudio(remote) : remote;
  } catch (error) {
    return refusalOfError(error);
  }
}

/** Undefined when the escapes in it are none (RFC 3261 §19.1.2). User parameters are not part of the name. */
function roomOf(user: string): string | undefined {
  try {
    return decodeURIComponent(user.split(';')[0] ?? '').toLowerCase();
  } catch {
    return undefined;
  }
}

/** Addresses are ours whichever they are: behind NAT or a balancer a zone does not know them all. */
function isOurs(host: string, domains: readonly string[]): boolean {
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0 || domains.includes(host.toLowerCase());
}

/** What the roster shows: the display name, else the user part, without what could disturb a screen. */
function displayNameOf({ displayName, uri }: NameAddr): string {
  const name = clean(displayName);
  if (name !== '') return name;
  const user = /^(?:sips?|tel):/i.test(uri) ? clean(roomOf(parseUri(uri).user ?? '') ?? '') : '';
  return user === '' ? 'Phone' : user;
}

function clean(text: string): string {
  const visible = text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return Array.from(visible).slice(0, maxNameCharacters).join('');
}

function withoutParameters(text: string): string {
  if (!/^(?:sips?|tel):/i.test(text)) return text.split(/[;?]/)[0] ?? '';
  const { scheme, user, host } = parseUri(text);
  return formatUri({ scheme, ...(user === undefined ? {} : { user }), host, parameters: new Map() });
}

function transportOf(name: string): CallOrigin['transport'] {
  if (name === 'tls' || name === 'tcp' || name === 'udp') return name;
  return name === 'ws' || name === 'wss' ? 'ws' : 'tcp';
}
