import type { Headers } from './drachtio.ts';

/** What every installation says of itself: nothing that could tell one zone from another. */

/** Methods that we serve, in or outside of a dialog. */
const allow = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE';

/** RFC 5168 §6. */
export const mediaControlType = 'application/media_control+xml';

/** What an INFO may carry. */
export const infoTypes = ['application/dtmf-relay', 'application/dtmf', mediaControlType] as const;

/** RFC 3261 §13.3.1.4 for a 2xx to INVITE. */
export const answerHeaders: Headers = { Allow: allow, Supported: 'timer' };

/** RFC 3261 §11.2 for a 2xx to OPTIONS. */
export const optionsHeaders: Headers = {
  Accept: ['application/sdp', ...infoTypes].join(', '),
  'Accept-Encoding': 'identity',
  'Accept-Language': 'en',
  Allow: allow,
  Supported: 'timer',
};

export const allowHeader: Headers = { Allow: allow };
