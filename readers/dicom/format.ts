import { encodingAt, isDicm } from '../../src/containers/dicom/head.js';
import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

const NAME = /(\.(dcm|dicom|dic|ima)|^dicomdir)$/i;

function probe({ head, name, isFolder }: Pick<InputTree, 'head' | 'name' | 'isFolder'>): Verdict {
  if (isFolder) return { score: 25, why: 'a folder, which may hold DICOM files' };
  if (isDicm(head, 128)) return { score: 100, why: 'DICM behind a preamble' };
  if (isDicm(head, 0)) return { score: 75, why: 'DICM without a preamble' };
  if (beginsDataSet(head)) return { score: 75, why: 'a DICOM data set without a preamble' };
  if (NAME.test(name)) return { score: 25, why: 'extension without a DICOM data set' };
  return { score: 0, why: 'no DICOM data set' };
}

/** Bytes of the first element: a group length, a character set, an image type. */
const LONGEST_FIRST = 4096;

/** Identifying or meta information first, then a second element that follows the first one. */
function beginsDataSet(head: Uint8Array): boolean {
  const start = encodingAt(head, 0);
  if (!start || head.length < 32) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const little = start.littleEndian;
  const group = view.getUint16(0, little);
  if (group !== 2 && group !== 8) return false;
  let last = -1;
  let at = 0;
  for (let i = 0; i < 3 && at + 8 <= head.length; i++) {
    const tag = view.getUint16(at, little) * 65536 + view.getUint16(at + 2, little);
    if (tag <= last || tag >>> 16 > 0x20) return false;
    last = tag;
    const letters = String.fromCharCode(head[at + 4]!, head[at + 5]!);
    const explicit = /^[A-Z]{2}$/.test(letters);
    if (explicit !== start.explicit) return false;
    const long = /^(O[BDFLVW]|SQ|U[CNRTV]|SV)$/.test(letters);
    if (explicit && long && at + 12 > head.length) return false;
    const length = !explicit
      ? view.getUint32(at + 4, little)
      : long
        ? view.getUint32(at + 8, little)
        : view.getUint16(at + 6, little);
    // What a data set begins with is short.
    if (i === 0 && length > LONGEST_FIRST) return false;
    at += (explicit && long ? 12 : 8) + length;
  }
  return last > 0 && at > 16;
}

export const dicom: FormatReader = {
  id: 'dicom',
  name: 'DICOM',
  extensions: ['.dicom', '.dcm', '.dic', '.ima'],
  structure:
    'Any file of a series: the others of the series beside it belong to it (--option series=false: the file alone). Or a folder, or its DICOMDIR.',
  reads: [
    'uncompressed (both byte orders), deflated, RLE, JPEG (8, 12 bits, lossless), JPEG-LS, JPEG 2000, HTJ2K, JPEG XL',
    'single and multi-frame images, series, concatenations, DICOMDIR',
    'whole slide images: TILED_FULL and TILED_SPARSE, stored pyramids, label, overview, thumbnail, focal planes, optical paths',
    'segmentations (1 bit and 8 bits), parametric maps (float, double), dose grids, palettes, YCbCr',
  ],
  gaps: ['video (MPEG, H.264, HEVC)', 'overlays', 'rescale slope and intercept are kept as metadata, not applied'],
  options: {
    series: { values: ['true', 'false'], help: 'false: open the file alone, not the series that it belongs to' },
    rgb: { values: ['false', 'true'], help: 'true: turn pixels that are stored as YCbCr without a codec into RGB' },
  },
  probe,
  async identify(input) {
    const { identifyFolder } = await import('./collect.js');
    return identifyFolder(input);
  },
  async open(input, options) {
    const { openDicom } = await import('./reader.js');
    return openDicom(input, options);
  },
};
