import type { Socket } from 'node:net';
import { Closable, errorText, type Log } from '#kernel/index.ts';
import type { Application } from '../dialog/index.ts';
import type { SipMessage, SipRequest } from '../message/index.ts';
import type { Flow } from '../transport/contract.ts';
import { messageForSrf } from './forSrf.ts';
import { FrameReader, encodeFrame } from './framing.ts';
import { bracketed, describeMessage, newId } from './wire.ts';

/** One line of the application: `<id>|<type>|<token>|…`, with the SIP message that may follow it. */
export interface Command {
  readonly id: string;
  readonly type: string;
  /** What comes after the type. */
  readonly tokens: readonly string[];
  readonly message: Buffer;
}

interface Options {
  readonly socket: Socket;
  readonly log: Log;
  readonly maxFrameBytes: number;
  command(link: AppLink, command: Command): void;
}

/** Bytes that may wait for an application that does not read. */
const maxBacklogBytes = 64 * 1024 * 1024;

/** One connection of drachtio-srf. */
export class AppLink extends Closable implements Application {
  /** Set by `authenticate`; until then the link hears nothing. */
  authenticated = false;
  /** Methods that the application wants, in upper case. */
  readonly routes = new Set<string>();
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #options: Options;

  constructor(options: Options) {
    super();
    this.#options = options;
    this.#socket = options.socket;
    this.#reader = new FrameReader(options.maxFrameBytes);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => options.log.debug({ error: error.message }, 'drachtio link failed'));
    this.#socket.on('end', () => void this.close('the application closed its link'));
    this.#socket.on('close', () => void this.close('the link to the application is gone'));
  }

  get alive(): boolean {
    return !this.closed;
  }

  /** `<uuid>|response|<id>|<text>` */
  answer(id: string, text: string, message?: Buffer): void {
    this.#send(`${newId()}|response|${id}|${text}`, message);
  }

  /** The reason is one token: what would end it early is replaced. */
  refuse(id: string, reason: string): void {
    this.answer(id, `NOK|${reason.replace(/[|\r\n]+/g, ' ')}`);
  }

  requested(id: string, request: SipRequest, flow: Flow): void {
    const source = describeMessage('network', request.sizeBytes, flow);
    const { address, port } = flow.local;
    const receivedOn = `${bracketed(address)}|${port}`;
    this.#send(`${newId()}|sip|${source}|${id}||${receivedOn}|`, messageForSrf(request));
  }

  received(id: string, dialogId: string, message: SipMessage, flow: Flow): void {
    const source = describeMessage('network', message.sizeBytes, flow);
    this.#send(`${newId()}|sip|${source}|${id}|${dialogId}|`, messageForSrf(message));
  }

  endedByUs(dialogId: string, bye: SipRequest, flow: Flow): void {
    const source = describeMessage('application', bye.sizeBytes, flow);
    this.#send(`${newId()}|sip|${source}|unsolicited|${dialogId}|`, bye.toBuffer());
  }

  protected override release(): void {
    // What was written before still goes out; an application that is gone gets nothing anyway.
    this.#socket.end();
    this.#socket.destroySoon();
  }

  #send(leader: string, message?: Buffer): void {
    if (this.closed || !this.#socket.writable) return;
    this.#socket.write(encodeFrame(message === undefined ? leader : [leader, message]));
    if (this.#socket.writableLength > maxBacklogBytes) this.#fail('it does not read what it is sent');
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.read(chunk)) {
        if (this.closed) return;
        this.#options.command(this, commandOf(frame));
      }
    } catch (error) {
      this.#fail(errorText(error));
    }
  }

  #fail(reason: string): void {
    this.#options.log.error({ reason }, 'the SIP application is cut off');
    this.#socket.destroy();
    void this.close(reason);
  }
}

function commandOf(frame: Buffer): Command {
  const end = frame.indexOf('\r\n');
  const leader = frame.toString('utf8', 0, end < 0 ? frame.length : end);
  const [id = '', type = '', ...tokens] = leader.split('|');
  return { id, type, tokens, message: end < 0 ? Buffer.alloc(0) : frame.subarray(end + 2) };
}
