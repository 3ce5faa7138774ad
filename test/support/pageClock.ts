import type { Box } from './seeing.ts';

export interface ClockWatch {
  /** Where on the picture the strip of cells is that `showCamera` draws. */
  readonly strip: Box;
  readonly seconds: number;
  /** `mixed`: of the page's call. `direct`: the page's own camera through two connections in the page, with no server between. */
  readonly source: 'mixed' | 'direct';
}

/** The strip of a camera that is shown in `tile` of a 16:9 picture, with its sides cut off when the tile is narrower than it. */
export function stripIn(tile: Box): Box {
  const shown = Math.min(1, tile.width / tile.height);
  const x = (0.26 - (1 - shown) / 2) / shown;
  return {
    x: tile.x + x * tile.width,
    y: tile.y + 0.04 * tile.height,
    width: (0.48 / shown) * tile.width,
    height: 0.08 * tile.height,
  };
}

/**
 * Ages of the frames that are presented, milliseconds: the wall clock less what is written on them. Runs in the page, and is sent
 * there as text: it stands alone.
 */
export async function watchClock({ strip, seconds, source }: ClockWatch): Promise<number[]> {
  const cells = 20;
  const direct = async (): Promise<MediaStreamTrack> => {
    const camera = window.zonebridgeDevices?.camera?.();
    if (camera === undefined) throw new Error('the page has no camera');
    const [there, here] = [new RTCPeerConnection(), new RTCPeerConnection()];
    there.onicecandidate = ({ candidate }) => void here.addIceCandidate(candidate);
    here.onicecandidate = ({ candidate }) => void there.addIceCandidate(candidate);
    there.addTrack(camera);
    await there.setLocalDescription();
    await here.setRemoteDescription(there.localDescription ?? { type: 'offer' });
    await here.setLocalDescription();
    await there.setRemoteDescription(here.localDescription ?? { type: 'answer' });
    const [receiver] = here.getReceivers();
    if (receiver === undefined) throw new Error('nothing is received');
    return receiver.track;
  };
  const track = source === 'direct' ? await direct() : window.zonebridgeVideo.track('mixed');
  if (track === undefined) throw new Error('the page has no picture');
  const element = document.createElement('video');
  Object.assign(element, { muted: true, srcObject: new MediaStream([track]) });
  // Only what is on the page is presented at the page's pace.
  element.style.cssText = 'position:fixed;left:0;top:0;width:64px;height:36px;z-index:99';
  document.body.append(element);
  await element.play();
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: cells, height: 1 });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const ages: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  const read = (): void => {
    const { videoWidth: width, videoHeight: height } = element;
    const cell = (strip.width * width) / cells;
    const [y, x] = [(strip.y + strip.height / 2) * height, strip.x * width];
    for (let bit = 0; bit < cells; bit += 1) {
      context?.drawImage(element, x + (bit + 0.4) * cell, y - 1, cell * 0.2, 2, bit, 0, 1, 1);
    }
    const { data } = context?.getImageData(0, 0, cells, 1) ?? { data: [] };
    let code = 0;
    for (let bit = 0; bit < cells; bit += 1) if ((data[bit * 4] ?? 0) > 127) code |= 1 << bit;
    for (let shift = 1; shift < cells; shift *= 2) code ^= code >>> shift;
    ages.push((Date.now() - code + 2 ** 21) % 2 ** 20);
  };
  await new Promise<void>((resolve) => {
    const next = (): void => {
      read();
      if (performance.now() < endMs) element.requestVideoFrameCallback(next);
      else resolve();
    };
    element.requestVideoFrameCallback(next);
  });
  element.remove();
  return ages;
}
