import { describe, expect, it } from 'vitest';
import { OleFile } from '../../src/containers/ole/file.js';
import { openStream } from '../../src/containers/ole/stream.js';
import type { ByteSource } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { type OleOptions, writeOle } from '../../src/testing/ole-writer.js';

function memory(bytes: Uint8Array): ByteSource {
  return {
    name: 'memory',
    size: bytes.length,
    async read(offset, length) {
      if (offset + length > bytes.length) throw formatError('TRUNCATED', 'cut');
      return bytes.subarray(offset, offset + length);
    },
    close: async () => undefined,
  };
}

function content(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 31 + (i >> 8)) & 255);
}

const ENTRIES = [
  { path: 'empty', bytes: new Uint8Array(0) },
  { path: 'small', bytes: content(1, 100) },
  { path: 'A/one', bytes: content(2, 4095) },
  { path: 'A/two', bytes: content(3, 4096) },
  { path: 'B/three', bytes: content(4, 70_000) },
];

async function check(bytes: Uint8Array): Promise<void> {
  const ole = await OleFile.open(memory(bytes), DEFAULT_LIMITS);
  expect(ole.streams.map(({ path }) => path).sort()).toEqual(ENTRIES.map(({ path }) => path).sort());
  for (const { path, bytes: wanted } of ENTRIES) {
    const source = openStream(ole, ole.streams.find((stream) => stream.path === path)!);
    expect(source.size).toBe(wanted.length);
    expect(Buffer.compare(await source.read(0, source.size), wanted)).toBe(0);
    const [from, to] = [source.size >> 2, source.size >> 1];
    expect(Buffer.compare(await source.read(from, to - from), wanted.subarray(from, to))).toBe(0);
  }
}

describe('compound files', () => {
  it.each<[string, OleOptions]>([
    ['contiguous', {}],
    ['in fragments', { interleave: true }],
    ['with sectors of 4096 bytes', { sector: 4096, interleave: true }],
    ['with a FAT that the header cannot list', { free: 128 * 120, interleave: true }],
    ['with a list of FAT sectors in three sectors', { free: 128 * 400 }],
  ])('%s', (_, options) => check(writeOle(ENTRIES, options)));

  it('merges neighbouring sectors', async () => {
    const ole = await OleFile.open(memory(writeOle(ENTRIES)), DEFAULT_LIMITS);
    expect(ole.extents(ole.streams.find(({ path }) => path === 'B/three')!)).toHaveLength(1);
    const apart = await OleFile.open(memory(writeOle(ENTRIES, { interleave: true })), DEFAULT_LIMITS);
    expect(apart.extents(apart.streams.find(({ path }) => path === 'B/three')!).length).toBeGreaterThan(2);
  });

  it('survives damage with values or a clear error', async () => {
    const whole = writeOle(ENTRIES, { interleave: true });
    let state = 9;
    const next = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    for (let i = 0; i < 400; i++) {
      const cut = i % 4 === 0 ? whole.slice(0, next(whole.length)) : whole.slice();
      // The tables lie at the ends of the file.
      for (let k = 0; k < 3 && cut.length > 0; k++)
        cut[next(2) ? next(Math.min(512, cut.length)) : cut.length - 1 - next(Math.min(3000, cut.length))] = next(256);
      try {
        const ole = await OleFile.open(memory(cut), DEFAULT_LIMITS);
        for (const stream of ole.streams) {
          const source = openStream(ole, stream);
          await source.read(0, Math.min(source.size, 100));
        }
      } catch (error) {
        if (!(error instanceof ImgconvError)) throw error;
        expect(['format', 'limit']).toContain(error.blame);
      }
    }
  });
});
