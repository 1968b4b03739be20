// Radiance pictures (Greg Ward, "Real Pixels", Graphics Gems II; the Radiance manual on picture files): lines of text, an empty one, a line
// with the size and orientation, then pixels.

import { rasterDataset } from '../../src/containers/raster/dataset.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';

const HEAD_BYTES = 2 ** 16;

export async function openHdr(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const text = Buffer.from(await source.read(0, Math.min(HEAD_BYTES, source.size))).toString('latin1');
    const end = text.indexOf('\n\n');
    const after = end < 0 ? -1 : text.indexOf('\n', end + 2);
    if (after < 0) throw formatError('HDR_HEADER', `${file}: the Radiance header has no end`, { file });
    const size = text.slice(end + 2, after);
    const match = /^([-+])Y +(\d{1,9}) +([-+])X +(\d{1,9})\s*$/.exec(size);
    if (!match) {
      if (/^[-+]X +\d+ +[-+]Y +\d+/.test(size))
        throw unsupported('HDR_ORIENTATION', `${file}: orientation '${size}'`, { file });
      throw formatError('HDR_HEADER', `${file}: '${size.slice(0, 40)}' is no size`, { file, offset: end + 2 });
    }
    if (match[3] === '-') throw unsupported('HDR_ORIENTATION', `${file}: orientation '${size}'`, { file });
    const [height, width] = [Number(match[2]), Number(match[4])];
    if (width === 0 || height === 0) throw formatError('HDR_HEADER', `${file}: ${width} × ${height} pixels`, { file });
    const lines = text.slice(0, end).split('\n').slice(1);
    const format = lines.find((l) => l.startsWith('FORMAT='));
    if (format && !format.includes('rgbe'))
      throw unsupported('HDR_FORMAT', `${file}: pixels of ${format.slice(7)}`, { file });
    const shape: Tczyx = [1, 3, 1, height, width];
    const blocks = wholeBlock({
      file,
      offset: after + 1,
      length: source.size - after - 1,
      shape,
      type: 'float',
      codecs: [{ id: 'rgbe', bottom: match[1] === '+' }],
      limits: options.limits,
    });
    const original = lines.flatMap((l): OriginalMetadata[] => {
      const equals = l.indexOf('=');
      if (equals > 0) return [{ key: l.slice(0, equals).trim(), value: l.slice(equals + 1).trim() }];
      return l.trim() === '' ? [] : [{ key: 'Comment', value: l.replace(/^#\s*/, '').trim() }];
    });
    return rasterDataset({
      format: 'hdr',
      name: input.name,
      file,
      shape,
      type: 'float',
      blocks,
      color: true,
      original,
    });
  } finally {
    await source.close();
  }
}
