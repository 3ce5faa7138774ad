import { expect, test } from 'vitest';
import type { VideoCodec, VideoDescription } from '#kernel/index.ts';
import { chooseVideoCodec, localVideoCodec, maxHeightOf, videoKey } from '#media/transport/videoCodecs.ts';

const full = 1_500_000;
const vp8: VideoCodec = { name: 'VP8', payloadType: 100, parameters: {}, feedback: [] };
const h264 = (parameters: Record<string, string> = {}): VideoCodec => ({
  name: 'H264',
  payloadType: 102,
  parameters,
  feedback: [],
});

test.each([
  [{ 'profile-level-id': '42e01f' }, 720],
  [{ 'profile-level-id': '42e01e' }, 360],
  [{ 'profile-level-id': '42e00d' }, 180],
  [{ 'profile-level-id': '42e00a' }, 180],
  [{ 'profile-level-id': '428016', 'max-fs': '3600', 'max-mbps': '108000' }, 720],
  [{ 'profile-level-id': '428016', 'max-fs': '920', 'max-mbps': '40500' }, 360],
] as const)('a phone that says %o is sent %i lines', (parameters, height) => {
  expect(maxHeightOf(h264(parameters), undefined, full)).toBe(height);
});

test.each([
  [undefined, 720],
  [2_000_000, 720],
  [1_200_000, 720],
  [768_000, 360],
  [384_000, 180],
  [64_000, 180],
] as const)('a phone that takes %s bits per second is sent %i lines', (maxBitrate, height) => {
  expect(maxHeightOf(vp8, maxBitrate, full)).toBe(height);
});

test('the answer keeps the profile, says our level, and lower when the offerer must have the same both ways', () => {
  const level = (parameters: Record<string, string>): string | undefined =>
    localVideoCodec(h264(parameters)).parameters['profile-level-id'];
  expect(level({ 'profile-level-id': '42801e', 'level-asymmetry-allowed': '1' })).toBe('42001f');
  expect(level({ 'profile-level-id': '42801e' })).toBe('42001e');
  expect(level({ 'profile-level-id': '42e034' })).toBe('42e01f');
  expect(localVideoCodec(h264()).parameters).toMatchObject({ 'packetization-mode': '0', 'max-fs': '3600' });
  expect(localVideoCodec(vp8).parameters).toEqual({});
});

test('of the codecs that the zone wants the offerer’s first is used', () => {
  const offer = { codecs: [h264(), vp8] } as unknown as VideoDescription;
  expect(chooseVideoCodec(offer, ['VP8', 'H264'])?.name).toBe('H264');
  expect(chooseVideoCodec(offer, ['VP8'])?.name).toBe('VP8');
  expect(chooseVideoCodec({ ...offer, codecs: [] }, ['VP8'])).toBeUndefined();
});

test('a router is shared by those whose numbers, profile and packetization mode are the same', () => {
  const keys = [h264(), h264({ 'packetization-mode': '1' }), h264({ 'profile-level-id': '42e01f' }), vp8];
  expect(new Set(keys.map(videoKey)).size).toBe(4);
  expect(videoKey(h264({ 'packetization-mode': '0' }))).toBe(videoKey(h264()));
});
