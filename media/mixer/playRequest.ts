/** What is played to a leg, as it crosses to the mixer's process: JSON, so the samples are in base64. */
export interface PlayMessage {
  readonly id: string;
  /** Unique for the life of the host's handle on the mixer. */
  readonly promptId: number;
  readonly samples: string;
}

/** As it crosses to the audio thread: shared, so that nothing is copied there. */
export interface PlayRequest {
  readonly id: string;
  readonly promptId: number;
  /** 16-bit, at the mix rate. */
  readonly samples: SharedArrayBuffer;
}

export function toPlayMessage(id: string, promptId: number, samples: Int16Array): PlayMessage {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return { id, promptId, samples: bytes.toString('base64') };
}

export function toPlayRequest({ id, promptId, samples }: PlayMessage): PlayRequest {
  const bytes = Buffer.from(samples, 'base64');
  const shared = new SharedArrayBuffer(bytes.length & ~1);
  new Uint8Array(shared).set(bytes.subarray(0, shared.byteLength));
  return { id, promptId, samples: shared };
}
