export * from './contract.ts';
export * from './limits.ts';
export { SipParseError, type UnreadableMessage } from './parseError.ts';
export { parseMessage, parseHead, parseStartLine, parseBodyLength, type Head } from './parse.ts';
export {
  createRequest,
  createResponse,
  createRefusal,
  type RequestParts,
  type ResponseOptions,
} from './build.ts';
export { HeaderList } from './headerList.ts';
export { parseUri, formatUri, isUri } from './uri.ts';
export { parseNameAddr, formatNameAddr, withParameter } from './nameAddr.ts';
export { parseVia, formatVia } from './via.ts';
export { isHost, isToken, quote, splitList, unquote } from './grammar.ts';
export { parseContentLength } from './headerChecks.ts';
export { reasonPhrase } from './reasonPhrases.ts';
