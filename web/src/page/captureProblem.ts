export interface CaptureProblem {
  readonly title: string;
  /** What the person can do. */
  readonly advice: string;
}

export type DeviceKind = 'microphone' | 'camera';

const withoutIt = { microphone: 'join to listen only', camera: 'join without' } as const satisfies Record<
  DeviceKind,
  string
>;

type Words = (kind: DeviceKind) => CaptureProblem;

const problems: Readonly<Record<string, Words>> = {
  NotAllowedError: (kind) => ({
    title: `The browser does not allow the ${kind}`,
    advice: 'Allow it for this page, with the icon beside the address, then try again.',
  }),
  NotFoundError: (kind) => ({
    title: `No ${kind} was found`,
    advice: `Plug one in, or ${withoutIt[kind]}.`,
  }),
  NotReadableError: (kind) => ({
    title: `The ${kind} is busy`,
    advice: 'Close the other program that uses it, then try again, or choose another one.',
  }),
  InsecureContext: (kind) => ({
    title: `The ${kind} needs a secure page`,
    advice: 'Open this page with an address that starts with https://',
  }),
};

const sameAs: Readonly<Record<string, string>> = {
  SecurityError: 'NotAllowedError',
  OverconstrainedError: 'NotFoundError',
  AbortError: 'NotReadableError',
};

/** Words for what `getUserMedia` rejected with. */
export function captureProblem(kind: DeviceKind, error: unknown): CaptureProblem {
  const name = error instanceof Error ? error.name : '';
  const known = problems[sameAs[name] ?? name];
  if (known !== undefined) return known(kind);
  return {
    title: `The ${kind} does not work`,
    advice: `Try another one. The browser says: ${detailOf(error)}`,
  };
}

/** Words for what `getDisplayMedia` rejected with; undefined when the person only changed their mind. */
export function screenProblem(error: unknown): CaptureProblem | undefined {
  if (error instanceof Error && error.name === 'NotAllowedError') return undefined;
  return {
    title: 'The screen cannot be shared',
    advice: `Try another window. The browser says: ${detailOf(error)}`,
  };
}

export function insecureContextError(): Error {
  const error = new Error('no media devices outside a secure context');
  error.name = 'InsecureContext';
  return error;
}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
