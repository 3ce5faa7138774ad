/** What a room system's keypad can do during a call. */
export type KeypadCommand =
  | 'toggle-mute'
  /** Of a host. */
  | 'admit-all';

const commands: Readonly<Record<string, KeypadCommand>> = { '*6': 'toggle-mute', '*3': 'admit-all' };
const longest = 2;

/** Collects digits of one caller and recognises commands such as `*6`. A star always starts over. */
export class Keypad {
  #typed = '';

  press(digit: string): KeypadCommand | undefined {
    this.#typed = digit === '*' ? digit : (this.#typed + digit).slice(-longest);
    const command = commands[this.#typed];
    if (command !== undefined) this.#typed = '';
    return command;
  }
}
