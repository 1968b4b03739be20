// Colour tables. TIFF 6.0, Section 5: ColorMap holds 2^bits red, then green, then blue values of 16 bits.

import type { ImageSource } from '../../core/contracts.js';
import { PHOTOMETRIC, type TiffPage } from './page.js';
import { TAG } from './tags.js';

/** The page's colour table; 8-bit where the 16-bit values carry no more. Undefined where the page is not indexed or the table is broken. */
export async function readPalette(page: TiffPage): Promise<ImageSource['palette']> {
  if (page.photometric !== PHOTOMETRIC.Palette || page.samples !== 1 || page.bits > 16) return undefined;
  return readColorMap(page);
}

/** The ColorMap tag, whatever the photometric tag says. */
async function readColorMap(page: TiffPage): Promise<ImageSource['palette']> {
  const values = await page.ifd.numbers(TAG.ColorMap);
  const entries = 2 ** page.bits;
  if (page.bits > 16 || !values || values.length < 3 * entries) return undefined;
  // Either v · 257, or v in the upper byte alone, or (against the specification) v itself.
  const doubled = values.every((v) => v >> 8 === (v & 255));
  const upper = values.every((v) => (v & 255) === 0);
  const plain = values.every((v) => v < 256);
  if (doubled || upper || plain) {
    const rgb = new Uint8Array(3 * entries);
    for (let i = 0; i < entries; i++) {
      for (let c = 0; c < 3; c++) {
        const v = values[c * entries + i]!;
        rgb[3 * i + c] = plain && !doubled ? v : v >> 8;
      }
    }
    return { depth: 8, rgb };
  }
  const rgb = new Uint8Array(6 * entries);
  for (let i = 0; i < entries; i++) {
    for (let c = 0; c < 3; c++) {
      const v = values[c * entries + i]!;
      rgb[6 * i + 2 * c] = v & 255;
      rgb[6 * i + 2 * c + 1] = v >> 8;
    }
  }
  return { depth: 16, rgb };
}
