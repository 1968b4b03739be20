// Codec chains: how stored bytes of a chunk become little-endian numbers. Zarr v2: compressor and filters (numcodecs); v3: codecs.
// Everything that numcodecs writes losslessly is read; object codecs, lossy codecs (zfpy, pcodec, jpeg …) are refused by name.

import type { CodecStep } from '../../core/blocks.js';
import { formatError, unsupported } from '../../core/errors.js';
import { type ElementType, parseNumpyType } from './data-type.js';
import { asList, asNumber, asObject, asText, type Json, type JsonObject } from './json.js';

/** One codec as named in metadata: id and its parameters. */
export interface NamedCodec {
  readonly id: string;
  readonly options: JsonObject;
}

function refuse(id: string, name: string): never {
  throw unsupported('ZARR_CODEC', `${name}: the codec ${JSON.stringify(id)} is not supported`, { file: name });
}

/** Steps that undo a codec of whole byte strings; undefined where `id` is none. */
function undoBytes(codec: NamedCodec, name: string): readonly CodecStep[] | undefined {
  const { id, options } = codec;
  switch (id) {
    case 'gzip':
    case 'zlib':
    case 'zstd':
    case 'blosc':
      return [{ id }];
    case 'lzma':
      return undoLzma(options, name);
    case 'bz2':
      return [{ id: 'bzip2' }];
    case 'lz4':
      // numcodecs puts the decoded length, 4 bytes little-endian, before the LZ4 block.
      return [{ id: 'lz4', sized: true }];
    case 'shuffle':
      return [{ id: 'unshuffle', size: asNumber(options.elementsize) ?? 4 }];
    case 'crc32c':
      return [{ id: 'checksum', kind: 'crc32c', at: asText(options.location) ?? 'end' }];
    case 'crc32':
    case 'adler32':
      return [{ id: 'checksum', kind: id, at: asText(options.location) ?? 'start' }];
    case 'fletcher32':
      return [{ id: 'checksum', kind: id, at: 'end' }];
    default:
      return undefined;
  }
}

/** numcodecs LZMA: format 0 and 1 (xz), 2 (lzma) describe themselves; 3 is bare, its filters are in the metadata. */
function undoLzma(options: JsonObject, name: string): readonly CodecStep[] {
  if (asNumber(options.format) !== 3) return [{ id: 'xz' }];
  const filters = asList(options.filters).map(asObject);
  const ids = filters.map((filter) => asNumber(filter.id));
  const deltas = filters.slice(0, -1).map((filter) => asNumber(filter.dist) ?? 1);
  if (ids.at(-1) !== 0x21 || ids.slice(0, -1).some((id) => id !== 3))
    refuse('lzma with filters other than delta and LZMA2', name);
  return [{ id: 'xz', raw: true, delta: deltas }];
}

interface Typed {
  readonly type: ElementType;
  readonly bigEndian: boolean;
}

/** A codec that maps numbers to numbers: what it stores, and the step that undoes it (none where stored numbers are the numbers). */
export interface NumberCodec {
  readonly stored: Typed;
  readonly step?: CodecStep;
  /** The result depends on the order of the elements. */
  readonly ordered: boolean;
}

/** Type names that codec steps use: OME pixel types, and 'half'. */
function stepType(type: ElementType): string {
  return type.half ? 'half' : type.pixel;
}

/** Codecs between numbers and numbers; undefined where `id` is none. `given` is the type on the decoded side. */
function undoNumbers(codec: NamedCodec, given: Typed, name: string): NumberCodec | undefined {
  const { id, options } = codec;
  const typeOf = (value: Json | undefined, other: Typed): Typed =>
    value === undefined || value === null ? other : parseNumpyType(value, name);
  switch (id) {
    case 'delta': {
      const decoded = typeOf(options.dtype, given);
      const stored = typeOf(options.astype, decoded);
      return { stored, step: { id: 'delta', from: stepType(stored.type), to: stepType(decoded.type) }, ordered: true };
    }
    case 'fixedscaleoffset': {
      const decoded = typeOf(options.dtype, given);
      const stored = typeOf(options.astype, decoded);
      const scale = asNumber(options.scale);
      const offset = asNumber(options.offset);
      if (scale === undefined || offset === undefined || scale === 0) {
        throw formatError('ZARR_CODEC', `${name}: fixedscaleoffset needs a scale other than 0 and an offset`, {
          file: name,
        });
      }
      return {
        stored,
        step: { id: 'scale-offset', from: stepType(stored.type), to: stepType(decoded.type), scale, offset },
        ordered: false,
      };
    }
    case 'astype':
    case 'quantize': {
      const decoded = typeOf(id === 'astype' ? options.decode_dtype : options.dtype, given);
      const stored = typeOf(id === 'astype' ? options.encode_dtype : options.astype, decoded);
      if (stepType(stored.type) === stepType(decoded.type)) return { stored, ordered: false };
      return { stored, step: { id: 'cast', from: stepType(stored.type), to: stepType(decoded.type) }, ordered: false };
    }
    case 'bitround':
      return { stored: given, ordered: false };
    case 'packbits':
      return { stored: { type: given.type, bigEndian: false }, step: { id: 'unpack-bool' }, ordered: true };
    default:
      return undefined;
  }
}

function endianStep(type: Typed): readonly CodecStep[] {
  return type.bigEndian && type.type.size > 1 ? [{ id: 'endian', size: type.type.size }] : [];
}

/** Zarr v2: filters in order, then the compressor, undone back to front. */
export function chainV2(metadata: JsonObject, given: Typed, name: string): readonly CodecStep[] {
  const named = (value: Json): NamedCodec => {
    const options = asObject(value);
    const id = asText(options.id);
    if (id === undefined) throw formatError('ZARR_CODEC', `${name}: a codec without id`, { file: name });
    return { id, options };
  };
  const filters = Array.isArray(metadata.filters) ? (metadata.filters as readonly Json[]).map(named) : [];
  if (metadata.compressor !== null && metadata.compressor !== undefined) filters.push(named(metadata.compressor));
  const undone: { steps: readonly CodecStep[]; stored?: Typed }[] = [];
  let type = given;
  for (const filter of filters) {
    const steps = undoBytes(filter, name);
    const numbers = steps ? undefined : undoNumbers(filter, type, name);
    if (steps) undone.push({ steps });
    else if (numbers) undone.push({ steps: numbers.step ? [numbers.step] : [], stored: numbers.stored });
    else refuse(filter.id, name);
    if (numbers) type = numbers.stored;
  }
  // The filter of numbers that was applied last sees the stored byte order first; number steps take and give little-endian.
  const swapBefore = undone.findLast((one) => one.stored !== undefined);
  const steps = undone
    .reverse()
    .flatMap((one) => (one === swapBefore ? [...endianStep(type), ...one.steps] : one.steps));
  return swapBefore ? steps : [...steps, ...endianStep(given)];
}

/** A transpose, as the dimension of its input that each dimension of its output is. */
function transposeOrder(options: JsonObject, rank: number, name: string): readonly number[] {
  const { order } = options;
  const identity = Array.from({ length: rank }, (_, i) => i);
  if (order === 'C') return identity;
  if (order === 'F') return identity.reverse();
  const list = Array.isArray(order) ? (order as readonly Json[]).map(asNumber) : [];
  if (list.length === rank && identity.every((i) => list.includes(i))) return list as number[];
  throw formatError('ZARR_CODEC', `${name}: transpose needs a permutation of ${rank} dimensions`, { file: name });
}

export interface ChainV3 {
  readonly steps: readonly CodecStep[];
  /** Dimension of the array at each position of a decoded chunk, slowest first. */
  readonly stored: readonly number[];
  /** Set where the array is sharded; then `steps` and `stored` are those of inner chunks. */
  readonly shard?: {
    readonly chunk: readonly number[];
    readonly indexAt: 'start' | 'end';
    readonly indexChecksum: boolean;
  };
}

/** Codec as a bare string or an object; extension names may carry the prefix `numcodecs.`. */
function namedV3(value: Json, name: string): NamedCodec {
  const options = asObject(value);
  const id = asText(value) ?? asText(options.name);
  if (id === undefined) throw formatError('ZARR_CODEC', `${name}: a codec without name`, { file: name });
  const short = id.replace(/^numcodecs\./, '');
  return {
    id: id.startsWith('https://codec.zarrs.dev/') ? id.split('/').at(-1)! : short,
    options: asObject(options.configuration),
  };
}

/** Zarr v3: array-to-array codecs, one array-to-bytes codec, bytes-to-bytes codecs; undone back to front. */
export function chainV3(
  codecs: Json | undefined,
  given: ElementType,
  rank: number,
  name: string,
  inShard = false,
): ChainV3 {
  const list = (Array.isArray(codecs) ? (codecs as readonly Json[]) : []).map((codec) => namedV3(codec, name));
  let stored: readonly number[] = Array.from({ length: rank }, (_, i) => i);
  let type: Typed = { type: given, bigEndian: false };
  const undone: (readonly CodecStep[])[] = [];
  let ordered = false;
  let serialised = false;
  for (const [index, codec] of list.entries()) {
    if (serialised) {
      undone.push(undoBytes(codec, name) ?? refuse(codec.id, name));
    } else if (codec.id === 'transpose') {
      const order = transposeOrder(codec.options, rank, name);
      const moved = order.map((dimension) => stored[dimension]!);
      if (ordered && order.some((dimension, i) => dimension !== i))
        refuse('transpose after a codec that depends on element order', name);
      stored = moved;
    } else if (codec.id === 'sharding_indexed') {
      if (inShard) refuse('sharding_indexed inside sharding_indexed', name);
      if (index > 0 || list.length > 1) refuse('sharding_indexed together with other codecs', name);
      return shardChain(codec.options, given, rank, name);
    } else if (codec.id === 'bytes' || codec.id === 'endian') {
      undone.push(endianStep({ type: type.type, bigEndian: asText(codec.options.endian) === 'big' }));
      serialised = true;
    } else if (codec.id === 'packbits') {
      refuse('packbits', name);
    } else {
      const numbers = undoNumbers(codec, type, name) ?? refuse(codec.id, name);
      if (numbers.step) undone.push([numbers.step]);
      ordered ||= numbers.ordered;
      type = numbers.stored;
    }
  }
  if (!serialised) {
    throw formatError('ZARR_CODEC', `${name}: codecs hold neither "bytes" nor "sharding_indexed"`, { file: name });
  }
  return { steps: undone.reverse().flat(), stored };
}

/** Zarr v3 sharding codec 1.0: inner chunk shape, inner codecs, and an index of (offset, length) that only bytes and crc32c may encode. */
function shardChain(options: JsonObject, given: ElementType, rank: number, name: string): ChainV3 {
  const inner = chainV3(options.codecs, given, rank, name, true);
  const chunk = Array.isArray(options.chunk_shape) ? (options.chunk_shape as readonly Json[]).map(asNumber) : [];
  if (chunk.length !== rank || !chunk.every((n) => n !== undefined && Number.isSafeInteger(n) && n > 0)) {
    throw formatError('ZARR_SHARD', `${name}: chunk_shape of sharding_indexed is not a list of ${rank} sizes`, {
      file: name,
    });
  }
  const index = (Array.isArray(options.index_codecs) ? (options.index_codecs as readonly Json[]) : []).map((c) =>
    namedV3(c, name),
  );
  const [first, second, ...rest] = index;
  const known =
    first?.id === 'bytes' &&
    first.options.endian !== 'big' &&
    (second === undefined || second.id === 'crc32c') &&
    rest.length === 0;
  if (!known) refuse(`shard index through ${index.map((c) => c.id).join(', ') || 'nothing'}`, name);
  const location = options.index_location ?? 'end';
  if (location !== 'start' && location !== 'end') {
    throw formatError('ZARR_SHARD', `${name}: index_location is ${String(location)}, expected start or end`, {
      file: name,
    });
  }
  return { ...inner, shard: { chunk: chunk as number[], indexAt: location, indexChecksum: second !== undefined } };
}
