import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CodecStep } from '../../src/core/blocks.js';
import { loadKernels } from '../../src/kernels/load.js';
import { random, randomBytes } from '../kernels/model.js';
import { blockOf, bytesContext, codecOf, contextOf, decode, encode, kernels } from './model.js';

/** Microscopy-like 16-bit noise on a smooth ground. */
function pixels(width: number, height: number, seed = 1): Uint8Array {
  const next = random(seed);
  const values = new Uint16Array(width * height);
  for (let i = 0; i < values.length; i++) {
    const x = i % width;
    const y = Math.floor(i / width);
    values[i] = 400 + x * 2 + y + next() * 20 + ((x >> 5) & (y >> 5) & 1 ? 900 : 0);
  }
  return new Uint8Array(values.buffer);
}

const steps: readonly CodecStep[] = [
  { id: 'deflate', level: 1 },
  { id: 'deflate', raw: true },
  { id: 'zlib', level: 9 },
  { id: 'gzip', level: 6 },
  { id: 'gzip', level: 0 },
  { id: 'zstd' },
  { id: 'zstd', level: -5, checksum: true },
  { id: 'zstd', level: 9 },
  { id: 'lz4' },
  { id: 'lz4', sized: false, acceleration: 9 },
  { id: 'blosc' },
  { id: 'blosc', cname: 'lz4', clevel: 9, shuffle: 'bitshuffle' },
  { id: 'blosc', cname: 'lz4', clevel: 1, shuffle: 'noshuffle', blocksize: 1000 },
  { id: 'blosc', cname: 'lz4', clevel: 0 },
  { id: 'blosc', cname: 'zstd', clevel: 1 },
  { id: 'blosc', cname: 'zstd', clevel: 5, shuffle: 2, typesize: 4, blocksize: 4096 },
  { id: 'blosc', cname: 'zlib', clevel: 1, shuffle: -1 },
  { id: 'lzw' },
  { id: 'packbits' },
  { id: 'predictor' },
  { id: 'endian' },
  { id: 'shuffle' },
  { id: 'bitshuffle', size: 2 },
  { id: 'reverse-bits' },
  { id: 'invert', bits: 12 },
  { id: 'crc32c' },
  { id: 'fletcher32' },
  { id: 'checksum', kind: 'adler32', at: 'start' },
];

const label = (step: CodecStep) =>
  Object.entries(step)
    .map(([k, v]) => (k === 'id' ? String(v) : `${k} ${String(v)}`))
    .join(', ');

describe('round trips', () => {
  for (const step of steps) {
    it(label(step), async () => {
      for (const [width, height] of [
        [1, 1],
        [7, 3],
        [64, 64],
        [301, 157],
      ] as const) {
        for (const data of [
          pixels(width, height),
          randomBytes(random(4), width * height * 2),
          new Uint8Array(width * height * 2),
        ]) {
          const context = contextOf({ width, height, type: 'uint16' });
          const before = data.slice();
          const packed = await encode(step, data, context);
          expect(Buffer.compare(data, before)).toBe(0);
          const plain = await decode(step, packed, context);
          expect(Buffer.compare(plain, data)).toBe(0);
          // The same bytes from an instance that had to grow its memory, and from input inside it.
          const fresh = await loadKernels();
          const ptr = fresh.alloc(data.length);
          fresh.view(ptr, data.length).set(data);
          const again = await encode(step, fresh.view(ptr, data.length), { ...context, kernels: fresh });
          expect(Buffer.compare(again, packed)).toBe(0);
          expect(Buffer.compare(fresh.view(ptr, data.length), before)).toBe(0);
        }
      }
    });
  }

  it('of nothing', async () => {
    for (const step of steps) {
      // A block has pixels, its stored bytes may be none.
      const packed = await encode(step, new Uint8Array(0), bytesContext(8));
      expect((await decode(step, packed, bytesContext(8))).length, label(step)).toBe(0);
    }
  });

  it('chain steps that work in place leave the stored bytes alone', async () => {
    const data = pixels(50, 40);
    const context = contextOf({ width: 50, height: 40, type: 'uint16' });
    const lzw = await codecOf('lzw');
    const endian = await codecOf('endian');
    const predictor = await codecOf('predictor');
    const stored = await encode(
      { id: 'lzw' },
      await encode({ id: 'endian' }, await encode({ id: 'predictor' }, data, context), context),
      context,
    );
    const before = stored.slice();
    let bytes = await lzw.decode!(stored, { id: 'lzw' }, context);
    bytes = await endian.decode!(bytes, { id: 'endian', size: 2 }, context);
    bytes = await predictor.decode!(bytes, { id: 'predictor', size: 2 }, context);
    expect(Buffer.compare(bytes, data)).toBe(0);
    expect(Buffer.compare(stored, before)).toBe(0);
  });
});

describe('encoded bytes do not change by accident', () => {
  const data = pixels(256, 200, 9);
  const golden: readonly [CodecStep, string][] = [
    [{ id: 'lz4' }, '08773b5f77f5727c'],
    [{ id: 'blosc' }, 'da368e9227b79e64'],
    [{ id: 'blosc', cname: 'zstd', clevel: 1 }, '1108c3f9c547fc4a'],
    [{ id: 'zstd', level: 3 }, 'e9ff54e56a4bc0c4'],
    [{ id: 'lzw' }, 'f97799a1e489b868'],
    [{ id: 'zlib', level: 1 }, '115413a13538ffc7'],
    [{ id: 'gzip', level: 4 }, 'fdfe53b77567753b'],
    [{ id: 'deflate', level: 7 }, 'a31d4cb4dbca8b10'],
    [{ id: 'packbits' }, '9f16ba71bc81f6e8'],
  ];
  for (const [step, hash] of golden) {
    it(label(step), async () => {
      const packed = await encode(step, data, contextOf({ width: 256, height: 200, type: 'uint16' }));
      expect(createHash('sha256').update(packed).digest('hex').slice(0, 16)).toBe(hash);
    });
  }
});

describe('limits and parameters', () => {
  it('refuses to decode beyond the limit', async () => {
    const zeros = new Uint8Array(1_000_000);
    for (const id of ['deflate', 'gzip', 'zstd', 'lz4', 'blosc']) {
      const packed = await encode({ id }, zeros, bytesContext(zeros.length));
      const small = { ...bytesContext(zeros.length), maxBytes: 10_000 };
      await expect(decode({ id }, packed, small), id).rejects.toMatchObject({
        blame: expect.stringMatching(/limit|format/),
      });
    }
  });

  it('gives what a cut deflate stream holds', async () => {
    const data = pixels(100, 100);
    const packed = await encode({ id: 'deflate' }, data, bytesContext(data.length));
    const part = await decode({ id: 'deflate' }, packed.subarray(0, packed.length >> 1), bytesContext(data.length));
    expect(part.length).toBeGreaterThan(1000);
    expect(Buffer.compare(part, data.subarray(0, part.length))).toBe(0);
  });

  it('refuses unknown parameters', async () => {
    const context = bytesContext(10);
    for (const step of [
      { id: 'blosc', cname: 'snappy' },
      { id: 'zstd', level: 99 },
      { id: 'endian', size: 2.5 },
    ]) {
      await expect(encode(step, new Uint8Array(10), context)).rejects.toMatchObject({ code: 'CODEC_PARAMETER' });
    }
  });

  it('notices wrong checksums', async () => {
    for (const kind of ['crc32c', 'crc32', 'adler32', 'fletcher32']) {
      const step = { id: 'checksum', kind };
      const packed = await encode(step, Uint8Array.of(1, 2, 3, 4, 5), bytesContext(5));
      packed[2]! ^= 1;
      await expect(decode(step, packed, bytesContext(5))).rejects.toMatchObject({ code: 'CHECKSUM' });
    }
  });
});

describe('sample formats', () => {
  const run = async (step: CodecStep, input: readonly number[], extent: Parameters<typeof blockOf>[0]) =>
    decode(step, Uint8Array.from(input), {
      kernels,
      block: blockOf(extent),
      position: [0, 0, 0, 0, 0],
      maxBytes: 1000,
    });

  it('extends signs and widens', async () => {
    const four = { width: 4, height: 1, type: 'int8' } as const;
    expect([
      ...new Int8Array((await run({ id: 'bits', bits: 4, signed: true }, [0x78, 0xf0], four)).slice().buffer),
    ]).toEqual([7, -8, -1, 0]);
    const low = await run({ id: 'bits', bits: 4, order: 'lsb' }, [0x78, 0xf0], four);
    expect([...low]).toEqual([8, 7, 0, 15]);
    const wide = await run({ id: 'bits', bits: 4, size: 4 }, [0x78, 0xf0], { ...four, type: 'uint32' });
    expect([...new Uint32Array(wide.slice().buffer)]).toEqual([7, 8, 15, 0]);
  });

  it('unpacks what there is of a cut row', async () => {
    const out = await run({ id: 'bits', bits: 12 }, [0x12, 0x34, 0x56, 0x78], { width: 4, height: 2, type: 'uint16' });
    expect([...new Uint16Array(out.slice().buffer)]).toEqual([0x123, 0x456]);
  });

  it('reads 24-bit integers of both byte orders', async () => {
    const extent = { width: 2, height: 1, type: 'int32' } as const;
    const little = await run({ id: 'int24', signed: true }, [1, 0, 0, 0xfe, 0xff, 0xff], extent);
    expect([...new Int32Array(little.slice().buffer)]).toEqual([1, -2]);
    const big = await run({ id: 'int24', bigEndian: true }, [0, 0, 1, 0xff, 0xff, 0xfe], extent);
    expect([...new Int32Array(big.slice().buffer)]).toEqual([1, 0xfffffe]);
  });

  it('looks up colours', async () => {
    const table = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const extent = { width: 3, height: 1, samples: 3, type: 'uint8' } as const;
    expect([...(await run({ id: 'lut', table }, [1, 0, 9], extent))]).toEqual([4, 5, 6, 1, 2, 3, 4, 5, 6]);
  });

  it('cuts and joins', async () => {
    const extent = { width: 3, height: 1, type: 'uint8' } as const;
    expect([...(await run({ id: 'slice', offset: 1, length: 2 }, [1, 2, 3, 4], extent))]).toEqual([2, 3]);
    expect([...(await run({ id: 'skip', bytes: 3 }, [1, 2, 3, 4], extent))]).toEqual([4]);
    expect([...(await run({ id: 'prefix', bytes: Uint8Array.of(9, 8) }, [1], extent))]).toEqual([9, 8, 1]);
  });
});

describe('old LZW', () => {
  /** Lowest bits first, widths grow when a code needs them; as early TIFF writers did. */
  function encodeOld(data: Uint8Array): Uint8Array {
    const out: number[] = [];
    let buffer = 0;
    let have = 0;
    const put = (code: number, width: number) => {
      buffer |= code << have;
      for (have += width; have >= 8; have -= 8, buffer >>>= 8) out.push(buffer & 255);
    };
    let table = new Map<string, number>();
    let width = 9;
    let next = 258;
    put(256, width);
    let prefix = '';
    const code = (text: string) => (text.length === 1 ? text.charCodeAt(0) : table.get(text)!);
    for (const byte of data) {
      const longer = prefix + String.fromCharCode(byte);
      if (longer.length === 1 || table.has(longer)) {
        prefix = longer;
        continue;
      }
      put(code(prefix), width);
      table.set(longer, next++);
      // The reader is one entry behind.
      if (next === 2 ** width + 1) width++;
      if (next === 4095) {
        put(256, width);
        table = new Map();
        width = 9;
        next = 258;
      }
      prefix = String.fromCharCode(byte);
    }
    if (prefix) put(code(prefix), width);
    put(257, next + 1 === 2 ** width + 1 ? width + 1 : width);
    put(0, 7);
    return Uint8Array.from(out);
  }

  it('is decoded by both names', async () => {
    for (const data of [pixels(10, 10), pixels(100, 60), randomBytes(random(8), 9000)]) {
      const packed = encodeOld(data);
      for (const id of ['lzw', 'lzw-old']) {
        expect(Buffer.compare(await decode({ id }, packed, bytesContext(data.length)), data)).toBe(0);
      }
    }
  });
});
