// Segments of a JPEG file up to its first scan, collected for metadata; the codec reads them again for pixels.

import { emptyTables, type JpegFrame, linesFromDnl, readSegments } from '../../src/containers/raster/jpeg.js';
import type { ByteSource } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Limits } from '../../src/core/limits.js';

export interface Segment {
  readonly marker: number;
  readonly data: Uint8Array;
}

export interface JpegHeader {
  readonly frame: JpegFrame;
  /** APPn and COM segments in order. */
  readonly segments: readonly Segment[];
  /** Adobe colour transform, where there is such a marker. */
  readonly adobe?: number;
}

const FIRST_READ = 2 ** 16;

/** Read as much of the file as it takes to reach the first scan. */
export async function readJpegHeader(source: ByteSource, limits: Limits): Promise<JpegHeader> {
  const where = { file: source.name };
  for (let length = FIRST_READ; ; length *= 4) {
    const whole = length >= source.size;
    const data = await source.read(0, Math.min(length, source.size));
    const tables = emptyTables();
    let scan: ReturnType<typeof readSegments>;
    try {
      scan = readSegments(data, 0, tables);
    } catch (error) {
      // A segment may just reach beyond what was read.
      if (whole || !(error instanceof ImgconvError) || error.blame !== 'format') throw error;
    }
    const frame = tables.frame;
    if (scan && frame) {
      const segments = listSegments(data, scan.offset);
      if (frame.height > 0) return { frame, segments, adobe: tables.adobe };
      if (source.size > limits.blockBytes) break;
      const height = linesFromDnl(await source.read(0, source.size), scan.offset);
      if (height === 0) throw formatError('JPEG_STREAM', `${source.name}: the frame has 0 lines`, where);
      return { frame: { ...frame, height }, segments, adobe: tables.adobe };
    }
    if (whole) throw formatError('JPEG_STREAM', `${source.name}: no JPEG picture in it`, where);
    if (length >= limits.metadataBytes) break;
  }
  throw new ImgconvError('limit', 'METADATA_SIZE', `${source.name}: no picture within the metadata limit`, where);
}

function listSegments(data: Uint8Array, end: number): Segment[] {
  const segments: Segment[] = [];
  for (let at = 2; at + 4 <= end; ) {
    const marker = data[at + 1]!;
    if (data[at] !== 0xff || marker === 0xff || marker === 0 || marker === 0xd8 || (marker >= 0xd0 && marker <= 0xd7)) {
      at++;
      continue;
    }
    const length = (data[at + 2]! << 8) | data[at + 3]!;
    if (length < 2) {
      at++;
      continue;
    }
    if ((marker >= 0xe0 && marker <= 0xef) || marker === 0xfe) {
      segments.push({ marker, data: data.slice(at + 4, at + 2 + length) });
    }
    at += 2 + length;
  }
  return segments;
}
