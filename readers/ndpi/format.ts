import { parseTiff, tiffSignature } from '../../src/containers/tiff/file.js';
import type { TiffIfd } from '../../src/containers/tiff/ifd.js';
import { peekTiff } from '../../src/containers/tiff/open.js';
import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';

/** Set in the first directory of every NDPI file; and the lens, for files of the first firmware. */
const FORMAT_FLAG = 65420;
const SOURCE_LENS = 65421;

/** First directory of a file above 4 GiB: its position has 64 bits, which a classic TIFF cannot have. */
async function farDirectory(input: InputTree): Promise<TiffIfd | undefined> {
  const { head } = input;
  if (tiffSignature(head)?.littleEndian !== true || !(head[8] || head[9])) return undefined;
  try {
    return (await parseTiff(await input.open(), DEFAULT_LIMITS, { ndpi: true, first: 1 })).ifds[0];
  } catch {
    return undefined;
  }
}

export const ndpi: FormatReader = {
  id: 'ndpi',
  name: 'Hamamatsu NDPI and NDPIS',
  extensions: ['.ndpis', '.ndpi'],
  structure:
    'One .ndpi file a slide: pyramid, macro, map. A fluorescence slide is an .ndpis file that lists one .ndpi file a channel: open the .ndpis.',
  reads: [
    'files above 4 GB, planes above 65,500 pixels by their restart markers',
    'JPEG, JPEG XR and uncompressed planes, 8 and 16 bit',
    'focal planes, stored pyramid levels, macro and map images, channel sets',
    'pixel size, magnification, offsets on the slide, date, scanner; all private tags and the property list',
  ],
  gaps: [
    'chroma of planes that are cut at restart markers is interpolated inside each piece only',
    'channels of .ndpis sets that are stored as RGB stay RGB',
  ],
  options: {
    whole: { help: 'largest plane to be decoded in one piece, bytes; larger ones are cut at restart markers' },
  },
  probe({ head, isFolder }): Verdict {
    if (isFolder) return { score: 0, why: 'a folder' };
    if (tiffSignature(head)) return { score: 50, why: 'TIFF signature' };
    const text = new TextDecoder('latin1').decode(head.subarray(0, 128));
    return /^\W*\[NanoZoomer Digital Pathology Image Set\]/.test(text)
      ? { score: 100, why: 'NDPIS header' }
      : { score: 0, why: 'neither a TIFF nor an NDPIS list' };
  },
  async identify(input): Promise<Verdict> {
    const ifd = (await peekTiff(input))?.ifds[0];
    const first = ifd?.has(FORMAT_FLAG) ? ifd : await farDirectory(input);
    if (first?.has(FORMAT_FLAG) && first.has(SOURCE_LENS)) return { score: 100, why: 'tags of NDPI' };
    if (first?.has(FORMAT_FLAG)) return { score: 75, why: 'format flag of NDPI' };
    return { score: 0, why: 'no tags of NDPI' };
  },
  async open(input, options) {
    const { openNdpi } = await import('./reader.js');
    return openNdpi(input, options);
  },
};
