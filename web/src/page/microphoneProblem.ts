export interface MicrophoneProblem {
  readonly title: string;
  /** What the person can do. */
  readonly advice: string;
}

const problems: Readonly<Record<string, MicrophoneProblem>> = {
  NotAllowedError: {
    title: 'The browser does not allow the microphone',
    advice: 'Allow it for this page, with the icon beside the address, then try again.',
  },
  NotFoundError: {
    title: 'No microphone was found',
    advice: 'Plug one in, or join to listen only.',
  },
  NotReadableError: {
    title: 'The microphone is busy',
    advice: 'Close the other program that uses it, then try again, or choose another one.',
  },
  InsecureContext: {
    title: 'The microphone needs a secure page',
    advice: 'Open this page with an address that starts with https://',
  },
};

const sameAs: Readonly<Record<string, string>> = {
  SecurityError: 'NotAllowedError',
  OverconstrainedError: 'NotFoundError',
  AbortError: 'NotReadableError',
};

/** Words for what `getUserMedia` rejected with. */
export function microphoneProblem(error: unknown): MicrophoneProblem {
  const name = error instanceof Error ? error.name : '';
  const known = problems[sameAs[name] ?? name];
  if (known !== undefined) return known;
  const detail = error instanceof Error ? error.message : String(error);
  return { title: 'The microphone does not work', advice: `Try another one. The browser says: ${detail}` };
}

export function insecureContextError(): Error {
  const error = new Error('no media devices outside a secure context');
  error.name = 'InsecureContext';
  return error;
}
