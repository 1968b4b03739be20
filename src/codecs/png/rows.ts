// From the compressed data of a PNG image to its samples: filters, Adam7, bit depths (ISO/IEC 15948 clauses 7–9).

import { formatError } from '../../core/errors.js';
import type { CodecContext } from '../contract.js';
import { mostInflated, readStream } from '../inflate.js';
import { checkSize } from '../memory.js';
import { type PngHeader, samplesOf } from './chunks.js';

/** Passes of Adam7: first column and row, steps. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const WHOLE = [[0, 0, 1, 1]] as const;

export interface PngPixels {
  /** Interleaved samples: a byte each up to 8 bits, else two, little-endian. Stored values: nothing is scaled. */
  readonly pixels: Uint8Array;
  /** Complete rows; an interlaced image that ends early has none. */
  readonly rows: number;
}

/** Bytes of one filtered row, the filter byte left out. */
function rowBytes(width: number, bits: number): number {
  return Math.ceil((width * bits) / 8);
}

/**
 * `header` has the size of the image at hand, which in an animation may be a part of the canvas. `data` lies outside kernel memory, which
 * may grow.
 */
export function decodeRows(data: readonly Uint8Array[], header: PngHeader, context: CodecContext): PngPixels {
  const samples = samplesOf(header);
  const bits = header.depth * samples;
  const { width, height } = header;
  const passes = header.interlaced ? ADAM7 : WHOLE;
  const sizes = passes.map(([x, y, dx, dy]) => {
    const w = Math.ceil((width - x) / dx);
    const h = Math.ceil((height - y) / dy);
    return { w, h, bytes: w > 0 && h > 0 ? (rowBytes(w, bits) + 1) * h : 0 };
  });
  const filtered = inflate(
    data,
    sizes.reduce((sum, pass) => sum + pass.bytes, 0),
    context,
  );
  const size = header.depth > 8 ? 2 : 1;
  // Rows that the data holds at most: a header may promise anything.
  const present = header.interlaced
    ? height
    : Math.min(height, Math.floor(filtered.length / (rowBytes(width, bits) + 1)));
  const pixels = new Uint8Array(width * present * samples * size);
  let at = 0;
  let rows = 0;
  passes.forEach(([x0, y0, dx, dy], i) => {
    const { w, h, bytes } = sizes[i]!;
    if (bytes === 0) return;
    const length = rowBytes(w, bits);
    const whole = Math.min(h, Math.floor((filtered.length - at) / (length + 1)));
    const good = unfilter(filtered, at, length, whole, Math.max(1, bits >> 3));
    for (let y = 0; y < good; y++) {
      const from = at + y * (length + 1) + 1;
      const to = ((y0 + y * dy) * width + x0) * samples * size;
      spread(filtered, from, pixels, to, w, samples, header.depth, dx);
    }
    if (!header.interlaced) rows = good;
    else if (good < h) rows = -1;
    at += bytes;
  });
  if (header.interlaced) rows = rows < 0 ? 0 : height;
  if (rows === 0) throw formatError('TRUNCATED', 'the PNG image data ends before its first pixels are complete');
  return { pixels, rows };
}

/** Most bytes beyond the image that are put up with. */
const SURPLUS = 2 ** 16;

/** A view of kernel memory. A stream that is cut short gives what it holds. */
function inflate(data: readonly Uint8Array[], bytes: number, context: CodecContext): Uint8Array {
  const { kernels } = context;
  const packed = data.reduce((sum, part) => sum + part.length, 0);
  const capacity = Math.min(bytes + SURPLUS, mostInflated(packed));
  checkSize(capacity, { ...context, maxBytes: Number.POSITIVE_INFINITY });
  const src = kernels.scratch('png.data', packed);
  const dst = kernels.scratch('png.rows', capacity);
  const joined = kernels.view(src, packed);
  let at = 0;
  for (const part of data) {
    joined.set(part, at);
    at += part.length;
  }
  let cause: unknown;
  try {
    const found = readStream(kernels, dst, capacity, src, packed, 'zlib');
    if (found) return kernels.view(dst, found.bytes);
  } catch (error) {
    cause = error;
  }
  throw formatError('PNG_DATA', 'broken PNG: the image data does not decompress', {}, cause);
}

/** Undo the filters in place; returns the rows before one whose filter is not defined. `step`: bytes from a sample to the pixel before. */
function unfilter(data: Uint8Array, start: number, length: number, rows: number, step: number): number {
  for (let y = 0; y < rows; y++) {
    const row = start + y * (length + 1);
    const filter = data[row]!;
    const at = row + 1;
    const end = at + length;
    const up = y === 0 ? -1 : at - length - 1;
    if (filter === 1 || (filter === 4 && up < 0)) {
      for (let i = at + step; i < end; i++) data[i]! += data[i - step]!;
    } else if (filter === 2) {
      if (up >= 0) for (let i = at, u = up; i < end; i++, u++) data[i]! += data[u]!;
    } else if (filter === 3) {
      for (let i = at; i < end; i++) {
        const left = i - step >= at ? data[i - step]! : 0;
        const above = up >= 0 ? data[i - length - 1]! : 0;
        data[i]! += (left + above) >> 1;
      }
    } else if (filter === 4) {
      paeth(data, at, end, up, step);
    } else if (filter !== 0) {
      return y;
    }
  }
  return rows;
}

function paeth(data: Uint8Array, at: number, end: number, up: number, step: number): void {
  for (let i = at, u = up; i < at + step && i < end; i++, u++) data[i]! += data[u]!;
  for (let i = at + step, u = up + step; i < end; i++, u++) {
    const a = data[i - step]!;
    const b = data[u]!;
    const c = data[u - step]!;
    const pa = Math.abs(b - c);
    const pb = Math.abs(a - c);
    const pc = Math.abs(a + b - c - c);
    data[i]! += pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  }
}

/** One row of a pass to its places in the image: `dx` pixels apart. */
function spread(
  from: Uint8Array,
  at: number,
  to: Uint8Array,
  start: number,
  width: number,
  samples: number,
  depth: number,
  dx: number,
): void {
  if (depth === 8 && dx === 1) {
    to.set(from.subarray(at, at + width * samples), start);
  } else if (depth === 8) {
    for (let x = 0; x < width; x++) {
      for (let s = 0; s < samples; s++) to[start + x * dx * samples + s] = from[at + x * samples + s]!;
    }
  } else if (depth === 16) {
    for (let x = 0; x < width; x++) {
      for (let s = 0; s < samples; s++) {
        const source = at + (x * samples + s) * 2;
        const target = start + (x * dx * samples + s) * 2;
        to[target] = from[source + 1]!;
        to[target + 1] = from[source]!;
      }
    }
  } else {
    const mask = (1 << depth) - 1;
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      to[start + x * dx] = (from[at + (bit >> 3)]! >> (8 - depth - (bit & 7))) & mask;
    }
  }
}
