type Kind = 'audio' | 'video';

interface Request {
  readonly constraints: MediaTrackConstraints;
  readonly resolve: (track: MediaStreamTrack) => void;
  readonly reject: (reason: unknown) => void;
}

let waiting: Partial<Record<Kind, Request>> = {};

/**
 * A track of one's microphone or camera. Both wished in the same moment are asked for together, so that the person is
 * asked once.
 */
export function requestTrack(kind: Kind, constraints: MediaTrackConstraints): Promise<MediaStreamTrack> {
  return new Promise((resolve, reject) => {
    if (Object.keys(waiting).length === 0) queueMicrotask(ask);
    waiting[kind]?.reject(new DOMException('another was wished', 'AbortError'));
    waiting = { ...waiting, [kind]: { constraints, resolve, reject } };
  });
}

function ask(): void {
  const { audio, video } = waiting;
  waiting = {};
  if (audio !== undefined && video !== undefined) void askForBoth(audio, video);
  else if (audio !== undefined) void askForOne('audio', audio);
  else if (video !== undefined) void askForOne('video', video);
}

async function askForBoth(audio: Request, video: Request): Promise<void> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: audio.constraints,
      video: video.constraints,
    });
    settle(audio, stream.getAudioTracks()[0]);
    settle(video, stream.getVideoTracks()[0]);
  } catch {
    // One of the two may still work; each is told its own reason.
    await askForOne('audio', audio);
    await askForOne('video', video);
  }
}

async function askForOne(kind: Kind, request: Request): Promise<void> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ [kind]: request.constraints });
    settle(
      request,
      stream.getTracks().find((track) => track.kind === kind),
    );
  } catch (error) {
    request.reject(error);
  }
}

function settle({ resolve, reject }: Request, track: MediaStreamTrack | undefined): void {
  if (track === undefined) reject(new DOMException('the browser gave no track', 'NotFoundError'));
  else resolve(track);
}
