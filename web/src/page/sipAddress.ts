const maxLength = 256;

/** A SIP URI as people write it, with or without its scheme; undefined when it cannot be one. */
export function readSipAddress(text: string): string | undefined {
  const trimmed = text.trim();
  // A link of the web was pasted.
  if (trimmed.includes('://')) return undefined;
  const uri = /^sips?:/i.test(trimmed)
    ? trimmed.replace(/^sips?/i, (word) => word.toLowerCase())
    : `sip:${trimmed}`;
  const fits = /^sips?:[^@\s<>"]+@[^@\s<>"]+$/.test(uri) && uri.length <= maxLength;
  return fits ? uri : undefined;
}
