// SPIDER images, volumes and stacks. Layout and sources: NOTES.md.

import { AXIS, checkExtent, planeBlocks, storedBytes } from '../../src/containers/raw/blocks.js';
import { outlineImage } from '../../src/containers/raw/model.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import { fixedText } from '../../src/containers/raw/text.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { positive } from '../../src/core/ome-build.js';
import { parseHeader, spiderOrder } from './header.js';

/** Words with a name; 0 is what unused ones hold. */
// biome-ignore format: a table
const NAMES: readonly (readonly [word: number, name: string])[] = [
  [1, 'nslice'], [2, 'nrow'], [3, 'irec'], [5, 'iform'], [6, 'imami'], [7, 'fmax'], [8, 'fmin'], [9, 'av'], [10, 'sig'], [12, 'nsam'], [13, 'labrec'],
  [14, 'iangle'], [15, 'phi'], [16, 'theta'], [17, 'gamma'], [18, 'xoff'], [19, 'yoff'], [20, 'zoff'], [21, 'scale'], [22, 'labbyt'], [23, 'lenbyt'], [24, 'istack'],
  [26, 'maxim'], [27, 'imgnum'], [38, 'pixsiz'], [39, 'ev'],
];

export async function openSpider(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const head = await source.read(0, Math.min(1024, source.size));
    const little = spiderOrder(head);
    if (little === undefined) throw formatError('SPIDER_HEADER', `${file}: no SPIDER header`, { file, offset: 0 });
    const { size, bytes, stack, word } = parseHeader(head, little);
    const [x, y, z] = size;
    const t = Math.max(1, stack);
    const plane = [
      { axis: AXIS.x, size: x },
      { axis: AXIS.y, size: y },
    ] as const;
    const planeBytes = storedBytes(plane, 32);
    const volume = planeBytes * z;
    // A stack has a header for all, and one before each image.
    const step = stack > 0 ? bytes + volume : volume;
    const start = stack > 0 ? 2 * bytes : bytes;
    const cut = checkExtent(file, t * step - (stack > 0 ? bytes : 0), source.size - start, planeBytes);
    if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
    const shape: Tczyx = [t, 1, z, y, x];
    const blocks = planeBlocks({
      file,
      plane,
      bits: 32,
      counts: [t, 1, z],
      codecs: orderSteps(4, little),
      fileBytes: source.size,
      maxBlocks: options.limits.directories,
      offsetOf: (ti, _c, zi) => start + ti * step + zi * planeBytes,
    });
    const pixel = positive(word(38), 'Å');
    const [date, time, title] = [fixedText(head, 844, 12), fixedText(head, 856, 8), fixedText(head, 864, 160)];
    const image = outlineImage({
      index: 0,
      name: input.name,
      shape,
      type: 'float',
      image: title ? { Description: title } : {},
      pixels: { PhysicalSizeX: pixel, PhysicalSizeY: pixel, PhysicalSizeZ: z > 1 ? pixel : undefined },
    });
    const original = NAMES.filter(([n]) => word(n) !== 0).map(([n, key]) => ({
      key,
      value: String(Number(word(n).toPrecision(8))),
    }));
    for (const [key, value] of Object.entries({ date, time, title })) if (value) original.push({ key, value });
    return {
      format: 'spider',
      ome: { Images: [image] },
      images: [{ name: input.name, role: 'pixels', type: 'float', levels: [{ shape, blocks }] }],
      original,
      files: [file],
    };
  } finally {
    await source.close();
  }
}
