/** RFC 3261 §19.1. Strings are as written unless noted; nothing is unescaped. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips' | 'tel';
  /** Without password; absent when there was none. For `tel:` the number. */
  readonly user?: string;
  /** Lower case; IPv6 addresses keep their brackets. */
  readonly host: string;
  readonly port?: number;
  /** Names in lower case; a flag has the value ''. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly headers?: string;
}

/** From, To, Contact, Route and their like. */
export interface NameAddr {
  /** Unquoted and unescaped; '' when absent. */
  readonly displayName: string;
  /** The URI as text, exactly as written between < and >. */
  readonly uri: string;
  /** Header parameters (tag, expires, …), names in lower case, a flag has the value ''. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** RFC 3261 §20.42. */
export interface Via {
  /** `UDP`, `TCP`, `TLS`, `WSS`, … in upper case. */
  readonly transport: string;
  readonly host: string;
  readonly port?: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** A parsed message with what every layer asks for already read and checked. Headers keep order and spelling. */
export interface SipMessage {
  readonly kind: 'request' | 'response';
  readonly headers: SipHeaders;
  body: Buffer;
  /** Topmost Via. */
  readonly via: Via;
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly callId: string;
  readonly cseq: { readonly number: number; readonly method: string };
  /** Size on the wire, bytes. */
  readonly sizeBytes: number;
  toBuffer(): Buffer;
}

export interface SipRequest extends SipMessage {
  readonly kind: 'request';
  /** Case-sensitive, RFC 3261 §7.1. */
  readonly method: string;
  uri: string;
}

export interface SipResponse extends SipMessage {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}

/** Ordered header fields; names match without case, and compact forms were expanded (RFC 3261 §7.3.3). */
export interface SipHeaders extends Iterable<readonly [name: string, value: string]> {
  /** First value as written. */
  get(name: string): string | undefined;
  /** Every field of that name, as written. */
  all(name: string): string[];
  /** Every field of that name split at commas outside quotes and brackets. */
  list(name: string): string[];
  has(name: string): boolean;
  /** Replaces all of that name, in the first one's place. */
  set(name: string, value: string): void;
  append(name: string, value: string): void;
  prepend(name: string, value: string): void;
  delete(name: string): void;
}
