// Test images: block maps without files, whose chain computes the pixels (src/codecs/fake.ts says which).

import type { BlockMap } from '../../src/core/blocks.js';
import type { Dataset, ImageSource, InputTree, Level, OpenOptions } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { gridCounts, map2, type Tczyx } from '../../src/core/geometry.js';
import { type FakeImage, listImages, omeModel } from './model.js';
import { type FakeParameters, parseName } from './parameters.js';

function blocksOf(shape: Tczyx, block: Tczyx, image: number, level: number): BlockMap {
  const count = gridCounts(shape, block).reduce((product, n) => product * n, 1);
  return {
    layout: { kind: 'grid', block, edge: 'clipped' },
    // No bytes are read; the table only says that every block is there.
    address: { kind: 'table', file: 0, offset: new Float64Array(count), length: new Float64Array(count).fill(1) },
    files: ['fake:'],
    chains: [{ codecs: [{ id: 'fake', image, level }], order: 'tczyx' }],
    fill: 0,
    absent: 'missing',
  };
}

function levelsOf(parameters: FakeParameters, image: number): readonly [Level, ...Level[]] {
  const { sizet, sizec, sizez, sizey, sizex, tileheight, tilewidth, resolutions, resolutionscale } = parameters.counts;
  const levels: Level[] = [];
  for (let level = 0; level < resolutions; level++) {
    const factor = resolutionscale ** level;
    const shape: Tczyx = [sizet, sizec, sizez, Math.floor(sizey / factor), Math.floor(sizex / factor)];
    if (shape[3] < 1 || shape[4] < 1) break;
    const block: Tczyx = map2([1, 1, 1, tileheight, tilewidth], shape, Math.min);
    levels.push({ shape, blocks: blocksOf(shape, block, image, level) });
  }
  return levels as [Level, ...Level[]];
}

function checkSize(parameters: FakeParameters, images: number, options: OpenOptions): void {
  const { sizet, sizec, sizez, sizey, sizex, tileheight, tilewidth } = parameters.counts;
  const blocks = images * sizet * sizec * sizez * Math.ceil(sizey / tileheight) * Math.ceil(sizex / tilewidth);
  const { limits } = options;
  if (images <= limits.images && blocks <= limits.directories && tileheight * tilewidth * 8 <= limits.blockBytes)
    return;
  throw new ImgconvError(
    'limit',
    'FAKE_SIZE',
    `${images} images with ${blocks} tiles of ${tilewidth} × ${tileheight} are more than the limits allow (${limits.images}, ${limits.directories})`,
  );
}

/** 8- and 16-bit indexed images: red rises, green falls, blue is half of red. */
function paletteOf({ indexed, type }: FakeParameters): ImageSource['palette'] {
  if (!indexed || (type !== 'uint8' && type !== 'uint16')) return undefined;
  const depth = type === 'uint8' ? 8 : 16;
  const count = 2 ** depth;
  const values = depth === 8 ? new Uint8Array(3 * count) : new Uint16Array(3 * count);
  for (let i = 0; i < count; i++) values.set([i, count - 1 - i, i >> 1], 3 * i);
  return { depth, rgb: new Uint8Array(values.buffer) };
}

export async function openFake(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const parameters = parseName(input.name, options);
  const { counts, given } = parameters;
  const plateImages = counts.plates * counts.platerows * counts.platecols * counts.fields * counts.plateacqs;
  checkSize(parameters, plateImages || counts.series, options);
  const images: readonly FakeImage[] = listImages(parameters);
  const palette = paletteOf(parameters);
  return {
    format: 'fake',
    ome: omeModel(parameters, images),
    images: images.map((image, index) => ({
      name: image.name,
      role: 'pixels',
      type: parameters.type,
      levels: levelsOf(parameters, index),
      ...(palette ? { palette, categorical: true } : {}),
    })),
    original: given.map(([key, value]) => ({ key, value })),
    files: [],
  };
}
