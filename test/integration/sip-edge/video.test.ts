import { expect, test } from 'vitest';
import type { SipRequest } from '#signaling/sip/stack/message/index.ts';
import { establish, startEdge, TestEndpoint, TestOwner } from './edge.ts';
import { Phone, phoneSdp, phoneVideo, vp8 } from './Phone.ts';

/** The m= lines of a message's description. */
function sections({ body }: { readonly body: Buffer }): string[] {
  return lines({ body }).filter((line) => line.startsWith('m='));
}

function lines({ body }: { readonly body: Buffer }): string[] {
  return body.toString().split('\r\n');
}

function withVideo(options?: Parameters<typeof phoneVideo>[0], direction = 'sendrecv'): string {
  return phoneSdp({ direction, more: phoneVideo(options) });
}

test('a video call is one call with two descriptions, and its answer has both', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const answered = new Phone(peer).invite(200, { body: withVideo() });
  const call = await zone.nextCall();
  expect(call.offer?.video).toMatchObject({ port: 4002, maxBitrate: 1_000_000, direction: 'sendrecv' });
  await call.admit(new TestEndpoint(call.offer), new TestOwner());
  const answer = lines(await answered);
  expect(answer).toContain('m=video 40002 RTP/SAVP 126');
  expect(answer).toContain(
    'a=fmtp:126 profile-level-id=42801e;packetization-mode=1;level-asymmetry-allowed=1',
  );
  expect(answer.filter((line) => line.startsWith('a=rtcp-fb'))).toEqual(['a=rtcp-fb:126 nack pli']);
  expect(answer).toContain('b=TIAS:2000000');
  expect(answer.filter((line) => line.startsWith('a=crypto:1 '))).toHaveLength(2);
});

test('a re-INVITE adds video, changes its codec, takes it away with port 0 and brings it back', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const { endpoint, phone } = await establish(zone, new Phone(peer));
  const offers = [
    withVideo(),
    withVideo({ formats: vp8 }),
    withVideo({ port: 0, formats: vp8 }),
    withVideo({ formats: vp8 }),
  ];
  const answers: string[][] = [];
  for (const body of offers) answers.push(sections(await phone.invite(200, { body })));
  expect(answers.map(([, video]) => video)).toEqual([
    'm=video 40002 RTP/SAVP 126',
    'm=video 40002 RTP/SAVP 96',
    'm=video 0 RTP/SAVP 96',
    'm=video 40002 RTP/SAVP 96',
  ]);
  expect(endpoint.offers.map(({ video }) => video?.codecs.map(({ name }) => name).join() ?? 'none')).toEqual([
    'H264,H264',
    'VP8',
    'none',
    'VP8',
  ]);
});

test('hold is answered in both sections', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { endpoint, phone } = await establish(zone, new Phone(peer));
  const held = await phone.invite(200, { body: withVideo({ direction: 'inactive' }, 'sendonly') });
  const directions = lines(held).filter((line) => /^a=(?:send|recv|inactive)/.test(line));
  expect(directions).toEqual(['a=recvonly', 'a=inactive']);
  expect(endpoint.offers[0]).toMatchObject({
    audio: { direction: 'sendonly' },
    video: { direction: 'inactive' },
  });
});

test('audio that is taken away takes its pictures with it', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { endpoint, phone } = await establish(zone, new Phone(peer));
  const away = await phone.invite(200, { body: withVideo().replace('m=audio 4000', 'm=audio 0') });
  expect(sections(away)).toEqual(['m=audio 0 RTP/SAVP 9 0 101', 'm=video 0 RTP/SAVP 97 126']);
  expect(endpoint.offers[0]?.video).toBeUndefined();
});

test('a late offer has audio and video, and a phone may answer without its video', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  for (const port of [4002, 0]) {
    const phone = new Phone(peer);
    const ackBody = phoneSdp({ codecs: '9 101', more: phoneVideo({ port, formats: vp8 }) });
    const answered = phone.invite(200, { body: '', ackBody });
    const endpoint = new TestEndpoint(undefined);
    const call = await zone.nextCall();
    await call.admit(endpoint, new TestOwner());
    expect(sections(await answered)).toEqual([
      'm=audio 40000 RTP/SAVP 111 9 101',
      'm=video 40002 RTP/SAVP 108 96',
    ]);
    const names = endpoint.accepted[0]?.video?.codecs.map(({ name }) => name);
    expect(names).toEqual(port === 0 ? undefined : ['VP8']);
  }
});

test('a new offer of ours offers the video again that there is, and none that was refused', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const { call, endpoint, phone } = await establish(zone, new Phone(peer));
  await phone.invite(200, { body: withVideo({ direction: 'recvonly' }) });
  const reoffered = call.reoffer(endpoint);
  const invite = await peer.request('INVITE');
  expect(sections(invite)).toEqual(['m=audio 40000 RTP/SAVP 9 101', 'm=video 40002 RTP/SAVP 126']);
  expect(lines(invite).filter((line) => line === 'a=sendrecv')).toHaveLength(2);
  phone.respond(invite, 200, phoneSdp({ codecs: '9 101', more: phoneVideo({ port: 0 }) }));
  await peer.request('ACK');
  await reoffered;
  expect(endpoint.accepted[0]?.video).toBeUndefined();

  const again = call.reoffer(endpoint);
  const second = await peer.request('INVITE');
  expect(sections(second)[1]).toBe('m=video 0 RTP/SAVP 97 126');
  phone.respond(second, 200, phoneSdp({ codecs: '9 101', more: phoneVideo({ port: 0 }) }));
  await again;
});

test('video that cannot be read is refused as audio is, and the call goes on as it was', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, phone } = await establish(zone, new Phone(peer));
  const body = withVideo().replace('profile-level-id=42801e', 'profile-level-id=nonsense');
  const refused = await phone.invite(400, { body });
  expect(refused.headers.get('Warning')).toContain('section 2 (video): its profile-level-id');
  await phone.invite(200);
  expect(call.ended).toBe(false);
});

test('INFO with a picture_fast_update asks for a key frame, and other media control for nothing', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { owner, phone } = await establish(zone, new Phone(peer));
  const contentType = 'application/media_control+xml';
  const control = (primitive: string): string =>
    `<?xml version="1.0" encoding="utf-8" ?>\r\n<media_control><vc_primitive><to_encoder>${primitive}</to_encoder></vc_primitive></media_control>`;
  await phone.ask('INFO', 200, { contentType, body: control('<picture_fast_update/>') });
  await phone.ask('INFO', 200, {
    contentType: `${contentType};charset=utf-8`,
    body: control('<picture_fast_update>\n</picture_fast_update>'),
  });
  await phone.ask('INFO', 200, { contentType, body: control('<picture_freeze/>') });
  await phone.ask('INFO', 200, { contentType, body: 'nonsense' });
  expect(owner.keyFrames).toBe(2);
});

test('a phone is asked for key frames by INFO, one at a time, until it refuses', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, phone } = await establish(zone, new Phone(peer));
  call.requestKeyFrame?.();
  call.requestKeyFrame?.();
  const first = await peer.request('INFO');
  expect(first.headers.get('Content-Type')).toBe('application/media_control+xml');
  expect(first.body.toString()).toContain('<picture_fast_update/>');
  phone.respond(first, 200);
  const second = expect.poll(() => {
    call.requestKeyFrame?.();
    return requests(peer.seen, 'INFO');
  });
  await second.toBe(2);
  phone.respond(await peer.request('INFO'), 415);
  await phone.ask('OPTIONS', 200);
  call.requestKeyFrame?.();
  await phone.ask('OPTIONS', 200);
  expect(requests(peer.seen, 'INFO')).toBe(2);
  expect(call.ended).toBe(false);
});

function requests(seen: readonly { readonly kind: string }[], method: string): number {
  return seen.filter((message) => message.kind === 'request' && (message as SipRequest).method === method)
    .length;
}

test('what only browsers can show is nothing to a phone', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, phone } = await establish(zone, new Phone(peer));
  const seen = peer.seen.length;
  call.showStage('p', { layout: 'auto', tiles: [] });
  call.showRoster('p', []);
  call.stopSharing();
  await phone.ask('OPTIONS', 200);
  expect(peer.seen.length).toBe(seen + 1);
});
