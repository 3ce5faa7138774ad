import { expect, test } from 'vitest';
import { readSession, writeReoffer } from '#signaling/sdp/index.ts';
import { answerTo, describedIn, fixture, offer, origin, videoOffer } from './descriptions.ts';

test('a new offer in a session keeps every section in its place and the profiles', async () => {
  const remote = readSession(await fixture('cisco-ce-best-effort'));
  const text = writeReoffer(remote, answerTo(describedIn(remote)), origin);
  expect(text.split('\r\n').filter((line) => line.startsWith('m='))).toEqual([
    'm=audio 40000 RTP/AVP 9 101',
    'm=video 40002 RTP/AVP 126',
    'm=application 0 UDP/BFCP *',
    'm=video 0 RTP/AVP 97 126',
    'm=application 0 RTP/AVP 107',
    'm=application 0 UDP/UDT/IX *',
  ]);
});

test('a direction of ours is offered as it is, whatever the far end said last', () => {
  const remote = readSession(offer('m=audio 4000 RTP/AVP 0', 'a=sendonly'));
  const { audio } = answerTo(describedIn(remote));
  const text = writeReoffer(remote, { audio: { ...audio, direction: 'sendrecv' } }, origin);
  expect(text).toContain('a=sendrecv\r\n');
});

test('a session without audio cannot be offered again', () => {
  const remote = readSession(offer('m=video 4000 RTP/AVP 97'));
  const local = answerTo(describedIn(readSession(offer('m=audio 4000 RTP/AVP 0'))));
  expect(() => writeReoffer(remote, local, origin)).toThrow('no audio section to offer again');
});

test('a video that the far end has taken away is not offered again', () => {
  const before = readSession(videoOffer('m=video 4002 RTP/AVP 97', 'a=rtpmap:97 VP8/90000'));
  const remote = readSession(videoOffer('m=video 0 RTP/AVP 97'));
  const text = writeReoffer(remote, answerTo(describedIn(before)), origin);
  expect(text).toContain('m=video 0 RTP/AVP 97\r\n');
});
