import type { MixerLadder } from '../contract.ts';
import { PictureStream } from './PictureStream.ts';

/** What the browsers behind one router share: one stream for each encoding. */
export class Ladder {
  readonly id: string;
  readonly conferenceId: string;
  readonly picture: MixerLadder['picture'];
  readonly streams: PictureStream[];

  constructor(config: MixerLadder, wallMs: number) {
    this.id = config.id;
    this.conferenceId = config.conferenceId;
    this.picture = config.picture;
    this.streams = config.encodings.map((start) => new PictureStream(start, wallMs));
  }

  /** Other parameters for the same streams; more or fewer of them. */
  change({ encodings }: MixerLadder, nowMs: number, wallMs: number): void {
    for (const stream of this.streams.splice(encodings.length)) stream.switchTo(undefined, nowMs);
    for (const [index, start] of encodings.entries()) {
      const stream = this.streams[index];
      if (stream === undefined) this.streams.push(new PictureStream(start, wallMs));
      else stream.change(start, wallMs);
    }
  }

  /** Rungs that somebody watches. With nobody at all the streams are only kept alive. */
  setDemand(rungs: readonly boolean[]): void {
    const watched = rungs.includes(true);
    for (const [index, stream] of this.streams.entries()) {
      if (rungs[index] === true) stream.wanted = 'full';
      else stream.wanted = watched ? 'slow' : 'still';
    }
  }

  close(nowMs: number): void {
    for (const stream of this.streams) stream.switchTo(undefined, nowMs);
  }
}
