import type { SipMessage } from '../message/index.ts';

/**
 * drachtio-srf unescapes `%46rom` in a field's name and takes the field for a From, where everybody else has read
 * another one: such fields stay here. It also joins repeated header fields with commas and reads one MD5 challenge only, so that of several it may
 * see just that one (RFC 7616 §3.7 lets a client choose). Everything else goes up as it is.
 */
export function messageForSrf(message: SipMessage): Buffer {
  for (const [name] of [...message.headers]) if (name.includes('%')) message.headers.delete(name);
  for (const name of ['WWW-Authenticate', 'Proxy-Authenticate']) {
    const challenges = message.headers.all(name);
    if (challenges.length < 2) continue;
    const readable = challenges.find((challenge) => isMd5Digest(challenge)) ?? challenges[0];
    if (readable !== undefined) message.headers.set(name, readable);
  }
  return message.toBuffer();
}

function isMd5Digest(challenge: string): boolean {
  if (!/^\s*digest\s/i.test(challenge)) return false;
  return !/[\s,]algorithm\s*=/i.test(challenge) || /[\s,]algorithm\s*=\s*"?md5"?\s*(?:,|$)/i.test(challenge);
}
