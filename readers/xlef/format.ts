import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const xlef: FormatReader = {
  id: 'xlef',
  name: 'Leica XLEF project',
  extensions: ['.xlef', '.xlcf', '.xlif'],
  structure:
    'A project .xlef with the .xlcf, .xlif, .lof and picture files that it names, in the folders below it. A single .xlcf or .xlif opens as well.',
  reads: ['images in LOF, TIFF (one a plane or one for all), JPEG and PNG files', 'as LIF'],
  gaps: ['frames in BMP files', 'files above the folder of the one that is opened', 'photon records of FLIM'],
  options: {
    old_physical_size: {
      values: ['false', 'true'],
      help: 'true: divide lengths by the number of pixels, as Bio-Formats did before 5.5',
    },
  },
  probe({ head, name, isFolder }): Verdict {
    const isWide = head[0] === 0xff || head[1] === 0;
    const text = isFolder ? '' : Buffer.from(head).toString(isWide ? 'utf16le' : 'latin1');
    if (/^[\ufeff\u00ef\u00bb\u00bf\s]*(<\?xml[^>]*\?>\s*)?<LMSDataContainerHeader/.test(text))
      return { score: 100, why: 'XML of a Leica data container' };
    if (/\.xl[ec]f$|\.xlif$/i.test(name)) return { score: 25, why: 'XLEF extension without a Leica data container' };
    return { score: 0, why: 'no Leica data container' };
  },
  async open(input, options) {
    const { openXlef } = await import('./reader.js');
    return openXlef(input, options);
  },
};
