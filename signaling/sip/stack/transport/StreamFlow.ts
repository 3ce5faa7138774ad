import type { Socket } from 'node:net';
import { Closable } from '#kernel/index.ts';
import type { TlsInfo } from '../../../call.ts';
import type { SipParseError } from '../message/index.ts';
import type { Flow, SipTransport, SocketAddress } from './contract.ts';
import type { TransportLimits } from './options.ts';
import { RateWindow } from './rateWindow.ts';
import { StreamFramer, type Frame } from './streamFramer.ts';

/** What a flow hands up. Called while it reads, one after the other. */
export interface FlowHandler {
  message(bytes: Buffer, flow: Flow): void;
  /** The stream cannot be read on; what is sent from here still leaves before the flow closes. */
  fault(error: SipParseError, flow: Flow): void;
}

export interface FlowPeers {
  readonly id: string;
  readonly transport: SipTransport;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly sentBy: string;
  readonly tls?: TlsInfo;
}

const pong = Buffer.from('\r\n');
const keepAliveMs = 30_000;
const flushMs = 1_000;

/** One connection, TCP or TLS, that SIP messages go over in both directions. It dies with its socket. */
export class StreamFlow extends Closable implements Flow {
  readonly id: string;
  readonly transport: SipTransport;
  readonly reliable = true;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly sentBy: string;
  readonly tls?: TlsInfo;
  readonly #socket: Socket;
  readonly #handler: FlowHandler;
  readonly #limits: TransportLimits;
  readonly #framer = new StreamFramer();
  readonly #rate: RateWindow;
  /** For the message that has begun. */
  #deadline: NodeJS.Timeout | undefined;
  /** For the first message of a connection, and for the last answer to a peer that has closed its side. */
  #patience: NodeJS.Timeout | undefined;
  #resume: NodeJS.Timeout | undefined;
  #faulty = false;

  constructor(socket: Socket, peers: FlowPeers, handler: FlowHandler, limits: TransportLimits) {
    super();
    this.id = peers.id;
    this.transport = peers.transport;
    this.local = peers.local;
    this.remote = peers.remote;
    this.sentBy = peers.sentBy;
    if (peers.tls !== undefined) this.tls = peers.tls;
    this.#socket = socket;
    this.#handler = handler;
    this.#limits = limits;
    this.#rate = new RateWindow(limits.messagesPerSecond);
    this.#attach();
  }

  /** False when the peer has closed his sending side: he can be answered, but cannot answer. */
  get receiving(): boolean {
    return !this.closed && !this.#socket.readableEnded;
  }

  send(message: Buffer): boolean {
    if (this.closed || !this.#socket.writable) return false;
    if (this.#socket.writableLength + message.length > this.#limits.backlogBytes) {
      // The peer has stopped reading; nothing that waits here will reach it in time.
      void this.close('the peer does not read');
      return false;
    }
    this.#socket.write(message);
    return true;
  }

  /** An incoming connection has to show that it is SIP. */
  expectFirstMessage(): void {
    this.#patience = this.#closeAfter(this.#limits.firstMessageTimeoutMs, 'no message came');
  }

  /** Lets what was written leave, but does not wait long for a peer that does not take it. */
  protected override async release(): Promise<void> {
    for (const timer of [this.#deadline, this.#patience, this.#resume]) clearTimeout(timer);
    const socket = this.#socket;
    if (socket.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => socket.destroy(), flushMs);
    socket.once('close', () => resolve());
    socket.once('end', () => socket.destroySoon());
    // What a faulty peer still sends is read and dropped: unread bytes would reset the connection, and our answer
    // to them would be lost.
    socket.resume();
    socket.end(() => {
      if (!this.#faulty || socket.readableEnded) socket.destroySoon();
    });
    await promise;
    clearTimeout(timer);
  }

  #attach(): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    socket.setTimeout(this.#limits.idleTimeoutMs, () => void this.close('idle'));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#ended());
    // 'close' follows every error.
    socket.on('error', () => undefined);
    socket.on('close', () => void this.close('the connection was lost'));
    if (socket.destroyed) void this.close('the connection was lost');
  }

  #read(chunk: Buffer): void {
    if (this.closed) return;
    const nowMs = performance.now();
    let progress = false;
    for (const frame of this.#framer.push(chunk)) {
      progress = true;
      if (!this.#take(frame, nowMs)) return;
    }
    if (progress) {
      clearTimeout(this.#patience);
      clearTimeout(this.#deadline);
      this.#deadline = undefined;
    }
    if (this.#framer.midMessage) {
      this.#deadline ??= this.#closeAfter(this.#limits.messageTimeoutMs, 'a message took too long');
    }
  }

  /** False when the flow was closed meanwhile. */
  #take(frame: Frame, nowMs: number): boolean {
    if (frame.kind === 'ping') this.send(pong);
    else if (frame.kind === 'message') {
      if (!this.#rate.take('', nowMs)) this.#readLater(nowMs);
      this.#handler.message(frame.bytes, this);
    } else {
      this.#faulty = true;
      this.#handler.fault(frame.error, this);
      void this.close(frame.error.message);
    }
    return !this.closed;
  }

  #readLater(nowMs: number): void {
    if (this.#resume !== undefined) return;
    this.#socket.pause();
    this.#resume = setTimeout(() => {
      this.#resume = undefined;
      this.#socket.resume();
    }, this.#rate.remainingMs(nowMs));
    this.#resume.unref();
  }

  /** The peer sends no more, but may still wait for answers. */
  #ended(): void {
    if (this.closed) return;
    if (this.#framer.midMessage) void this.close('the connection ended within a message');
    else {
      // A peer that is gone altogether resets the connection when something comes; one that waits ignores it.
      this.send(pong);
      clearTimeout(this.#patience);
      this.#patience = this.#closeAfter(this.#limits.halfCloseTimeoutMs, 'the peer has closed its side');
    }
  }

  #closeAfter(delayMs: number, reason: string): NodeJS.Timeout | undefined {
    if (this.closed) return undefined;
    return setTimeout(() => void this.close(reason), delayMs).unref();
  }
}
