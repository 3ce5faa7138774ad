import { expect, test } from 'vitest';
import { readSession, writeReoffer } from '#signaling/sdp/index.ts';
import { answerTo, audioOf, fixture, offer, origin } from './descriptions.ts';

test('a new offer in a session keeps every section in its place and the profile of the audio', async () => {
  const remote = readSession(await fixture('cisco-ce-best-effort'));
  const text = writeReoffer(remote, answerTo(audioOf(remote)), origin);
  expect(text.split('\r\n').filter((line) => line.startsWith('m='))).toEqual([
    'm=audio 40000 RTP/AVP 9 101',
    'm=video 0 RTP/AVP 97 126',
    'm=application 0 UDP/BFCP *',
    'm=video 0 RTP/AVP 97 126',
    'm=application 0 RTP/AVP 107',
    'm=application 0 UDP/UDT/IX *',
  ]);
});

test('a direction of ours is offered as it is, whatever the far end said last', () => {
  const remote = readSession(offer('m=audio 4000 RTP/AVP 0', 'a=sendonly'));
  const text = writeReoffer(remote, { ...answerTo(audioOf(remote)), direction: 'sendrecv' }, origin);
  expect(text).toContain('a=sendrecv\r\n');
});

test('a session without audio cannot be offered again', () => {
  const remote = readSession(offer('m=video 4000 RTP/AVP 97'));
  const audio = answerTo(audioOf(readSession(offer('m=audio 4000 RTP/AVP 0'))));
  expect(() => writeReoffer(remote, audio, origin)).toThrow('no audio section to offer again');
});
