// Every codec by the id that chains name. Modules load on first use.

import type { Codec, CodecTable } from './contract.js';

type Entry = readonly [id: string, load: () => Promise<Codec>];

const byteCodecs: readonly Entry[] = [];

/** Codecs whose blocks are images of their own. */
const imageCodecs: readonly Entry[] = [
  ['jpeg', async () => (await import('./jpeg.js')).jpeg],
  ['jpeg12', async () => (await import('./jpeg.js')).jpeg12],
  ['jpeg-lossless', async () => (await import('./jpeg.js')).jpegLossless],
  ['old-jpeg', async () => (await import('./jpeg.js')).oldJpeg],
  ['ccitt', async () => (await import('./ccitt.js')).ccitt],
  ['htj2k', async () => (await import('./htj2k.js')).htj2k],
  ['jpeg2000', async () => (await import('./jpeg2000.js')).jpeg2000],
  ['jpegls', async () => (await import('./jpegls.js')).jpegls],
  ['jpegxr', async () => (await import('./jpegxr.js')).jpegxr],
  ['lerc', async () => (await import('./lerc.js')).lerc],
  ['webp', async () => (await import('./webp.js')).webp],
];

/** Sample encodings that only TIFF has. */
const tiffCodecs: readonly Entry[] = [
  ['ycbcr', async () => (await import('./ycbcr.js')).ycbcr],
  ['thunderscan', async () => (await import('./thunderscan.js')).thunderscan],
];

export const codecTable: CodecTable = new Map([...byteCodecs, ...imageCodecs, ...tiffCodecs]);
