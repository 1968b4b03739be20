// Data sets: type, shape, layout, filters, fill value. HDF5 File Format Specification 3.0, IV.A.2.e, IV.A.2.f, IV.A.2.i, IV.A.2.l.

import { formatError, unsupported } from '../../core/errors.js';
import type { Cursor } from './cursor.js';
import type { Hdf5File } from './file.js';
import { MESSAGE, type Message } from './header.js';
import { type Dataspace, type Datatype, parseDataspace, parseDatatype, readNumbers } from './types.js';

/** How chunks are found. */
export type ChunkIndex = 'btree1' | 'single' | 'implicit' | 'fixed' | 'extensible' | 'btree2';

export interface Chunked {
  readonly kind: 'chunked';
  readonly index: ChunkIndex;
  readonly address: number;
  /** Elements along each dimension. */
  readonly chunk: readonly number[];
  /** A single chunk with filters: its stored bytes and the filters that it skips. */
  readonly single?: { readonly bytes: number; readonly mask: number };
  /** Chunks cut by the edge are stored without filters. */
  readonly plainEdges: boolean;
}

export interface Contiguous {
  readonly kind: 'contiguous';
  /** UNDEFINED: nothing was written. */
  readonly address: number;
}

/** Data in the object header; absolute offset in the file. */
export interface Compact {
  readonly kind: 'compact';
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface Filter {
  readonly id: number;
  readonly name: string;
  readonly values: readonly number[];
}

export interface Dataset5 {
  readonly path: string;
  readonly type: Datatype;
  readonly space: Dataspace;
  readonly layout: Chunked | Contiguous | Compact;
  readonly filters: readonly Filter[];
  readonly fill: number;
}

const INDEXES: readonly (ChunkIndex | undefined)[] = [undefined, 'single', 'implicit', 'fixed', 'extensible', 'btree2'];

/** Sizes with the element's bytes as the last. */
function chunkOf(body: Cursor, sizes: readonly number[], rank: number): readonly number[] {
  const chunk = sizes.slice(0, -1);
  if (chunk.length !== rank || !chunk.every((n) => n >= 1)) {
    throw body.error('HDF5_LAYOUT', `chunks of ${sizes.join(' × ')} for ${rank} dimensions`);
  }
  return chunk;
}

function parseLayout(body: Cursor, rank: number): Dataset5['layout'] {
  const version = body.u8();
  if (version < 1 || version > 5) {
    throw unsupported('HDF5_LAYOUT', `${body.file}: data layout version ${version} is not known`, { file: body.file });
  }
  if (version < 3) {
    const count = body.u8();
    const kind = body.u8();
    body.skip(5);
    const address = kind === 0 ? -1 : body.address();
    const sizes = Array.from({ length: count }, () => body.u32());
    if (kind === 1) return { kind: 'contiguous', address };
    if (kind === 2)
      return { kind: 'chunked', index: 'btree1', address, chunk: chunkOf(body, sizes, rank), plainEdges: false };
    const bytes = body.u32();
    return { kind: 'compact', offset: body.at, bytes: body.take(bytes) };
  }
  const kind = body.u8();
  if (kind === 0) {
    const bytes = body.u16();
    return { kind: 'compact', offset: body.at, bytes: body.take(bytes) };
  }
  if (kind === 1) return { kind: 'contiguous', address: body.address() };
  if (kind !== 2) {
    throw unsupported('HDF5_LAYOUT', `${body.file}: virtual data sets are not supported`, { file: body.file });
  }
  if (version === 3) {
    const count = body.u8();
    const address = body.address();
    const sizes = Array.from({ length: count }, () => body.u32());
    return { kind: 'chunked', index: 'btree1', address, chunk: chunkOf(body, sizes, rank), plainEdges: false };
  }
  const flags = body.u8();
  const count = body.u8();
  const width = body.u8();
  if (width < 1 || width > 8) throw body.error('HDF5_LAYOUT', `chunk sizes of ${width} bytes`);
  const chunk = chunkOf(
    body,
    Array.from({ length: count }, () => body.uint(width)),
    rank,
  );
  const number = body.u8();
  const index = INDEXES[number];
  if (!index) throw body.error('HDF5_LAYOUT', `chunk index ${number}`);
  const single = index === 'single' && flags & 2 ? { bytes: body.length(), mask: body.u32() } : undefined;
  body.skip({ btree1: 0, single: 0, implicit: 0, fixed: 1, extensible: 5, btree2: 6 }[index]);
  return {
    kind: 'chunked',
    index,
    address: body.address(),
    chunk,
    plainEdges: (flags & 1) !== 0,
    ...(single ? { single } : {}),
  };
}

function parseFilters(body: Cursor): Filter[] {
  const version = body.u8();
  const count = body.u8();
  if (version === 1) body.skip(6);
  const filters: Filter[] = [];
  for (let i = 0; i < count; i++) {
    const id = body.u16();
    const nameBytes = version === 1 || id >= 256 ? body.u16() : 0;
    body.skip(2);
    const values = body.u16();
    const name = body.text(version === 1 ? Math.ceil(nameBytes / 8) * 8 : nameBytes);
    filters.push({ id, name, values: Array.from({ length: values }, () => body.u32()) });
    if (version === 1 && values % 2 === 1) body.skip(Math.min(4, body.left));
  }
  return filters;
}

/** 0 where no value is given. */
function parseFill(message: Message | undefined, type: Datatype): number {
  if (!message) return 0;
  const { body } = message;
  let size = 0;
  if (message.type === MESSAGE.oldFill) size = body.u32();
  else {
    const version = body.u8();
    if (version !== 3) body.skip(2);
    const flags = body.u8();
    const given = version === 3 ? (flags & 0x20) !== 0 : version === 1 || flags !== 0;
    size = given && body.left >= 4 ? body.u32() : 0;
  }
  if (size < type.size || size > body.left) return 0;
  return readNumbers(body.take(size), type, 1)?.[0] ?? 0;
}

export function parseDataset(file: Hdf5File, path: string, messages: readonly Message[]): Dataset5 {
  const find = (type: number): Message | undefined => messages.find((message) => message.type === type);
  const [typeMessage, spaceMessage, layout] = [find(MESSAGE.datatype), find(MESSAGE.dataspace), find(MESSAGE.layout)];
  if (!typeMessage || !spaceMessage || !layout) {
    throw formatError('HDF5_DATASET', `${file.name}: the data set ${path} has no type, shape or layout`, {
      file: file.name,
      part: path,
    });
  }
  const type = parseDatatype(typeMessage.body);
  const space = parseDataspace(spaceMessage.body);
  const filters = find(MESSAGE.filters);
  return {
    path,
    type,
    space,
    layout: parseLayout(layout.body, space.shape.length),
    filters: filters ? parseFilters(filters.body) : [],
    fill: parseFill(find(MESSAGE.fill) ?? find(MESSAGE.oldFill), type),
  };
}
