// ImageJ's private tags 50838 (byte counts) and 50839 (data): slice labels, info, display ranges, lookup tables, ROIs.
// Layout: ij.io.TiffDecoder. The first count is the header's: magic 'IJIJ', then (type, number) pairs of 4 bytes; the other counts
// are those of the entries, in order. Numbers and UTF-16 text have the file's byte order.

import type { TiffIfd } from '../../src/containers/tiff/ifd.js';
import { TAG } from '../../src/containers/tiff/tags.js';

export interface ImageJExtra {
  readonly info?: string;
  readonly labels: readonly string[];
  /** (min, max) of each channel. */
  readonly ranges: readonly (readonly [number, number])[];
  /** 768 bytes each: 256 red, green, blue. */
  readonly luts: readonly Uint8Array[];
  /** ROI files (.roi). */
  readonly rois: readonly Uint8Array[];
  readonly overlays: readonly Uint8Array[];
  /** key, value, key, value … */
  readonly properties: readonly string[];
}

const NOTHING: ImageJExtra = { labels: [], ranges: [], luts: [], rois: [], overlays: [], properties: [] };

export async function readExtra(ifd: TiffIfd): Promise<ImageJExtra> {
  const counts = await ifd.numbers(TAG.ImageJMetadataByteCounts);
  const data = await ifd.bytes(TAG.ImageJMetadata);
  if (!counts || !data || counts.length < 1) return NOTHING;
  const le = ifd.file.littleEndian;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const headBytes = counts[0]!;
  if (headBytes < 12 || headBytes > data.length || view.getUint32(0, le) !== 0x494a494a) return NOTHING;
  const labels: string[] = [];
  const ranges: [number, number][] = [];
  const luts: Uint8Array[] = [];
  const rois: Uint8Array[] = [];
  const overlays: Uint8Array[] = [];
  const properties: string[] = [];
  let info: string | undefined;
  const text = new TextDecoder(le ? 'utf-16le' : 'utf-16be');
  let at = headBytes;
  let next = 1;
  for (let p = 4; p + 8 <= headBytes; p += 8) {
    const type = String.fromCharCode(...[24, 16, 8, 0].map((shift) => (view.getUint32(p, le) >>> shift) & 255));
    const number = view.getUint32(p + 4, le);
    for (let i = 0; i < number && next < counts.length; i++) {
      const bytes = counts[next++]!;
      if (at + bytes > data.length) return { info, labels, ranges, luts, rois, overlays, properties };
      const value = data.slice(at, at + bytes);
      at += bytes;
      if (type === 'info') info = text.decode(value);
      else if (type === 'labl') labels.push(text.decode(value));
      else if (type === 'luts') luts.push(value);
      else if (type === 'roi ') rois.push(value);
      else if (type === 'over') overlays.push(value);
      else if (type === 'prop') properties.push(text.decode(value));
      else if (type === 'rang') {
        const numbers = new DataView(value.buffer);
        for (let k = 0; k + 16 <= bytes; k += 16)
          ranges.push([numbers.getFloat64(k, le), numbers.getFloat64(k + 8, le)]);
      }
    }
  }
  return { info, labels, ranges, luts, rois, overlays, properties };
}

/** Colour that a lookup table gives to the brightest value, if the table rises evenly from black; undefined for fire, glow and the like. */
export function lutColor(lut: Uint8Array): readonly [number, number, number] | undefined {
  if (lut.length < 768) return undefined;
  const top: [number, number, number] = [lut[255]!, lut[511]!, lut[767]!];
  for (let i = 0; i < 256; i++) {
    for (let c = 0; c < 3; c++) if (Math.abs(lut[c * 256 + i]! - (top[c]! * i) / 255) > 2) return undefined;
  }
  return top;
}
