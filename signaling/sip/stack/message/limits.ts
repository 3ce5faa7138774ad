/** How much of one message is read before it is refused. Bytes, unless the name says otherwise. */
export const maxStartLineBytes = 8_192;
export const maxHeaderLineBytes = 8_192;
export const maxHeaderCount = 256;
export const maxHeadBytes = 65_536;
export const maxBodyBytes = 1_048_576;
/** RFC 3261 §8.1.1.5. */
export const maxCSeq = 2 ** 31 - 1;
/** RFC 3261 §20.22. */
export const maxMaxForwards = 255;
