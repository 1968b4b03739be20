import { tiffSignature } from '../../src/containers/tiff/file.js';
import { peekText } from '../../src/containers/tiff/open.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { THUMBNAILS } from '../../src/core/reader-options.js';

/** Text of the first bytes, whatever the encoding: enough to find element names. */
function looksLikeAfi(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 2048)).replaceAll('\0', '');
  return /^[^<]{0,4}(<\?xml[^>]*>)?\s*<ImageList[\s>]/.test(text) && /<(Path|Image)[\s>]/.test(text);
}

export const svs: FormatReader = {
  id: 'svs',
  name: 'Aperio SVS and AFI',
  extensions: ['.svs', '.afi', '.tiff', '.tif'],
  structure:
    'One .svs file a slide: pyramid, label, macro. A fluorescence slide is an .afi file that lists one .svs file a channel: open the .afi.',
  reads: [
    'JPEG and JPEG 2000 tiles (YCbCr and RGB), LZW and uncompressed ones, 8 and 16 bit, gray and RGB',
    'stored pyramid levels, label and macro images, focal planes',
    'pixel size, magnification, date, stage position, wavelengths, exposure; all keys of the description',
  ],
  gaps: ['the thumbnail, a smaller copy of the slide, is left out unless --option thumbnails=true'],
  options: { thumbnails: THUMBNAILS },
  probe({ head, isFolder }): Verdict {
    if (!isFolder && tiffSignature(head)) return { score: 50, why: 'TIFF signature' };
    if (!isFolder && looksLikeAfi(head)) return { score: 75, why: 'XML list of slides (AFI)' };
    return { score: 0, why: 'neither a TIFF nor an AFI list' };
  },
  async identify(input): Promise<Verdict> {
    const description = await peekText(input, TAG.ImageDescription);
    return description?.startsWith('Aperio')
      ? { score: 75, why: 'description written by Aperio' }
      : { score: 0, why: 'no Aperio description' };
  },
  async open(input, options) {
    const { openSvs } = await import('./reader.js');
    return openSvs(input, options);
  },
};
