// Central directory of ZIP archives (PKWARE APPNOTE 6.3.10, §4.3 and §4.4), ZIP64 included. Everything is checked against the size of
// the file before it is believed. Not handled: split archives, encryption; methods other than stored and deflated are listed, not read.

import type { ByteSource } from '../../core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';

export interface ZipEntry {
  /** '/'-separated, relative; folders end in '/'. */
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  /** Offset of the local header. */
  readonly header: number;
  /** Bytes as stored. */
  readonly packed: number;
  /** Bytes after unpacking. */
  readonly size: number;
  readonly crc32: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;
const MAX_COMMENT = 65535;
const FULL = 0xffffffff;

interface Directory {
  readonly count: number;
  readonly offset: number;
  readonly bytes: number;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Unsigned 64-bit number; beyond 2^53 it is beyond any file, which the range checks find. */
function u64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function broken(source: ByteSource, what: string, offset?: number): ImgconvError {
  return formatError('ZIP_DIRECTORY', `${source.name}: broken ZIP directory: ${what}`, { file: source.name, offset });
}

async function findEnd(source: ByteSource): Promise<{ at: number; view: DataView }> {
  const length = Math.min(source.size, END_BYTES + MAX_COMMENT);
  const start = source.size - length;
  const tail = await source.read(start, length);
  const view = viewOf(tail);
  for (let at = length - END_BYTES; at >= 0; at--) {
    // The comment must reach exactly to the end, so that a signature inside a comment does not count.
    if (view.getUint32(at, true) === END && view.getUint16(at + 20, true) === length - at - END_BYTES) {
      return { at: start + at, view: new DataView(view.buffer, view.byteOffset + at, END_BYTES) };
    }
  }
  throw broken(source, 'no end-of-directory record; the file may be cut short');
}

async function locate(source: ByteSource): Promise<Directory> {
  const { at, view } = await findEnd(source);
  const plain = { count: view.getUint16(10, true), offset: view.getUint32(16, true), bytes: view.getUint32(12, true) };
  const locator = at >= 20 ? viewOf(await source.read(at - 20, 20)) : undefined;
  if (!locator || locator.getUint32(0, true) !== LOCATOR64) {
    if (view.getUint16(4, true) !== 0 || view.getUint16(6, true) !== 0) throw split(source);
    return plain;
  }
  const end64 = u64(locator, 8);
  if (locator.getUint32(16, true) > 1) throw split(source);
  if (end64 + 56 > at) throw broken(source, 'the ZIP64 record lies outside the file', at - 20);
  const record = viewOf(await source.read(end64, 56));
  if (record.getUint32(0, true) !== END64) throw broken(source, 'no ZIP64 record where the locator says', end64);
  return { count: u64(record, 32), offset: u64(record, 48), bytes: u64(record, 40) };
}

function split(source: ByteSource): ImgconvError {
  return unsupported(
    'ZIP_SPLIT',
    `${source.name}: ZIP archives split into several files are not supported; join them first`,
    {
      file: source.name,
    },
  );
}

/** ZIP64 extended information (§4.5.3): the fields whose 32-bit place is full, in fixed order. */
function extended(extra: DataView, fields: readonly number[], source: ByteSource, name: string): readonly number[] {
  if (!fields.includes(FULL)) return fields;
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const length = extra.getUint16(at + 2, true);
    const end = at + 4 + length;
    if (end > extra.byteLength) break;
    if (extra.getUint16(at, true) === 1) {
      let next = at + 4;
      return fields.map((field) => {
        if (field !== FULL) return field;
        if (next + 8 > end) throw broken(source, `ZIP64 sizes of ${JSON.stringify(name)} are incomplete`);
        next += 8;
        return u64(extra, next - 8);
      });
    }
    at = end;
  }
  throw broken(source, `ZIP64 sizes of ${JSON.stringify(name)} are missing`);
}

function checkName(name: string, source: ByteSource): void {
  const unsafe = name.startsWith('/') || name.includes('\\') || name.includes('\0') || /^[A-Za-z]:/.test(name);
  if (!unsafe && !name.split('/').includes('..')) return;
  throw formatError(
    'PATH_ESCAPES',
    `${source.name}: the archive holds ${JSON.stringify(name)}, which lies outside its folder`,
    {
      file: source.name,
    },
  );
}

/** List an archive. Of entries with the same name the last counts. Errors: format ZIP_DIRECTORY, PATH_ESCAPES; unsupported ZIP_SPLIT; limit. */
export async function readDirectory(source: ByteSource, limits: Limits): Promise<ReadonlyMap<string, ZipEntry>> {
  const directory = await locate(source);
  if (directory.offset + directory.bytes > source.size || directory.count * 46 > directory.bytes) {
    throw broken(
      source,
      `${directory.count} entries in ${directory.bytes} bytes at ${directory.offset} do not fit the file of ${source.size} bytes`,
    );
  }
  if (directory.count > limits.directories || directory.bytes > limits.metadataBytes) {
    throw new ImgconvError(
      'limit',
      'METADATA_SIZE',
      `${source.name}: a ZIP directory of ${directory.count} entries and ${directory.bytes} bytes exceeds the limits`,
      {
        file: source.name,
      },
    );
  }
  const bytes = await source.read(directory.offset, directory.bytes);
  const view = viewOf(bytes);
  const entries = new Map<string, ZipEntry>();
  const decoder = new TextDecoder();
  let at = 0;
  for (let i = 0; i < directory.count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== ENTRY) {
      throw broken(source, `entry ${i} is no directory entry`, directory.offset + at);
    }
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    if (extraEnd > bytes.length) throw broken(source, `entry ${i} is cut short`, directory.offset + at);
    const name = decoder.decode(bytes.subarray(at + 46, nameEnd));
    checkName(name, source);
    const extra = viewOf(bytes.subarray(nameEnd, extraEnd));
    const fields = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
    const [size, packed, header] = extended(extra, fields, source, name) as [number, number, number];
    if (header + 30 + packed > source.size) {
      throw broken(
        source,
        `${JSON.stringify(name)} with ${packed} bytes at ${header} lies outside the file of ${source.size} bytes`,
      );
    }
    entries.set(name, {
      name,
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      header,
      packed,
      size,
      crc32: view.getUint32(at + 16, true),
    });
    at = extraEnd + view.getUint16(at + 32, true);
  }
  return entries;
}
