import { expect, test } from 'vitest';
import type { SessionDescription, VideoCodec, VideoCodecName } from '#kernel/index.ts';
import type { ConferenceMedia, MediaLeg, ZoneVideoOptions } from '#media/index.ts';
import { legOptions, openMediaZone, type MediaZone } from '#test/support/mediaZone.ts';
import { TestPhone } from '#test/support/TestPhone.ts';
import { waitFor } from '#test/support/waitFor.ts';

const suite = 'AES_CM_128_HMAC_SHA1_80';
/** Key frames, or the worker would wait for one: parameter sets (RFC 6184 §5.6), and a VP8 frame with P=0 (RFC 7741 §4.3). */
const frames = {
  H264: Buffer.from('6742e01f', 'hex'),
  VP8: Buffer.from('1010009d012a40016801', 'hex'),
} as const satisfies Record<VideoCodecName, Buffer>;
const frame = frames.H264;
const h264: VideoCodec = {
  name: 'H264',
  payloadType: 103,
  parameters: { 'profile-level-id': '42e01f', 'packetization-mode': '0' },
  feedback: ['nack pli'],
};
const vp8: VideoCodec = { name: 'VP8', payloadType: 120, parameters: {}, feedback: ['nack', 'nack pli'] };
const video: ZoneVideoOptions = {
  codecs: ['VP8', 'H264'],
  frameRate: 30,
  maxBitrate: 1_500_000,
  encodeBudget: 2,
  maxLoadPercent: 70,
};

/** A phone with a voice and a camera, each on a port of its own. */
class VideoPhone implements AsyncDisposable {
  readonly voice: TestPhone;
  readonly camera: TestPhone;

  static async create(): Promise<VideoPhone> {
    return new VideoPhone(await TestPhone.create({ suite }), await TestPhone.create({ suite }));
  }

  private constructor(voice: TestPhone, camera: TestPhone) {
    this.voice = voice;
    this.camera = camera;
  }

  offer(...codecs: VideoCodec[]): SessionDescription {
    const { codecs: _voices, ...transport } = this.camera.offer().audio;
    return { ...this.voice.offer(), video: { ...transport, codecs } };
  }

  connect({ audio, video: picture }: SessionDescription): void {
    this.voice.connect({ audio });
    if (picture === undefined) throw new Error('video was refused');
    this.camera.connect({ audio: { ...audio, ...picture, codecs: [] } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.voice[Symbol.asyncDispose]();
    await this.camera[Symbol.asyncDispose]();
  }
}

async function join(
  conference: ConferenceMedia,
  phone: VideoPhone,
  id: string,
  ...codecs: VideoCodec[]
): Promise<MediaLeg> {
  const leg = await conference.answer(phone.offer(...codecs), legOptions(id, { allowVideo: true }));
  phone.connect(leg.local);
  return leg;
}

/** Sends until the mixer has learned of the stream and, if it wants it, gets it. */
async function seen(zone: MediaZone, phone: VideoPhone, id: string, codec: VideoCodec): Promise<void> {
  await waitFor(`${id} is seen`, () => {
    phone.camera.say(frames[codec.name], codec.payloadType);
    return zone.mixer.takeFrom(id).some(({ payloadType }) => payloadType === codec.payloadType);
  });
}

test('a phone’s picture reaches the mixer while it is wanted, and the mixer’s reaches the phone', async () => {
  await using zone = await openMediaZone({ video });
  await using phone = await VideoPhone.create();
  await join(zone.media.conference('room'), phone, 'phone', h264);

  const { outbound } = zone.mixer.videoLegs.get('phone') ?? {};
  expect(outbound).toMatchObject({ codec: 'H264', payloadType: 103, maxHeight: 720 });
  await waitFor('its stream is learned', () => {
    phone.camera.say(frame, 103);
    return zone.mixer.videoLegs.get('phone')?.camera !== undefined;
  });
  expect(zone.mixer.takeFrom('phone')).toEqual([]);
  zone.mixer.tell('wanted', 'phone', 'camera', 360);
  await seen(zone, phone, 'phone', h264);
  await waitFor('the phone sees', () => {
    if (outbound !== undefined) zone.mixer.show(outbound, frame);
    return phone.camera
      .take()
      .some(({ payloadType, payload }) => payloadType === 103 && payload.equals(frame));
  });
  zone.mixer.tell('wanted', 'phone', 'camera', 0);
  await waitFor('nothing arrives that nobody wants', async () => {
    zone.mixer.takeFrom('phone');
    phone.camera.say(frame, 103);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return zone.mixer.takeFrom('phone').length === 0;
  });
});

test('what a quick mixer wants of a leg that is only just being made is not lost', async () => {
  await using zone = await openMediaZone({ video });
  await using phone = await VideoPhone.create();
  zone.mixer.onVideoLeg = ({ id, camera }) => {
    if (camera !== undefined) zone.mixer.tell('wanted', id, 'camera', 360);
  };
  const offer = phone.offer(h264);
  const announced = {
    ...offer,
    video: { ...phone.camera.offer().audio, codecs: [h264], ssrc: phone.camera.ssrc },
  };
  const leg = await zone.media
    .conference('room')
    .answer(announced, legOptions('phone', { allowVideo: true }));
  phone.connect(leg.local);
  zone.mixer.onVideoLeg = () => undefined;
  await seen(zone, phone, 'phone', h264);
});

test('phones with other numbers and codecs each see in their own', async () => {
  await using zone = await openMediaZone({ video });
  await using first = await VideoPhone.create();
  await using second = await VideoPhone.create();
  const conference = zone.media.conference('room');
  for (const [id, phone, codec] of [
    ['first', first, h264],
    ['second', second, vp8],
  ] as const) {
    await join(conference, phone, id, codec);
    zone.mixer.tell('wanted', id, 'camera', 720);
    await seen(zone, phone, id, codec);
    const outbound = zone.mixer.videoLegs.get(id)?.outbound;
    expect(outbound).toMatchObject({ codec: codec.name, payloadType: codec.payloadType });
    await waitFor(`${id} sees`, () => {
      if (outbound !== undefined) zone.mixer.show(outbound, frames[codec.name]);
      return phone.camera.take().some(({ payloadType }) => payloadType === codec.payloadType);
    });
  }
});

test('a phone that can take little gets a small picture', async () => {
  await using zone = await openMediaZone({ video });
  await using phone = await VideoPhone.create();
  const cif = { ...h264, parameters: { ...h264.parameters, 'profile-level-id': '42e00d' } };
  await join(zone.media.conference('room'), phone, 'phone', cif);
  expect(zone.mixer.videoLegs.get('phone')?.outbound?.maxHeight).toBe(180);
});

test('a re-INVITE adds video, changes its codec and takes it away, and the voice never moves', async () => {
  await using zone = await openMediaZone({ video });
  await using phone = await VideoPhone.create();
  const conference = zone.media.conference('room');
  const leg = await conference.answer(phone.voice.offer(), legOptions('phone', { allowVideo: true }));
  expect(leg.local.video).toBeUndefined();
  expect(zone.mixer.videoLegs.get('phone')).toMatchObject({ label: 'phone', kind: 'phone' });
  const { port } = leg.local.audio;

  const added = await leg.renegotiate(phone.offer(h264));
  phone.connect(added);
  expect(added).toMatchObject({ audio: { port }, video: { codecs: [{ name: 'H264', payloadType: 103 }] } });
  zone.mixer.tell('wanted', 'phone', 'camera', 360);
  await seen(zone, phone, 'phone', h264);
  const { ssrc } = zone.mixer.videoLegs.get('phone')?.outbound ?? {};

  const changed = await leg.renegotiate(phone.offer(vp8));
  phone.connect(changed);
  expect(changed.video).toMatchObject({ port: added.video?.port, codecs: [{ name: 'VP8' }] });
  expect(zone.mixer.videoLegs.get('phone')?.outbound).toMatchObject({ ssrc, codec: 'VP8' });
  await seen(zone, phone, 'phone', vp8);

  const gone = await leg.renegotiate(phone.voice.offer());
  expect(gone.video).toBeUndefined();
  expect(zone.mixer.videoLegs.get('phone')).not.toHaveProperty('camera');
});

test('a phone’s wish for a key frame by signaling reaches the mixer', async () => {
  await using zone = await openMediaZone({ video });
  await using phone = await VideoPhone.create();
  const leg = await join(zone.media.conference('room'), phone, 'phone', vp8);
  const outbound = zone.mixer.videoLegs.get('phone')?.outbound;
  await leg.requestKeyFrame();
  expect(zone.mixer.keyFrameRequests).toContain(outbound?.ssrc);
});

test('a phone without RTCP feedback is asked for a key frame by signaling, no other', async () => {
  await using zone = await openMediaZone({ video });
  await using mute = await VideoPhone.create();
  await using modern = await VideoPhone.create();
  const conference = zone.media.conference('room');
  const asked: string[] = [];
  conference.on('keyFrameWanted', (legId) => asked.push(legId));
  await join(conference, modern, 'modern', h264);
  await join(conference, mute, 'mute', { ...h264, feedback: [] });
  for (const [id, phone] of [
    ['modern', modern],
    ['mute', mute],
  ] as const) {
    zone.mixer.tell('wanted', id, 'camera', 360);
    await seen(zone, phone, id, h264);
    zone.mixer.askKeyFrame(id);
  }
  await waitFor('signaling is asked', () => asked.length > 0);
  expect(asked).toEqual(['mute']);
});

test('a picture comes back after the death of the worker, under the same numbers', async () => {
  await using zone = await openMediaZone({ video });
  await using phone = await VideoPhone.create();
  await join(zone.media.conference('room'), phone, 'phone', h264);
  zone.mixer.tell('wanted', 'phone', 'camera', 360);
  await seen(zone, phone, 'phone', h264);
  const before = zone.mixer.videoLegs.get('phone')?.outbound;
  process.kill(zone.media.workerPid ?? 0, 'SIGKILL');
  await waitFor(
    'the leg has another way',
    () => zone.mixer.videoLegs.get('phone')?.outbound?.port !== before?.port,
  );
  await seen(zone, phone, 'phone', h264);
  const after = zone.mixer.videoLegs.get('phone')?.outbound;
  expect(after).toMatchObject({ ssrc: before?.ssrc, payloadType: 103 });
  await waitFor('the phone sees again', () => {
    if (after !== undefined) zone.mixer.show(after, frame);
    return phone.camera.take().some(({ ssrc }) => ssrc !== 0);
  });
});

test('nothing of a call is left in the mixer when it is over', async () => {
  await using zone = await openMediaZone({ video });
  await using phone = await VideoPhone.create();
  const conference = zone.media.conference('room');
  await join(conference, phone, 'phone', h264);
  const browser = await conference.offer('browser', legOptions('browser', { allowVideo: true }));
  expect([...zone.mixer.ladders.values()].map(({ picture }) => picture).sort()).toEqual([
    'alternate',
    'screen',
    'shared',
  ]);
  await browser.close('left');
  expect(zone.mixer.ladders.size).toBe(0);
  await conference.close('over');
  expect(zone.mixer.videoLegs.size).toBe(0);
  expect(zone.mixer.pictures.size).toBe(0);
});

test('two browsers share one ladder, and their offers have four sections on one transport', async () => {
  await using zone = await openMediaZone({ video });
  const conference = zone.media.conference('room');
  const one = await conference.offer('browser', legOptions('one', { allowVideo: true }));
  await conference.offer('browser', legOptions('two', { allowVideo: true }));
  expect(zone.mixer.ladders.size).toBe(3);
  const { audio, video: picture, screen, alternate } = one.local;
  expect([audio, picture, screen, alternate].map((section) => section?.mid)).toEqual(['0', '1', '2', '3']);
  expect(picture).toMatchObject({ port: audio.port, rids: ['q', 'h', 'f'], direction: 'sendrecv' });
  expect(alternate).toMatchObject({ direction: 'sendonly' });
  expect(picture?.codecs[0]?.rtxPayloadType).toBeTypeOf('number');
});

test('a call is let in only if it fits beside those that were let in a moment ago', async () => {
  await using zone = await openMediaZone({ video: { ...video, maxLoadPercent: 50 } });
  expect(zone.media.videoFits('phone')).toBe(true); // nothing is known of the machine yet
  const load = {
    capacityPercent: 100,
    plannedPercent: 20,
    perCameraPercent: 2,
    perViewPercent: 12,
    lateFraction: 0,
  };
  zone.mixer.tell('load', load);
  expect([1, 2, 3].map(() => zone.media.reserveVideo('phone'))).toEqual([true, true, false]);
  expect(zone.media.reserveVideo('browser')).toBe(true);
  zone.mixer.tell('load', load);
  expect(zone.media.videoFits('phone')).toBe(true);
  zone.mixer.tell('load', { ...load, lateFraction: 0.6 });
  expect(zone.media.videoFits('browser')).toBe(false);
});
