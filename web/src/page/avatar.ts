const colours = 6;

/** One or two letters for a name; a phone number gives its last two digits. */
export function initialsOf(name: string): string {
  if (/^[+\d\s()/-]*\d$/.test(name)) return name.replaceAll(/\D/g, '').slice(-2);
  const words = name.split(/[\s@._-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const [first, last] = [words[0], words.at(-1)];
  if (first === undefined || last === undefined) return '?';
  const letter = (word: string): string => /[\p{L}\p{N}]/u.exec(word)?.[0].toLocaleUpperCase() ?? '';
  return words.length === 1 ? letter(first) : letter(first) + letter(last);
}

/** The same colour for the same name, everywhere: 0..5. */
export function colourOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return hash % colours;
}
