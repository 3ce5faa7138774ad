/** What went wrong, for code to branch on. Each edge maps all of them in one table. */
export const errorCodes = [
  'config-invalid', // a configuration file says something that it may not say
  'invalid-argument', // a caller inside the program broke a contract
  'bad-message', // the peer sent something that its protocol does not allow
  'bad-description', // an SDP offer or answer cannot be read or breaks its RFC
  'not-acceptable', // the description is valid, but nothing in it fits us (SIP 488)
  'not-found', // no such room, participant, leg, file
  'forbidden', // policy says no
  'busy', // no capacity: ports, places in the room, budget
  'timeout', // a deadline passed
  'unreachable', // the other process or host is not there
  'closed', // the object was closed before or while this ran
  'unavailable', // draining, or a needed library or device is missing
  'internal', // a defect of ours
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The one error class. `message` says what, where and how to mend it; `cause` keeps what was caught. */
export class ZonebridgeError extends Error {
  override readonly name = 'ZonebridgeError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** The code of anything that was thrown; what is not ours is a defect of ours. */
export function errorCodeOf(error: unknown): ErrorCode {
  return error instanceof ZonebridgeError ? error.code : 'internal';
}

/** A one-line text of anything that was thrown, with its causes, for a log line or a person. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${errorText(error.cause)}`;
}
