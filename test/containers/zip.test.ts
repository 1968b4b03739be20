import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ZipArchive } from '../../src/containers/zip/archive.js';
import { readDirectory } from '../../src/containers/zip/directory.js';
import type { ByteSource } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { codeOf } from './zarr-support.js';

interface Entry {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  readonly flags?: number;
  readonly method?: number;
  /** Say this size instead of the real one. */
  readonly size?: number;
  /** Extra field of the local header alone: its length differs from the directory's. */
  readonly localExtra?: number;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function le(...fields: readonly (readonly [bytes: number, value: number])[]): Uint8Array {
  const out = new Uint8Array(fields.reduce((sum, [n]) => sum + n, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [n, value] of fields) {
    if (n === 2) view.setUint16(at, value, true);
    else if (n === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += n;
  }
  return out;
}

/** A ZIP archive, field by field. `zip64`: sizes and offsets in ZIP64 fields. */
function makeZip(entries: readonly Entry[], options: { zip64?: boolean; comment?: string } = {}): Uint8Array {
  const { zip64 = false, comment = '' } = options;
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const entry of entries) {
    const name = bytes(entry.name);
    const packed = entry.deflate ? new Uint8Array(deflateRawSync(entry.data)) : entry.data;
    const method = entry.method ?? (entry.deflate ? 8 : 0);
    const size = entry.size ?? entry.data.length;
    const extra = new Uint8Array(entry.localExtra ?? 0);
    const local = le(
      [4, 0x04034b50],
      [2, 45],
      [2, entry.flags ?? 0],
      [2, method],
      [4, 0],
      [4, 0],
      [4, packed.length],
      [4, size],
      [2, name.length],
      [2, extra.length],
    );
    const wide = zip64 ? le([2, 1], [2, 24], [8, size], [8, packed.length], [8, at]) : new Uint8Array(0);
    const full = 0xffffffff;
    directory.push(
      le([4, 0x02014b50], [2, 45], [2, 45], [2, entry.flags ?? 0], [2, method], [4, 0], [4, 0]),
      le(
        [4, zip64 ? full : packed.length],
        [4, zip64 ? full : size],
        [2, name.length],
        [2, wide.length],
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, zip64 ? full : at],
      ),
      name,
      wide,
    );
    parts.push(local, name, extra, packed);
    at += local.length + name.length + extra.length + packed.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  if (zip64) {
    directory.push(
      le([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, length], [8, at]),
    );
    directory.push(le([4, 0x07064b50], [4, 0], [8, at + length], [4, 1]));
  }
  const end = zip64 ? [0xffff, 0xffffffff, 0xffffffff] : [count, length, at];
  directory.push(
    le([4, 0x06054b50], [2, 0], [2, 0], [2, end[0]!], [2, end[0]!], [4, end[1]!], [4, end[2]!], [2, comment.length]),
    bytes(comment),
  );
  return Buffer.concat([...parts, ...directory]);
}

function sourceOf(data: Uint8Array): ByteSource & { reads: number } {
  const source = {
    name: '/memory.zip',
    size: data.length,
    reads: 0,
    async read(offset: number, length: number) {
      source.reads++;
      if (offset < 0 || length < 0 || offset + length > data.length) throw formatError('TRUNCATED', 'short');
      return data.slice(offset, offset + length);
    },
    async close() {},
  };
  return source;
}

const open = (data: Uint8Array): Promise<ZipArchive> => ZipArchive.open(sourceOf(data), DEFAULT_LIMITS);
const two: Entry[] = [
  { name: 'a/b.txt', data: bytes('hello'), localExtra: 13 },
  { name: 'c.txt', data: bytes('hello '.repeat(100)), deflate: true },
];

describe('ZIP archives', () => {
  it.each([[false], [true]])('lists, locates and reads entries (ZIP64: %s)', async (zip64) => {
    const data = makeZip(two, { zip64, comment: 'PK\x05\x06 in a comment' });
    const archive = await open(data);
    expect(new TextDecoder().decode(await archive.read('a/b.txt', 100))).toBe('hello');
    expect((await archive.read('c.txt', 1000))!.length).toBe(600);
    expect(await archive.read('missing', 1000)).toBeUndefined();
    const [offset] = await archive.locate([archive.entries.get('a/b.txt')!]);
    expect(new TextDecoder().decode(data.subarray(offset, offset! + 5))).toBe('hello');
    expect(archive.list('')).toEqual([
      { name: 'a', folder: true },
      { name: 'c.txt', folder: false },
    ]);
    expect(archive.list('a')).toEqual([{ name: 'b.txt', folder: false }]);
  });

  it('locates many entries in few reads', async () => {
    const entries = Array.from({ length: 500 }, (_, i) => ({ name: `${i}`, data: bytes('x') }));
    const source = sourceOf(makeZip(entries));
    const archive = await ZipArchive.open(source, DEFAULT_LIMITS);
    source.reads = 0;
    await archive.locate([...archive.entries.values()]);
    expect(source.reads).toBe(1);
  });

  it('takes the last of entries with the same name', async () => {
    const archive = await open(
      makeZip([
        { name: 'a', data: bytes('old') },
        { name: 'a', data: bytes('new') },
      ]),
    );
    expect(new TextDecoder().decode(await archive.read('a', 10))).toBe('new');
  });

  it.each(['../x', 'a/../../x', '/etc/passwd', 'C:/x', 'a\\b', 'a\0b'])('refuses the name %j', async (name) => {
    expect(await codeOf(open(makeZip([{ name, data: bytes('x') }])))).toBe('PATH_ESCAPES');
  });

  it('refuses what it cannot read, entry by entry', async () => {
    const archive = await open(
      makeZip([
        { name: 'encrypted', data: bytes('x'), flags: 1 },
        { name: 'method', data: bytes('x'), method: 14 },
        { name: 'bomb', data: new Uint8Array(10_000), deflate: true, size: 10 },
        { name: 'liar', data: bytes('abc'), deflate: true, size: 10 },
        { name: 'large', data: bytes('abc'), size: 2 ** 31 },
      ]),
    );
    expect(await codeOf(archive.read('encrypted', 100))).toBe('ZIP_ENCRYPTED');
    expect(await codeOf(archive.read('method', 100))).toBe('ZIP_METHOD');
    expect(await codeOf(archive.read('bomb', 100))).toBe('ZIP_ENTRY');
    expect(await codeOf(archive.read('liar', 100))).toBe('ZIP_ENTRY');
    expect(await codeOf(archive.read('large', 100))).toBe('METADATA_SIZE');
  });

  it('ends every cut or damaged archive with a known error', async () => {
    const good = makeZip(two, { zip64: true });
    for (let length = 0; length < good.length; length += 3) {
      expect(['ZIP_DIRECTORY', 'TRUNCATED', 'ZIP_SPLIT']).toContain(await codeOf(open(good.slice(0, length))));
    }
    for (let at = 0; at < good.length; at++) {
      const bad = good.slice();
      bad[at] = bad[at]! ^ 0xff;
      const result = await codeOf(open(bad).then((archive) => archive.read('c.txt', 1000)));
      expect([
        'no error',
        'ZIP_DIRECTORY',
        'ZIP_ENTRY',
        'ZIP_SPLIT',
        'ZIP_METHOD',
        'ZIP_ENCRYPTED',
        'METADATA_SIZE',
        'PATH_ESCAPES',
        'TRUNCATED',
      ]).toContain(result);
    }
  });

  it('does not believe more entries than there are bytes', async () => {
    const data = makeZip(two);
    new DataView(data.buffer, data.byteOffset).setUint16(data.length - 12, 60_000, true);
    expect(await codeOf(readDirectory(sourceOf(data), DEFAULT_LIMITS))).toBe('ZIP_DIRECTORY');
  });
});
