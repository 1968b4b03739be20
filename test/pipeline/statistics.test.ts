import { describe, expect, it } from 'vitest';
import { addSamples, sampleSteps } from '../../src/pipeline/statistics.js';

/** Samples that one channel gives. */
function samplesOf(shape: readonly [number, number, number, number, number], channels: number): number {
  const steps = sampleSteps(shape, channels);
  const plane: number[] = [];
  addSamples(plane, steps, 'uint8', 0, shape[3], 0, shape[4], () => new Uint8Array(shape[4]));
  return plane.length * Math.ceil((shape[0] * shape[2]) / steps.plane);
}

describe('samples for display windows', () => {
  it('are many for a few channels, and bounded for all channels of a job', () => {
    expect(samplesOf([1, 3, 1, 64, 64], 3)).toBe(4096);
    expect(samplesOf([1, 3, 500, 256, 256], 3)).toBeGreaterThan(100_000);
    for (const channels of [1, 16, 400, 12_000, 65_535]) {
      expect(samplesOf([5, channels, 100, 200, 250], channels) * channels).toBeLessThanOrEqual(2 ** 23);
      expect(samplesOf([5, channels, 100, 200, 250], channels)).toBeGreaterThan(30);
    }
  });
});
