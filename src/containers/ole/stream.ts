// A stream as a byte source of its own, and block maps over it led back to the bytes of the file.

import type { BlockMap, TableAddress } from '../../core/blocks.js';
import type { ByteSource, Level } from '../../core/contracts.js';
import { formatError } from '../../core/errors.js';
import { type Extent, type OleFile, type OleStream, slice } from './file.js';

/** Name of a stream in block maps, until `relocate` turns it into the file's. */
function streamName(file: string, path: string): string {
  return `${file}#${path}`;
}

export interface StreamSource extends ByteSource {
  readonly extents: readonly Extent[];
}

export function openStream(ole: OleFile, stream: OleStream): StreamSource {
  const extents = ole.extents(stream);
  const size = extents.reduce((sum, extent) => sum + extent.length, 0);
  const name = streamName(ole.source.name, stream.path);
  return {
    name,
    size,
    extents,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > size) {
        const text = `${name}: needs ${length} bytes at offset ${offset}, the stream has ${size}; the file may be cut short`;
        throw formatError('TRUNCATED', text, { file: ole.source.name, part: stream.path });
      }
      const out = new Uint8Array(length);
      let at = 0;
      for (const piece of slice(extents, offset, length)) {
        out.set(await ole.source.read(piece.offset, piece.length), at);
        at += piece.length;
      }
      return out;
    },
    close: async () => undefined,
  };
}

/** Bytes of one block: each of them may lie in several runs. */
function relocateTable(
  map: BlockMap,
  address: TableAddress,
  file: string,
  streams: ReadonlyMap<string, readonly Extent[]>,
) {
  const count = address.offset.length;
  const first = new Uint32Array(count + 1);
  const offset: number[] = [];
  const length: number[] = [];
  for (let i = 0; i < count; i++) {
    const number = typeof address.file === 'number' ? address.file : address.file[i]!;
    const extents = streams.get(map.files[number] ?? '') ?? [];
    const pieces = address.offset[i]! < 0 ? [] : slice(extents, address.offset[i]!, address.length[i]!);
    for (const piece of pieces) {
      offset.push(piece.offset);
      length.push(piece.length);
    }
    if (pieces.length === 0) {
      offset.push(-1);
      length.push(0);
    }
    first[i + 1] = offset.length;
  }
  const whole = offset.length === count;
  const table: TableAddress = {
    kind: 'table',
    file: 0,
    offset: Float64Array.from(offset),
    length: Float64Array.from(length),
    ...(whole ? {} : { first }),
  };
  return { ...map, files: [file], address: table };
}

/** The level with addresses in `file` instead of in its streams. */
export function relocate(level: Level, file: string, streams: readonly StreamSource[]): Level {
  const { blocks } = level;
  if (blocks.address.kind !== 'table') return level;
  const byName = new Map(streams.map((stream) => [stream.name, stream.extents]));
  return { ...level, blocks: relocateTable(blocks, blocks.address, file, byName) };
}
