import { parseNameAddr, splitList, type SipMessage, type SipRequest } from '../message/index.ts';
import type { Flow } from '../transport/contract.ts';

/**
 * Our own Contact on a flow. It is a SIPS URI only where RFC 3261 §8.1.1.8 and §12.1.1 demand one: when the request or
 * the topmost Record-Route has one. Everything else gets `sip:` with the transport, which is what phones can dial.
 */
export function ourContact(flow: Flow, secure: boolean, parameters: string | undefined): string {
  const uri = secure ? `sips:${flow.sentBy}` : `sip:${flow.sentBy}${transportParameter(flow)}`;
  return `<${uri}>${parameters === undefined ? '' : `;${parameters}`}`;
}

export function isSecure(request: SipRequest): boolean {
  const recorded = request.headers.list('Record-Route')[0];
  const uris = [request.uri, recorded === undefined ? '' : parseNameAddr(recorded).uri];
  return uris.some((uri) => /^sips:/i.test(uri));
}

/** The host of a URI; not the first part of a longer name, nor one with a port, nor what a display name says. */
const placeholder = /@localhost(?=[;?>,\s]|$)/gi;

/** drachtio-srf writes `sip:user@localhost` for an address of ours, whatever it is. */
export function withOurHost(value: string, flow: Flow): string {
  return value.replaceAll(placeholder, `@${flow.sentBy}`);
}

/** The same in a Contact, which must also tell the transport. Throws 400 when it is no Contact. */
export function contactAtOurHost(value: string, flow: Flow): string {
  if (withOurHost(value, flow) === value) return value;
  return splitList(value)
    .map((element) => {
      const { uri } = parseNameAddr(element);
      if (withOurHost(uri, flow) === uri) return element;
      const needsTransport = !/^sips:/i.test(uri) && !/;transport=/i.test(uri);
      const ours = withOurHost(uri, flow) + (needsTransport ? transportParameter(flow) : '');
      return element.includes('<') ? element.replace(uri, ours) : element.replace(uri, `<${ours}>`);
    })
    .join(', ');
}

/** The first Contact's URI: the remote target of a dialog. */
export function contactUri(message: SipMessage): string | undefined {
  const contact = message.headers.list('Contact')[0];
  return contact === undefined || contact === '*' ? undefined : parseNameAddr(contact).uri;
}

function transportParameter(flow: Flow): string {
  if (flow.transport === 'udp') return '';
  return `;transport=${flow.transport === 'wss' ? 'ws' : flow.transport}`;
}
