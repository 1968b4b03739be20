// Palette Color Lookup Tables (PS3.3 C.7.6.3.1.5 and C.7.9): red, green and blue by pixel value.

import { bytesOf, type Element } from '../../src/containers/dicom/data-set.js';
import type { DicomFile } from '../../src/containers/dicom/file.js';
import { TAG } from '../../src/containers/dicom/tags.js';
import type { ByteSource, ImageSource } from '../../src/core/contracts.js';

type Palette = NonNullable<ImageSource['palette']>;

/** Most entries that 16-bit indices reach. */
const MOST = 65536;

interface Descriptor {
  readonly entries: number;
  readonly first: number;
  readonly bits: number;
}

function descriptorOf({ data }: DicomFile, colour: number): Descriptor | undefined {
  const [entries, first, bits] = data.numbers(TAG.RedPaletteDescriptor + colour);
  if (entries === undefined || first === undefined || bits === undefined) return undefined;
  // Entries are 16 bits wide: 65536 is written as 0; a signed first value is that of the pixels.
  return { entries: entries === 0 ? MOST : entries & 0xffff, first, bits };
}

async function read(source: ByteSource, element: Element | undefined): Promise<Uint8Array | undefined> {
  if (!element) return undefined;
  const kept = bytesOf(element);
  if (kept) return kept;
  // Twice what the largest table takes.
  if (element.length > 4 * MOST || element.offset + element.length > source.size) return undefined;
  return source.read(element.offset, element.length);
}

function words(bytes: Uint8Array, littleEndian: boolean): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.length >> 1 }, (_, i) => view.getUint16(2 * i, littleEndian));
}

/** Segmented tables: runs of values, straight lines, copies of earlier segments (PS3.3 C.7.9.2). */
function expandSegments(codes: Uint16Array, entries: number): Uint16Array {
  const out: number[] = [];
  const run = (from: number, until: number, depth: number): number => {
    let at = from;
    for (let n = 0; n < until && at + 1 < codes.length && out.length < entries; n++) {
      const kind = codes[at]!;
      const length = codes[at + 1]!;
      at += 2;
      if (kind === 0) {
        for (let i = 0; i < length && at < codes.length && out.length < entries; i++) out.push(codes[at++]!);
      } else if (kind === 1) {
        const start = out[out.length - 1] ?? 0;
        const end = codes[at++] ?? 0;
        for (let i = 1; i <= length && out.length < entries; i++)
          out.push(Math.round(start + ((end - start) * i) / length));
      } else if (kind === 2 && depth === 0) {
        const back = (codes[at] ?? 0) + (codes[at + 1] ?? 0) * 65536;
        at += 2;
        // Bytes from the start of the table.
        run(back >> 1, length, 1);
      } else return codes.length;
    }
    return at;
  };
  run(0, Number.POSITIVE_INFINITY, 0);
  return Uint16Array.from(out);
}

async function table(
  file: DicomFile,
  source: ByteSource,
  colour: number,
  shape: Descriptor,
): Promise<Uint16Array | undefined> {
  const { data, littleEndian } = file;
  const little = littleEndian || file.deflated !== undefined;
  const segmented = await read(source, data.get(TAG.SegmentedRedPaletteData + colour));
  if (segmented) return expandSegments(words(segmented, little), shape.entries);
  const bytes = await read(source, data.get(TAG.RedPaletteData + colour));
  if (!bytes) return undefined;
  // 8-bit entries are stored one a byte, or one a word.
  if (shape.bits <= 8 && bytes.length < 2 * shape.entries) {
    const packed = little ? bytes : swapPairs(bytes);
    return Uint16Array.from(packed.subarray(0, shape.entries));
  }
  return words(bytes, little).subarray(0, shape.entries);
}

function swapPairs(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, i) => bytes[i ^ 1] ?? bytes[i]!);
}

/** Colours by pixel value, those of the first entry below it; undefined where the file has no whole table. */
export async function paletteOf(file: DicomFile, source: ByteSource): Promise<Palette | undefined> {
  if (file.deflated !== undefined && !file.data.get(TAG.RedPaletteData)?.memory) return undefined;
  const shapes = [0, 1, 2].map((colour) => descriptorOf(file, colour));
  const tables: Uint16Array[] = [];
  for (const [colour, shape] of shapes.entries()) {
    const found = shape && (await table(file, source, colour, shape));
    if (!found || found.length === 0) return undefined;
    tables.push(found);
  }
  const { first, bits, entries } = shapes[0]!;
  const start = Math.max(0, first);
  const count = Math.min(MOST, start + entries);
  // 8-bit colours in 16-bit words are sometimes shifted up.
  const largest = Math.max(...tables.map((each) => each.reduce((a, b) => Math.max(a, b), 0)));
  const depth = bits > 8 || largest > 255 ? 16 : 8;
  const rgb = new Uint8Array(count * 3 * (depth / 8));
  const view = new DataView(rgb.buffer);
  for (let i = 0; i < count; i++) {
    for (const [colour, each] of tables.entries()) {
      const value = each[Math.min(Math.max(i - start, 0), each.length - 1)]!;
      if (depth === 16) view.setUint16(2 * (3 * i + colour), value, true);
      else rgb[3 * i + colour] = value;
    }
  }
  return { depth, rgb };
}
