import type { Socket } from 'node:net';

interface StreamHandle {
  reading: boolean;
  readStop(): void;
}

/**
 * Stops reading the socket at once. `pause()` does not: it stops when the buffer is full, and until a handed socket is
 * closed here, this process would go on taking bytes that its new owner waits for (the client's side of the
 * handshake, one call in thirty on a busy machine). Node has no public way.
 */
export function stopReading(socket: Socket): void {
  socket.pause();
  const { _handle: handle } = socket as unknown as { _handle: StreamHandle | null };
  if (handle?.reading !== true) return;
  handle.reading = false;
  handle.readStop();
}
