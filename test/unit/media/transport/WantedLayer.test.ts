import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WantedLayer } from '#media/transport/WantedLayer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A camera of three sizes of which the worker forwards one and is told what is preferred. */
function camera(): {
  layer: WantedLayer;
  told: number[];
  forward: (spatialLayer: number) => void;
  begin: (...rids: string[]) => void;
  close: () => void;
} {
  const told: number[] = [];
  const producer = {
    rtpParameters: { encodings: [{ rid: 'q' }, { rid: 'h' }, { rid: 'f' }] },
    score: [] as { rid: string; score: number }[],
  };
  const consumer = {
    closed: false,
    currentLayers: undefined as { spatialLayer: number } | undefined,
    setPreferredLayers: ({ spatialLayer }: { spatialLayer: number }): Promise<void> => {
      told.push(spatialLayer);
      return Promise.resolve();
    },
  };
  return {
    layer: new WantedLayer(producer as unknown as types.Producer, consumer as unknown as types.Consumer),
    told,
    forward: (spatialLayer) => (consumer.currentLayers = { spatialLayer }),
    begin: (...rids) => (producer.score = rids.map((rid) => ({ rid, score: 10 }))),
    close: () => (consumer.closed = true),
  };
}

test('the worker is asked again while a layer that arrives is not the one forwarded', async () => {
  const { layer, told, forward, begin } = camera();
  await layer.want(2);
  begin('q');
  forward(0);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(told).toEqual([2]);
  begin('q', 'h', 'f');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told).toEqual([2, 0, 2, 0, 2]);
  forward(2);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(told).toHaveLength(5);
});

test('a wish that comes again and again does not put off the asking', async () => {
  const { layer, told, forward, begin } = camera();
  begin('q', 'h');
  forward(0);
  for (let wish = 0; wish < 5; wish += 1) {
    await layer.want(1);
    await vi.advanceTimersByTimeAsync(400);
  }
  expect(told.filter((spatialLayer) => spatialLayer === 0)).toHaveLength(2);
});

test('nothing is asked while nothing is wanted, nor after the end', async () => {
  const { layer, told, forward, begin, close } = camera();
  begin('q', 'h');
  forward(0);
  await layer.want(1);
  await layer.want(undefined);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(told).toEqual([1]);
  await layer.want(1);
  close();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(told).toEqual([1, 1]);
  expect(vi.getTimerCount()).toBe(0);
});
