// Lossless JPEG (SOF3, ITU-T T.81 Annex H): Huffman-coded differences from one of seven predictors, 2–16 bits.

import { formatError, unsupported } from '../../core/errors.js';
import { deriveTable, type JpegJob, type JpegRows } from './engine.js';
import { type JpegScan, readSegments } from './stream.js';

/** Decode all scans of a lossless frame to interleaved samples: one byte each up to 8 bits, else two, little-endian. */
export function decodeLossless(job: JpegJob, first: JpegScan): JpegRows {
  const { kernels, frame, tables, source, length, width, height } = job;
  const n = frame.components.length;
  if (frame.components.some((c) => c.h !== frame.components[0]!.h || c.v !== frame.components[0]!.v)) {
    throw unsupported('JPEG_SAMPLING', 'lossless JPEG with subsampled components is not supported');
  }
  const size = frame.precision > 8 ? 2 : 1;
  const state = kernels.scratch('jpeg.state', 128 + 4 * 2 * (frame.width * 2 + 16));
  const out = kernels.scratch('jpeg.out', width * height * n * size + 64);
  const fields = () => new Int32Array(kernels.x.memory.buffer, state, 32);
  let done = height;
  const seen = new Set<number>();
  for (let scan: JpegScan | undefined = first; scan && seen.size < n; ) {
    if (tables.restart % frame.width !== 0) {
      throw unsupported('JPEG_RESTART', 'lossless JPEG with restart intervals of broken rows is not supported');
    }
    if (scan.start > 7 || scan.start === 0 || scan.low >= frame.precision) {
      throw formatError('JPEG_STREAM', `broken JPEG stream: predictor ${scan.start}, point transform ${scan.low}`);
    }
    const huffman = scan.components.map((c) => {
      const table = tables.dc[c.dc];
      if (!table) throw formatError('JPEG_STREAM', 'broken JPEG stream: a lossless scan without its Huffman table');
      return deriveTable(kernels, c.dc, table);
    });
    const f = fields();
    f.fill(0);
    f.set([frame.width, frame.height, n, size, frame.precision, scan.start, scan.low, tables.restart / frame.width]);
    f.set([out, width, height, source + scan.offset, source + length, state + 128], 8);
    f[16] = scan.components.length;
    scan.components.forEach((c, i) => {
      f[17 + i] = c.index;
      f[21 + i] = huffman[i]!;
      seen.add(c.index);
    });
    kernels.x.jpegLossless(state);
    const after = fields();
    done = Math.min(done, after[15]!);
    if (done < height && (done === 0 || scan.components.length < n)) {
      throw formatError('TRUNCATED', 'the lossless JPEG data ends or breaks in its first rows');
    }
    scan = readSegments(kernels.view(source, length), after[11]! - source, tables);
  }
  if (seen.size < n) throw formatError('TRUNCATED', 'the JPEG stream ends before its last scan');
  return { out, done };
}
