import { expect, test } from 'vitest';
import { SoundStore, toPlayRequest } from '#media/mixer/playRequest.ts';
import { Sounds, type SoundMessage } from '#media/mixer/Sounds.ts';

/** As the message arrives on the other side of both borders. */
function cross(store: SoundStore, message: SoundMessage): Int16Array {
  const json = JSON.parse(JSON.stringify(message)) as SoundMessage;
  return store.take(structuredClone(toPlayRequest({ id: 'leg', promptId: 1, ...json })));
}

test('samples cross once, and are the same on the other side', () => {
  const [sounds, store] = [new Sounds(), new SoundStore()];
  const whole = Int16Array.of(9, 0, 1, -32_768, 32_767);
  const samples = whole.subarray(1);
  const first = sounds.message(samples);
  expect([...cross(store, first)]).toEqual([0, 1, -32_768, 32_767]);
  const second = sounds.message(samples);
  expect(second).toEqual({ sound: first.sound });
  expect([...cross(store, second)]).toEqual([...samples]);
  expect(sounds.message(samples.slice()).sound).not.toBe(first.sound);
});

test('of very many sounds the one that was not played for longest is forgotten, on both sides', () => {
  const [sounds, store] = [new Sounds(), new SoundStore()];
  const all = Array.from({ length: 33 }, (_, index) => Int16Array.of(index));
  const [first = Int16Array.of(), second = Int16Array.of()] = all;
  for (const samples of all.slice(0, 32)) cross(store, sounds.message(samples));
  cross(store, sounds.message(first));
  cross(store, sounds.message(all[32] ?? first));
  expect(sounds.message(first)).not.toHaveProperty('samples');
  expect(() => cross(store, { sound: 2 })).toThrow('the mixer has no sound 2');
  expect([...cross(store, sounds.message(second))]).toEqual([1]);
});

test('another process, and one that may not have got it, is told the samples again', () => {
  const sounds = new Sounds();
  const samples = Int16Array.of(1);
  sounds.lost(sounds.message(samples));
  expect(sounds.message(samples)).toHaveProperty('samples');
  sounds.clear();
  expect(sounds.message(samples)).toHaveProperty('samples');
});
