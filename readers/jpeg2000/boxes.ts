// Boxes of a JP2 file (ITU-T T.800 Annex I).

import type { ByteSource } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Limits } from '../../src/core/limits.js';

export interface Box {
  readonly type: string;
  /** Offset and bytes of the contents. */
  readonly offset: number;
  readonly length: number;
  readonly data?: Uint8Array;
}

/** Boxes that hold others. */
const SUPER = new Set(['jp2h', 'res ']);
/** What is read; the rest is listed. */
const KEPT = new Set(['ihdr', 'bpcc', 'colr', 'pclr', 'cmap', 'cdef', 'resc', 'resd', 'xml ', 'uuid']);

export async function readBoxes(source: ByteSource, limits: Limits): Promise<Box[]> {
  const boxes: Box[] = [];
  let total = 0;
  const walk = async (from: number, end: number): Promise<void> => {
    for (let at = from; at + 8 <= end; ) {
      const head = await source.read(at, Math.min(16, end - at));
      const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
      const type = Buffer.from(head.subarray(4, 8)).toString('latin1');
      let length = view.getUint32(0);
      let header = 8;
      if (length === 1 && head.length === 16) {
        length = Number(view.getBigUint64(8));
        header = 16;
      }
      // The last box may leave its length open; a damaged one must not reach beyond its place.
      if (length === 0 || at + length > end) length = end - at;
      if (length < header) {
        throw formatError('JP2_BOX', `${source.name}: a box of ${length} bytes`, { file: source.name, offset: at });
      }
      if (boxes.length >= limits.directories) {
        throw new ImgconvError('limit', 'DIRECTORIES', `${source.name}: more than ${boxes.length} boxes`, {
          file: source.name,
        });
      }
      const offset = at + header;
      const body = length - header;
      const read = KEPT.has(type) && total + body <= limits.metadataBytes;
      if (read) total += body;
      boxes.push({ type, offset, length: body, data: read ? (await source.read(offset, body)).slice() : undefined });
      if (SUPER.has(type)) await walk(offset, offset + body);
      at += length;
    }
  };
  await walk(0, source.size);
  return boxes;
}
