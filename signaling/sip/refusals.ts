import { errorCodeOf, errorText, type TerminationCause } from '#kernel/index.ts';
import type { Obstacle, RemoteSession } from '../sdp/index.ts';
import { allowHeader, infoTypes } from './capabilities.ts';
import type { DrachtioResponse } from './drachtio.ts';
import { causesOfErrors, reasonHeader, refusalOf, warningHeader, type Refusal } from './endings.ts';
import { within } from './within.ts';

function refusal(status: number, phrase: string, headers: Refusal['headers'] = {}): Refusal {
  return { status, phrase, headers };
}

/** Refusals that say nothing of rooms, users or policy. */
export const refusals = {
  noDialog: refusal(481, 'Call/Transaction Does Not Exist'),
  /** RFC 3261 §8.2.1: a method that we know and do not serve. */
  method: refusal(405, 'Method Not Allowed', allowHeader),
  /** RFC 6665 §4.1.3; there is no event package yet. */
  event: refusal(489, 'Bad Event'),
  /** RFC 3261 §8.2.3. */
  contentType: refusal(415, 'Unsupported Media Type', { Accept: 'application/sdp' }),
  contentEncoding: refusal(415, 'Unsupported Media Type', { 'Accept-Encoding': 'identity' }),
  infoType: refusal(415, 'Unsupported Media Type', { Accept: infoTypes.join(', ') }),
  /** RFC 6086 §4.2.2. */
  infoPackage: refusal(469, 'Bad Info Package'),
  stopping: refusalOf('server-stopping'),
} as const;

/** RFC 3261 §20.43 for each way in which audio can be of no use. */
const obstacles = {
  disabled: { code: 304, text: 'The audio of the offer has port 0' },
  transport: { code: 302, text: 'The audio must use RTP or SRTP over UDP' },
  codec: { code: 305, text: 'No common audio codec. Turn on Opus, G.722 or G.711' },
  security: {
    code: 399,
    text: 'No SRTP key or fingerprint that can be used. Turn on AES_CM_128_HMAC_SHA1_80 or DTLS-SRTP',
  },
} as const satisfies Record<Obstacle, { code: number; text: string }>;

/** 488 for a description without audio that we could use. */
export function refusalOfAudio({ sections }: RemoteSession): Refusal {
  const obstacle = sections.find(
    ({ kind, obstacle: found }) => kind === 'audio' && found !== undefined && found !== 'disabled',
  )?.obstacle;
  const { code, text } = obstacle === undefined ? noAudio : obstacles[obstacle];
  return {
    status: 488,
    phrase: 'Not Acceptable Here',
    headers: { Reason: reasonHeader(488, text), Warning: warningHeader(code, text) },
  };
}

const noAudio = { code: 304, text: 'The session description has no audio' } as const;

/** 400 that says what is wrong with a session description; the text has nothing of the description itself. */
function refusalOfDescription(error: unknown): Refusal {
  const text = errorText(error);
  return {
    status: 400,
    phrase: 'Bad Session Description',
    headers: { Reason: reasonHeader(400, text), Warning: warningHeader(399, text) },
  };
}

/** For what was thrown while an offer was read or applied. */
export function refusalOfError(error: unknown): Refusal {
  const code = errorCodeOf(error);
  if (code === 'bad-description') return refusalOfDescription(error);
  const cause: TerminationCause = causesOfErrors[code];
  return refusalOf(cause);
}

/** The engine says at once what it sent; not at all when it is gone. */
const sendingMs = 2000;

/** Resolves when it was sent; a failure means that the transaction has ended meanwhile, and nobody waits for the answer. */
export function refuse(response: DrachtioResponse, { status, phrase, headers }: Refusal): Promise<void> {
  const sent = new Promise<void>((resolve) => {
    // A copy: drachtio-srf takes parts out of what it is given.
    response.send(status, phrase, { headers: { ...headers } }, () => resolve());
  });
  return within(sendingMs, sent);
}
