import type { CallOrigin } from '../call.ts';
import { sessionBody } from './body.ts';
import type { DrachtioMessage } from './drachtio.ts';
import { signsOf, wantsPrivacy } from './signs.ts';
import { parseUri } from './stack/message/index.ts';
import type { Flow } from './stack/index.ts';

const maxProductCharacters = 256;

/** Of somebody who is called, before he has answered: only what was dialled. */
export function originBeforeAnswer(uri: string): CallOrigin {
  return { transport: 'tls', remoteAddress: '0.0.0.0', remotePort: 0, uri, signs: [], wantsPrivacy: false };
}

/** Of who has answered our call, by his 2xx and the connection that it came by. */
export function originOfAnswer(answer: DrachtioMessage, uri: string, flow: Flow | undefined): CallOrigin {
  const before = originBeforeAnswer(uri);
  const body = sessionBody(answer);
  const product = (answer.get('Server') ?? answer.get('User-Agent'))?.slice(0, maxProductCharacters);
  return {
    ...before,
    remoteAddress: flow?.remote.address ?? before.remoteAddress,
    remotePort: flow?.remote.port ?? before.remotePort,
    ...(flow?.tls === undefined ? {} : { tls: flow.tls }),
    ...(product === undefined ? {} : { userAgent: product }),
    signs: signsOf(answer, typeof body === 'string' ? body : ''),
    wantsPrivacy: wantsPrivacy(answer),
  };
}

/** What somebody who is called is named by, until he says something else: whom was dialled, without the scheme. */
export function nameIn(uri: string): string {
  const { user, host } = parseUri(uri);
  return user === undefined ? host : `${unescaped(user)}@${host}`;
}

/** RFC 3261 §19.1.2; what cannot be unescaped stays as it is. */
function unescaped(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}
