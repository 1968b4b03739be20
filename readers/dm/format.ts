import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { THUMBNAILS, UNIT } from '../../src/core/reader-options.js';

/** Version, then a tree length, a byte order of 0 or 1 and two flags of 0 or 1. */
function versionOf(head: Uint8Array): 3 | 4 | undefined {
  if (head.length < 32 || head[0] || head[1] || head[2]) return undefined;
  const version = head[3];
  if (version !== 3 && version !== 4) return undefined;
  const order = version === 4 ? 12 : 8;
  const flag = (at: number): boolean => head[at] === 0 || head[at] === 1;
  const zeros = head[order] === 0 && head[order + 1] === 0 && head[order + 2] === 0;
  return zeros && flag(order + 3) && flag(order + 4) && flag(order + 5) ? version : undefined;
}

export const dm: FormatReader = {
  id: 'dm',
  name: 'Gatan DigitalMicrograph (DM3, DM4)',
  extensions: ['.dm3', '.dm4'],
  structure: 'One .dm3 or .dm4 file.',
  reads: [
    'all element types: integers of 8 to 64 bits, float, double, complex (real and imaginary part as channels), RGB, binary',
    'images, stacks, spectra (as one row), spectrum images, 4-D data, montages (one image a tile)',
    'both byte orders; calibrations, microscope, stage, annotations as ROIs, the whole tag tree',
  ],
  gaps: ['the thumbnail is left out unless --option thumbnails=true', 'packed complex of even sizes is refused'],
  options: { thumbnails: THUMBNAILS, unit: UNIT },
  probe({ head, name, isFolder }): Verdict {
    const version = isFolder ? undefined : versionOf(head);
    if (version) return { score: 75, why: `DM${version} header` };
    if (/\.dm[34]$/i.test(name)) return { score: 25, why: 'extension without a DM header' };
    return { score: 0, why: 'no DM3 or DM4 header' };
  },
  async open(input, options) {
    const { openDm } = await import('./reader.js');
    return openDm(input, options);
  },
};
