/** What callers are told by voice, and by the slate that they see meanwhile. */
export const sentences = {
  'enter-pin': 'Please enter the PIN, then hash.',
  'enter-pin-or-hash': 'Please enter the PIN, then hash. To join as a guest without a PIN, press hash.',
  'wrong-pin': 'This PIN is wrong. Please enter it again, then hash.',
  waiting: 'You are in the lobby. A host will let you in.',
  admitted: 'You are now in the meeting.',
  refused: 'You were not let in. Goodbye.',
  'ending-soon': 'You will be disconnected soon: the time of this meeting is over.',
  locked: 'This meeting is locked. Nobody else can join it now.',
  goodbye: 'The meeting is over. Goodbye.',
  'somebody-waits': 'Somebody waits to be let in. Press star, three, to let in all who wait.',
  'welcome-host-missing': 'Welcome. The meeting begins when its host has come.',
} as const satisfies Record<string, string>;

export type PromptId = keyof typeof sentences;

export const promptIds = Object.keys(sentences) as readonly PromptId[];
