// Arrays inside one gzip, zlib or bzip2 stream, which has no random access. Small ones are one block that is decoded whole; for larger ones the block map
// points into the decompressed stream and says so, and the engine unpacks it once to a temporary file.

import type { BlockMap, CodecStep } from '../../core/blocks.js';
import { formatError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { bytesPerSample, type PixelType } from '../../core/pixel-type.js';
import { type PlaneArray, packedBlock, planeBlocks, rawBlocks, type StoredAxis, storedBytes } from './blocks.js';

/** Largest stream that is decoded in memory: every worker holds it. */
const IN_MEMORY = 32 * 2 ** 20;
/** Deflate cannot make more than this of a byte (258 bytes from 2 bits). */
const MOST_PER_BYTE = 1032;

export interface PackedArray {
  readonly file: string;
  readonly fileBytes: number;
  /** Default: gzip. */
  readonly codec?: 'gzip' | 'zlib' | 'bzip2';
  /** Bytes from the start of the file to the stream. */
  readonly start: number;
  /** Decompressed bytes before the first element. */
  readonly skip: number;
  /** Fastest axis first. */
  readonly axes: readonly StoredAxis[];
  /** Stored bits of one element. */
  readonly bits: number;
  readonly type: PixelType;
  readonly codecs: readonly CodecStep[];
  readonly limits: Limits;
}

function checkRatio(file: string, packed: number, unpacked: number): void {
  if (unpacked <= (packed + 1) * MOST_PER_BYTE) return;
  const text = `${file}: the header promises ${unpacked} bytes, which ${packed} compressed bytes cannot hold; the header is wrong or the file is cut short`;
  throw formatError('EXTENT', text, { file });
}

/** Errors: format EXTENT where the stream cannot hold the array; limit DIRECTORIES. */
export function packedArray(array: PackedArray): BlockMap {
  const { file, codec = 'gzip', start, skip, axes, bits, codecs, limits } = array;
  const needed = storedBytes(axes, bits);
  // The engine cannot unpack bzip2 to a file: its streams are one block as long as blocks may be.
  if (codec !== 'bzip2') checkRatio(file, array.fileBytes - start, skip + needed);
  if (codec === 'bzip2' || skip + needed <= Math.min(IN_MEMORY, limits.blockBytes)) {
    return packedBlock({
      file,
      offset: start,
      available: array.fileBytes - start,
      axes,
      bits,
      codecs: [{ id: codec }, { id: 'slice', offset: skip, length: needed }, ...codecs],
      elementBytes: bytesPerSample(array.type),
      maxBytes: limits.blockBytes,
    });
  }
  const map = rawBlocks({ file, offset: skip, available: needed, axes, bits, codecs, maxBlocks: limits.directories });
  return { ...map, packed: { codec, start } };
}

/** Planes at any places of the decompressed stream of a whole file. Errors: as above. */
export function packedPlanes(
  array: Omit<PlaneArray, 'fileBytes'> & { readonly fileBytes: number; readonly unpackedBytes: number },
): BlockMap {
  checkRatio(array.file, array.fileBytes, array.unpackedBytes);
  return { ...planeBlocks({ ...array, fileBytes: array.unpackedBytes }), packed: { codec: 'gzip', start: 0 } };
}
