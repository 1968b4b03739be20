// Channel elements and samples: an OME Channel of an RGB image has 3 samples, which OME-Zarr counts as 3 channels.

import type { OmeChannel, OmePixels } from './ome.js';

/** First sample of each channel element, and how many samples it has. Channels that the model lacks count one sample each. */
export function channelSamples(
  pixels: OmePixels,
  samples: number,
): { first: number; count: number; channel?: OmeChannel }[] {
  const list: { first: number; count: number; channel?: OmeChannel }[] = [];
  let first = 0;
  for (const channel of pixels.Channels) {
    const count = Math.min(channel.SamplesPerPixel ?? 1, samples - first);
    if (count > 0) list.push({ first, count, channel });
    first += Math.max(count, 0);
  }
  for (; first < samples; first++) list.push({ first, count: 1 });
  return list;
}
