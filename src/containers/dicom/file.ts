// A DICOM file (PS3.10): preamble, file meta information, data set. Preamble and meta information may be missing, and the transfer syntax
// may be wrong about the encoding of the data set: the first element shows what it is.

import { constants, inflateRawSync } from 'node:zlib';
import type { ByteSource } from '../../core/contracts.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { Cursor } from './cursor.js';
import { DataSet, type Element } from './data-set.js';
import { encodingAt, firstElement } from './head.js';
import { type ParseResult, Parser } from './parse.js';
import { GE_PRIVATE, IMPLICIT_LITTLE, type TransferSyntax, transferSyntax } from './syntax.js';
import { TAG } from './tags.js';

/** Compressed bytes inflated at first to find the header of a deflated data set. */
const DEFLATED_START = 2 ** 18;

export interface DicomFile {
  /** Absolute path. */
  readonly name: string;
  readonly size: number;
  readonly meta: DataSet;
  readonly data: DataSet;
  readonly syntax: TransferSyntax;
  /** Pixel data of any kind; offset and length count from the start of the inflated data set where it is deflated. */
  readonly pixels?: Element;
  /** Byte order of uncompressed pixels. */
  readonly littleEndian: boolean;
  /** Where the deflate stream begins. */
  readonly deflated?: number;
  /** What broke the header off. */
  readonly damage?: string;
}

export interface FileOptions {
  readonly limits: Limits;
  /** Stop after this tag: the start of a header is enough to sort files. */
  readonly until?: number;
}

/** Read the header. Errors: format DICOM_SYNTAX, DICOM_DEFLATE, DICOM_DEPTH; limit METADATA_SIZE, DIRECTORIES. */
export async function readFile(source: ByteSource, options: FileOptions): Promise<DicomFile> {
  const { limits, until } = options;
  const cursor = new Cursor(source, limits.metadataBytes);
  const head = await source.read(0, Math.min(256, source.size));
  cursor.at = firstElement(head);
  const meta = await readMeta(cursor, limits);
  const uid = meta.text(TAG.TransferSyntaxUID);
  const { name, size } = source;
  const start = cursor.at;
  if (uid !== undefined && transferSyntax(uid).deflated) {
    return { name, size, meta, ...(await readDeflated(source, start, options)), deflated: start };
  }
  const next = await source.read(start, Math.min(16, size - start));
  const found = encodingAt(next, 0);
  const stated = uid === undefined ? IMPLICIT_LITTLE : transferSyntax(uid);
  if (!found && uid === undefined) throw formatError('DICOM_SYNTAX', `${name}: no DICOM data set`, { file: name });
  const syntax = found ? { ...stated, ...found } : stated;
  const parser = new Parser(cursor, { limits, until, explicit: syntax.explicit });
  const result = await parser.run(syntax.littleEndian);
  const littleEndian = syntax.littleEndian && uid !== GE_PRIVATE;
  return { name, size, meta, syntax, littleEndian, ...result };
}

/** File meta information: always explicit little-endian, and its stated length is often wrong, so that the groups decide where it ends. */
async function readMeta(cursor: Cursor, limits: Limits): Promise<DataSet> {
  const { at, source } = cursor;
  const next = await source.read(at, Math.min(16, source.size - at));
  const found = encodingAt(next, 0);
  if (!found || next[found.littleEndian ? 0 : 1] !== 2) return new DataSet(true);
  const parser = new Parser(cursor, { limits, explicit: found.explicit, meta: true });
  return (await parser.run(found.littleEndian)).data;
}

type Inflated = Pick<DicomFile, 'data' | 'pixels' | 'syntax' | 'littleEndian' | 'damage'>;

/** Inflate as much as the header takes. */
async function readDeflated(source: ByteSource, start: number, { limits, until }: FileOptions): Promise<Inflated> {
  const syntax = transferSyntax('1.2.840.10008.1.2.1.99');
  const { name } = source;
  const whole = source.size - start;
  for (let length = Math.min(DEFLATED_START, whole); ; length = Math.min(4 * length, whole)) {
    const memory = inflate(await source.read(start, length), name, limits);
    const inflated: Pick<ByteSource, 'name' | 'size' | 'read'> = {
      name,
      size: memory.length,
      read: async (at, bytes) => memory.subarray(at, at + bytes),
    };
    const parser = new Parser(new Cursor(inflated, Number.MAX_SAFE_INTEGER), { limits, until, explicit: true });
    const result: ParseResult = await parser.run(true);
    if (result.pixels || until !== undefined || length === whole) return { ...result, syntax, littleEndian: true };
  }
}

function inflate(bytes: Uint8Array, file: string, limits: Limits): Uint8Array {
  try {
    return inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: limits.metadataBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      const text = `${file}: the start of the deflated data set inflates to more than ${limits.metadataBytes} bytes`;
      throw new ImgconvError('limit', 'METADATA_SIZE', text, { file });
    }
    throw formatError('DICOM_DEFLATE', `${file}: the deflated data set is broken`, { file }, error);
  }
}
