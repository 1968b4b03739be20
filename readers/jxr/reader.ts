// JPEG XR files (ITU-T T.832 Annex A): a TIFF-like directory around a code stream.

import { rasterDataset } from '../../src/containers/raster/dataset.js';
import { PER_INCH, physicalSizes } from '../../src/containers/raster/density.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { PixelType } from '../../src/core/pixel-type.js';

interface PixelFormat {
  readonly samples: number;
  readonly type: PixelType;
  /** Floating point of 16 bits. */
  readonly half?: boolean;
}

/** Pixel formats (table A.6) by the last byte of the common GUID. */
const COMMON: Readonly<Record<number, PixelFormat>> = {
  8: { samples: 1, type: 'uint8' },
  11: { samples: 1, type: 'uint16' },
  12: { samples: 3, type: 'uint8' },
  13: { samples: 3, type: 'uint8' },
  14: { samples: 3, type: 'uint8' },
  15: { samples: 4, type: 'uint8' },
  17: { samples: 1, type: 'float' },
  21: { samples: 3, type: 'uint16' },
  22: { samples: 4, type: 'uint16' },
  25: { samples: 4, type: 'float' },
  58: { samples: 4, type: 'float', half: true },
  59: { samples: 3, type: 'float', half: true },
  62: { samples: 1, type: 'float', half: true },
};
const COMMON_GUID = '24c3dd6f034efe4bb1853d77768dc9';
const OTHERS: Readonly<Record<string, PixelFormat>> = {
  '2dadc7f58d6add43a7a8a29935261ae9': { samples: 4, type: 'uint8' },
  '8fd7fee3dbe8cf4a84c1e97f6136b327': { samples: 3, type: 'float' },
};

const MAX_ENTRIES = 1000;

export async function openJxr(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const broken = (what: string, offset: number) => formatError('JXR_HEADER', `${file}: ${what}`, { file, offset });
    if (source.size < 14) throw broken('too short for JPEG XR', 0);
    const at = viewOf(await source.read(4, 4)).getUint32(0, true);
    if (at + 2 > source.size) throw broken(`the directory at ${at} lies outside the file`, 4);
    const count = viewOf(await source.read(at, 2)).getUint16(0, true);
    if (count > MAX_ENTRIES || at + 2 + 12 * count > source.size) throw broken(`a directory of ${count} entries`, at);
    const directory = viewOf(await source.read(at + 2, 12 * count));
    const tags = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const short = directory.getUint16(12 * i + 2, true) === 3;
      const value = short ? directory.getUint16(12 * i + 8, true) : directory.getUint32(12 * i + 8, true);
      tags.set(directory.getUint16(12 * i, true), value);
    }
    const width = tags.get(0xbc80) ?? 0;
    const height = tags.get(0xbc81) ?? 0;
    const guidAt = tags.get(0xbc01) ?? 0;
    if (width === 0 || height === 0) throw broken('no image size', at);
    if (guidAt < 8 || guidAt + 16 > source.size) throw broken('no pixel format', at);
    const guid = Buffer.from(await source.read(guidAt, 16)).toString('hex');
    const format = guid.startsWith(COMMON_GUID) ? COMMON[Number.parseInt(guid.slice(30), 16)] : OTHERS[guid];
    if (!format)
      throw unsupported('JXR_FORMAT', `${file}: JPEG XR pixel format ${guid} is not supported`, {
        file,
        offset: guidAt,
      });
    const { samples, type, half } = format;
    const shape: Tczyx = [1, samples, 1, height, width];
    const codecs = half ? [{ id: 'jpegxr' }, { id: 'half' }] : [{ id: 'jpegxr' }];
    const blocks = wholeBlock({ file, offset: 0, length: source.size, shape, type, codecs, limits: options.limits });
    const density = (tag: number) => {
      const bits = tags.get(tag);
      const word = new DataView(new ArrayBuffer(4));
      word.setUint32(0, bits ?? 0);
      const value = word.getFloat32(0) * PER_INCH;
      return bits !== undefined && value > 0 && Number.isFinite(value) ? value : undefined;
    };
    const original: OriginalMetadata[] = [{ key: 'PixelFormat', value: guid }];
    return rasterDataset({
      format: 'jxr',
      name: input.name,
      file,
      shape,
      type,
      blocks,
      color: samples >= 3,
      pixels: physicalSizes(density(0xbc82), density(0xbc83)),
      original,
    });
  } finally {
    await source.close();
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
