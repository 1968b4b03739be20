import { tiffSignature } from '../../src/containers/tiff/file.js';
import { peekText, peekTiff } from '../../src/containers/tiff/open.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';

/** UIC1, UIC2. */
const UIC_TAGS = [33628, 33629];

export const metamorph: FormatReader = {
  id: 'metamorph',
  name: 'MetaMorph STK, .nd, TIFF, MetaXpress HTD',
  extensions: ['.tiff', '.htd', '.stk', '.tif', '.nd'],
  structure:
    'An .nd file lists a set of .stk and .tif files (one a wavelength, stage position and time point): open the .nd, or any of its files. An .HTD file describes a plate. Single .stk and .tif files of MetaMorph and MetaXpress open alone.',
  reads: [
    'stacks of planes behind one directory: z, time or wavelengths',
    '.nd sets: wavelengths, stages, time points, z; missing files are reported and left empty',
    'plates (.HTD) with wells, sites, time points, z',
    'calibration, wavelengths, stage positions, time and exposure of planes, binning, objective; all properties',
  ],
  gaps: ['overlays', 'user lookup tables', 'dual-camera images in one frame stay side by side'],
  options: { group: { values: ['yes', 'no'], help: 'no: open the file alone, not the set whose .nd names it' } },
  probe({ head, isFolder }): Verdict {
    if (isFolder) return { score: 0, why: 'a folder' };
    if (tiffSignature(head)) return { score: 50, why: 'TIFF signature' };
    const text = new TextDecoder('latin1').decode(head.subarray(0, 64));
    const list = /^\s*"(NDInfoFile|HTSInfoFile)"/.exec(text)?.[1];
    return list ? { score: 100, why: list } : { score: 0, why: 'neither a TIFF nor an .nd file' };
  },
  async identify(input): Promise<Verdict> {
    const ifd = (await peekTiff(input))?.ifds[0];
    if (UIC_TAGS.some((tag) => ifd?.has(tag))) return { score: 75, why: 'MetaMorph tags' };
    const description = await peekText(input, TAG.ImageDescription);
    return description?.startsWith('<MetaData>')
      ? { score: 75, why: 'description written by MetaMorph' }
      : { score: 0, why: 'no MetaMorph tags or description' };
  },
  async open(input, options) {
    const { openMetaMorph } = await import('./reader.js');
    return openMetaMorph(input, options);
  },
};
