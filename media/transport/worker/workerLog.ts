import { setLogEventListeners } from 'mediasoup';

export interface UnknownStream {
  readonly ssrc: number;
  readonly payloadType: number;
}

/** What a worker says while it runs. */
export interface WorkerLogListener {
  /** An authenticated RTP packet came that belongs to no producer. Which transport it came on is not said. */
  unknownStream(stream: UnknownStream): void;
  line(text: string): void;
}

const listeners = new Map<number, WorkerLogListener>();

/** Worker/src/RTC/Transport.cpp, ReceiveRtpPacket(). A test against the real worker fails when this changes. */
const unknownStreamPattern = /no suitable Producer for received RTP packet \[ssrc:(\d+), payloadType:(\d+)\]/;
const pidPattern = /^\[pid:(\d+)\] /;

/** mediasoup has one log for all workers of a process; each line names its worker's pid. */
export function listenToWorkerLog(pid: number, listener: WorkerLogListener): void {
  listeners.set(pid, listener);
  setLogEventListeners({
    onwarn: (_namespace, text) => dispatch(text),
    onerror: (_namespace, text) => dispatch(text),
  });
}

export function forgetWorkerLog(pid: number): void {
  listeners.delete(pid);
}

/** Undefined for any other line. */
export function parseUnknownStream(text: string): UnknownStream | undefined {
  const [, ssrc, payloadType] = unknownStreamPattern.exec(text) ?? [];
  if (ssrc === undefined || payloadType === undefined) return undefined;
  return { ssrc: Number(ssrc), payloadType: Number(payloadType) };
}

function dispatch(text: string): void {
  const pid = Number(pidPattern.exec(text)?.[1]);
  const listener = listeners.get(pid);
  if (listener === undefined) return;
  const stream = parseUnknownStream(text);
  if (stream === undefined) listener.line(text);
  else listener.unknownStream(stream);
}
