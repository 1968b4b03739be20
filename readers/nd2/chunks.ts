// The chunks of a modern ND2 file: header (uint32 magic, uint32 length of the name field, uint64 length of the data), name field, data.
// The map of all chunks lies at the end; where it is lost, the chunks are found one by one. NOTES.md, "Chunks".

import type { ByteSource } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Limits } from '../../src/core/limits.js';

const MAGIC = 0x0abeceda;
const MAP_SIGNATURE = 'ND2 CHUNK MAP SIGNATURE 0000001!';
const MAP_NAME = 'ND2 FILEMAP SIGNATURE NAME 0001!';
const HEADER = 16;
const ALIGN = 4096;
const STEP = 2 ** 20;
const NAME_MAX = 2 ** 16;

export interface ChunkHeader {
  readonly name: string;
  /** Of the data, from the start of the file. */
  readonly offset: number;
  /** Bytes of data as the header says; the file may end earlier. */
  readonly length: number;
}

export interface ChunkMap {
  /** Position of each chunk's header, by name without the closing '!'. */
  readonly positions: ReadonlyMap<string, number>;
  /** Why the stored map was not used. */
  readonly rebuilt?: string;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Header at `position`; undefined where there is none. */
export async function readHeader(source: ByteSource, position: number): Promise<ChunkHeader | undefined> {
  const room = source.size - position;
  if (position < 0 || room < HEADER) return undefined;
  const bytes = await source.read(position, Math.min(room, HEADER + 112));
  const view = viewOf(bytes);
  const nameLength = view.getUint32(4, true);
  const length = Number(view.getBigUint64(8, true));
  if (view.getUint32(0, true) !== MAGIC || nameLength > NAME_MAX || length > 2 ** 52) return undefined;
  const name = latin1(bytes.subarray(HEADER, Math.min(bytes.length, HEADER + nameLength)));
  const end = name.indexOf('!');
  const text = end >= 0 ? name.slice(0, end) : name.replace(/\0.*$/s, '');
  return { name: text, offset: position + HEADER + nameLength, length };
}

/** Data of a chunk; undefined where the chunk is not there. Errors: limit METADATA_SIZE, format TRUNCATED. */
export async function readChunk(
  source: ByteSource,
  map: ChunkMap,
  name: string,
  limits: Limits,
): Promise<Uint8Array | undefined> {
  const position = map.positions.get(name);
  const header = position === undefined ? undefined : await readHeader(source, position);
  if (!header || header.name !== name) return undefined;
  if (header.length > limits.metadataBytes) {
    const text = `${source.name}: chunk ${name} has ${header.length} bytes, more than the limit of ${limits.metadataBytes}`;
    throw new ImgconvError('limit', 'METADATA_SIZE', text, { file: source.name, offset: header.offset });
  }
  if (header.offset + header.length > source.size) return undefined;
  return source.read(header.offset, header.length);
}

async function readMap(source: ByteSource, limits: Limits): Promise<Map<string, number> | string> {
  if (source.size < 40) return 'the file is too short for a chunk map';
  const tail = await source.read(source.size - 40, 40);
  if (latin1(tail.subarray(0, 32)) !== MAP_SIGNATURE) return 'the file does not end in the place of its chunk map';
  const header = await readHeader(source, Number(viewOf(tail).getBigUint64(32, true)));
  if (`${header?.name}!` !== MAP_NAME) return 'there is no chunk map where the end of the file says';
  const { offset, length } = header!;
  if (offset + length > source.size || length > limits.metadataBytes) return 'the chunk map reaches beyond the file';
  return parseMap(await source.read(offset, length), source.size);
}

function parseMap(bytes: Uint8Array, fileSize: number): Map<string, number> | string {
  const positions = new Map<string, number>();
  const view = viewOf(bytes);
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(0x21, at);
    if (end < 0 || end + 17 > bytes.length) return 'the chunk map does not end';
    const name = latin1(bytes.subarray(at, end));
    if (`${name}!` === MAP_SIGNATURE) return positions;
    const position = Number(view.getBigUint64(end + 1, true));
    if (position >= fileSize) return `the chunk map places ${name.slice(0, 60)} beyond the file`;
    positions.set(name, position);
    at = end + 17;
  }
}

/** Chunks from the start of the file on; where one does not follow the other, the next magic number is looked for. */
async function scan(source: ByteSource, limits: Limits): Promise<Map<string, number>> {
  const positions = new Map<string, number>();
  let at = 0;
  while (at + HEADER <= source.size) {
    let header = await readHeader(source, at);
    if (!header) {
      const next = await findMagic(source, at);
      if (next === undefined) break;
      at = next;
      header = await readHeader(source, at);
      if (!header) {
        at++;
        continue;
      }
    }
    // A header that says more than there is may be a false one: what it would cover is searched.
    const end = header.offset + header.length;
    if (header.name !== '') positions.set(header.name, at);
    if (positions.size > limits.directories) {
      const text = `${source.name}: more than ${limits.directories} chunks`;
      throw new ImgconvError('limit', 'DIRECTORIES', text, { file: source.name });
    }
    at = end <= source.size ? end : at + HEADER;
    const aligned = Math.ceil(at / ALIGN) * ALIGN;
    if (aligned !== at && !(await readHeader(source, at)) && (await readHeader(source, aligned))) at = aligned;
  }
  return positions;
}

async function findMagic(source: ByteSource, from: number): Promise<number | undefined> {
  const pattern = Buffer.from([0xda, 0xce, 0xbe, 0x0a]);
  for (let at = from; at < source.size; at += STEP) {
    const bytes = await source.read(at, Math.min(STEP + 3, source.size - at));
    const hit = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(pattern);
    if (hit >= 0) return at + hit;
  }
  return undefined;
}

/** Errors: format ND2_EMPTY. `useMap` false: always look for the chunks themselves. */
export async function readChunkMap(source: ByteSource, limits: Limits, useMap: boolean): Promise<ChunkMap> {
  const stored = useMap ? await readMap(source, limits) : 'the chunk map is ignored on demand';
  if (typeof stored !== 'string') return { positions: stored };
  const positions = await scan(source, limits);
  if (positions.size === 0)
    throw formatError('ND2_EMPTY', `${source.name}: no chunks found; the file is not an ND2 file or is cut short`, {
      file: source.name,
    });
  return { positions, rebuilt: stored };
}
