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
];

/** Sample encodings that only TIFF has. */
const tiffCodecs: readonly Entry[] = [
  ['ycbcr', async () => (await import('./ycbcr.js')).ycbcr],
  ['thunderscan', async () => (await import('./thunderscan.js')).thunderscan],
];

export const codecTable: CodecTable = new Map([...byteCodecs, ...imageCodecs, ...tiffCodecs]);
