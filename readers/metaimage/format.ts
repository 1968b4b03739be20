import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { UNIT } from '../../src/core/reader-options.js';

export const metaimage: FormatReader = {
  id: 'metaimage',
  name: 'MetaImage (ITK)',
  extensions: ['.mha', '.mhd'],
  structure: 'One .mha file, or an .mhd header with the data files that it names (one, a numbered pattern or a list).',
  reads: [
    'raw, zlib and ASCII data; both byte orders; header size and last bytes',
    'all integer and floating-point types, several channels, up to five dimensions',
  ],
  gaps: ['direction and origin are kept as metadata, voxels are not resampled', 'objects other than images'],
  options: { unit: UNIT },
  probe({ head, isFolder }): Verdict {
    if (isFolder) return { score: 0, why: 'a folder' };
    const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 2048)).toString('latin1');
    const first = /^(ObjectType|NDims|Comment)\s*=/.test(text);
    return first && /^NDims\s*=\s*\d/m.test(text) && /^(DimSize|ElementType)\s*=/m.test(text)
      ? { score: 100, why: 'MetaImage header' }
      : { score: 0, why: 'no MetaImage header' };
  },
  async open(input, options) {
    const { openMetaImage } = await import('./reader.js');
    return openMetaImage(input, options);
  },
};
