import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectSame, Guarded, kernels, random, randomBytes } from './model.js';

const { x } = kernels;
beforeEach(() => kernels.reset());

/** Noise, runs, repeats at several distances, smooth ramps: by turns. */
function samples(seed: number): Uint8Array[] {
  const next = random(seed);
  const list: Uint8Array[] = [];
  for (const n of [0, 1, 5, 12, 13, 14, 40, 300, 5000, 70_000, 200_000]) {
    list.push(randomBytes(next, n));
    list.push(new Uint8Array(n).fill(7));
    for (const period of [2, 3, 7, 15, 16, 17, 900]) {
      const unit = randomBytes(next, period);
      list.push(Uint8Array.from({ length: n }, (_, i) => unit[i % period]!));
    }
    const mixed = new Uint8Array(n);
    for (let i = 0; i < n; ) {
      const run = 1 + Math.floor(next() * 60);
      const kind = next();
      for (let k = 0; k < run && i < n; k++, i++)
        mixed[i] = kind < 0.4 ? next() * 256 : kind < 0.6 ? 3 : i > 300 ? mixed[i - 1 - Math.floor(kind * 300)]! : k;
    }
    list.push(mixed);
  }
  return list;
}

const data = samples(31);
type Kernel = (dst: number, capacity: number, src: number, bytes: number) => number;

function call(kernel: Kernel, input: Uint8Array, capacity: number): Uint8Array | number {
  kernels.reset();
  const src = Guarded.of(input, 1);
  const dst = new Guarded(capacity, 3);
  const n = kernel(dst.ptr, capacity, src.ptr, input.length);
  dst.check();
  expect(n).toBeLessThanOrEqual(capacity);
  return n < 0 ? n : dst.read().subarray(0, n);
}

/** No input, however broken, makes a decoder write outside its buffer or loop. */
function torture(kernel: Kernel, packed: Uint8Array, capacity: number, next: () => number): void {
  for (let i = 0; i < 40; i++) {
    const broken = packed.slice(0, 1 + Math.floor(next() * packed.length));
    for (let k = 0; k < 1 + next() * 4; k++) broken[Math.floor(next() * broken.length)] = next() * 256;
    call(kernel, broken, Math.floor(next() * (capacity + 50)));
    call(kernel, randomBytes(next, 60), 100);
  }
}

describe('lz4', () => {
  for (const acceleration of [1, 5]) {
    it(`round trip, acceleration ${acceleration}`, () => {
      for (const input of data) {
        const bound = input.length + Math.ceil(input.length / 255) + 16;
        const packed = call((d, c, s, n) => x.lz4Compress(d, c, s, n, acceleration), input, bound) as Uint8Array;
        expect(packed.length).toBeGreaterThan(0);
        expectSame(call(x.lz4Decompress, packed, input.length), input);
        // One byte less never fits, exactly as many do.
        const tight = call(
          (d, c, s, n) => x.lz4Compress(d, c, s, n, acceleration),
          input,
          packed.length - 1,
        ) as Uint8Array;
        expect(tight.length).toBe(0);
        if (input.length) expect(call(x.lz4Decompress, packed, input.length - 1)).toBe(-1);
      }
    });
  }
  it('survives broken streams', () => {
    const next = random(32);
    for (const input of data.slice(30, 80)) {
      const packed = call((d, c, s, n) => x.lz4Compress(d, c, s, n, 1), input, input.length + 3000) as Uint8Array;
      torture(x.lz4Decompress, packed, input.length, next);
      torture(x.blosclzDecompress, packed, input.length, next);
      torture(x.snappyDecompress, packed, input.length, next);
    }
  });
});

describe('lzw', () => {
  const decode: Kernel = (d, c, s, n) => x.lzwDecode(d, c, s, n, kernels.alloc(65536));
  const decodeOld: Kernel = (d, c, s, n) => x.lzwDecodeOld(d, c, s, n, kernels.alloc(65536));
  const encode: Kernel = (d, c, s, n) => x.lzwEncode(d, c, s, n, kernels.alloc(131072));

  it('round trip', () => {
    for (const input of data) {
      const packed = call(encode, input, input.length * 2 + 64) as Uint8Array;
      expect(packed.length).toBeGreaterThan(0);
      expectSame(call(decode, packed, input.length), input);
      // With room to spare the end code stops it.
      expectSame(call(decode, packed, input.length + 100), input);
      expectSame(call(decode, packed, input.length >> 1), input.subarray(0, input.length >> 1));
    }
  });
  it('says when the output is too small', () => {
    const noise = randomBytes(random(33), 4000);
    for (const capacity of [0, 10, 100, 3999]) expect(call(encode, noise, capacity)).toEqual(new Uint8Array(0));
  });
  it('survives broken streams', () => {
    const next = random(34);
    for (const input of data.slice(30, 80)) {
      const packed = call(encode, input, input.length * 2 + 64) as Uint8Array;
      torture(decode, packed, input.length, next);
      torture(decodeOld, packed, input.length, next);
    }
  });
});

describe('packbits', () => {
  it('round trip by rows', () => {
    for (const input of data.filter((d) => d.length > 0 && d.length <= 5000)) {
      for (const rows of [1, 3]) {
        const rowBytes = Math.floor(input.length / rows);
        if (rowBytes === 0) continue;
        const used = input.subarray(0, rowBytes * rows);
        const room = rows * (rowBytes + Math.ceil(rowBytes / 128));
        const packed = call((d, _c, s) => x.packbitsEncode(d, s, rowBytes, rows), used, room) as Uint8Array;
        expectSame(call(x.packbitsDecode, packed, used.length), used);
        torture(x.packbitsDecode, packed, used.length, random(rows));
      }
    }
  });
  it('decodes the example of the specification', () => {
    const packed = Uint8Array.of(
      0xfe,
      0xaa,
      0x02,
      0x80,
      0x00,
      0x2a,
      0xfd,
      0xaa,
      0x03,
      0x80,
      0x00,
      0x2a,
      0x22,
      0xf7,
      0xaa,
    );
    const plain = 'aaaaaa80002aaaaaaaaa80002a22aaaaaaaaaaaaaaaaaaaa';
    expect(Buffer.from(call(x.packbitsDecode, packed, 24) as Uint8Array).toString('hex')).toBe(plain);
  });
});

describe('blosc frames', () => {
  it('stay within bytes + 16 and state their sizes', () => {
    for (const input of data) {
      for (const typeSize of [1, 2, 8]) {
        for (const mode of [0, 1, 2]) {
          kernels.reset();
          const src = Guarded.of(input, 1);
          const dst = new Guarded(input.length + 16);
          const scratch = kernels.alloc(1 << 19);
          const n = x.bloscLz4(dst.ptr, src.ptr, input.length, typeSize, mode, 5, 0, scratch);
          dst.check();
          const header = new DataView(dst.read().buffer);
          expect(header.getUint32(4, true)).toBe(input.length);
          expect(header.getUint32(12, true)).toBe(n);
        }
      }
    }
  });
});

describe('deflate', () => {
  const work = () => kernels.alloc(x.deflateWork());
  for (const level of [0, 1, 3, 6, 9]) {
    it(`level ${level} is inflated by zlib`, () => {
      for (const input of data) {
        const room = input.length + Math.ceil(input.length / 2000) + 64;
        const packed = call((d, c, s, n) => x.deflate(d, c, s, n, level, work()), input, room) as Uint8Array;
        expect(packed.length).toBeGreaterThan(0);
        expectSame(inflateRawSync(packed), input);
      }
    });
  }

  /** Parts of different kinds, so that a stream changes from values of 16 bits to bytes, to literals alone, to long matches. */
  function kinds(next: () => number): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let left = 2 + Math.floor(next() * 4); left > 0; left--) {
      const values = Math.floor(next() ** 2 * 60_000);
      const spread = 2 ** Math.floor(next() * 9);
      const kind = Math.floor(next() * 4);
      const noise = Int16Array.from({ length: values }, () => (next() + next() + next() - 1.5) * spread);
      const runs = Int16Array.from({ length: values }, (_, i) => (i & 1023 ? 0 : next() * spread));
      if (kind === 0) parts.push(new Uint8Array(noise.buffer));
      else if (kind === 1) parts.push(new Uint8Array(runs.buffer));
      else if (kind === 2) parts.push(Uint8Array.from(noise));
      else parts.push(new Uint8Array(noise.map((_, i) => noise[i % 300]!).buffer));
    }
    const all = Buffer.concat(parts);
    return new Uint8Array(all.subarray(0, all.length - (next() < 0.3 ? 1 : 0)));
  }

  it('codes noise of 16 bits and of 8, runs and repetitions, one after the other', () => {
    for (let seed = 0; seed < 40; seed++) {
      const input = kinds(random(400 + seed));
      const room = input.length + Math.ceil(input.length / 2000) + 64;
      for (const level of [1, 4, 6]) {
        const packed = call((d, c, s, n) => x.deflate(d, c, s, n, level, work()), input, room) as Uint8Array;
        expectSame(inflateRawSync(packed), input);
        const short = call(
          (d, c, s, n) => x.deflate(d, c, s, n, level, work()),
          input,
          packed.length >> 1,
        ) as Uint8Array;
        expect(short.length).toBeLessThanOrEqual(packed.length >> 1);
      }
    }
  });

  it('gives noise no more bytes than literals alone take', () => {
    const next = random(38);
    const noise = Uint8Array.from({ length: 300_000 }, () => 128 + (next() + next() + next() - 1.5) * 12);
    const room = noise.length + Math.ceil(noise.length / 2000) + 64;
    const literals = deflateRawSync(noise, { strategy: constants.Z_HUFFMAN_ONLY }).length;
    for (const level of [1, 4, 6, 9]) {
      const packed = call((d, c, s, n) => x.deflate(d, c, s, n, level, work()), noise, room) as Uint8Array;
      expect(packed.length).toBeLessThan(literals * 1.002);
    }
  });

  it('never writes beyond its room', () => {
    const next = random(35);
    for (const input of data) {
      for (const level of [0, 1, 4, 6]) {
        const room = Math.floor(next() * (input.length + 40));
        const packed = call((d, c, s, n) => x.deflate(d, c, s, n, level, work()), input, room) as Uint8Array;
        if (packed.length > 0) expectSame(inflateRawSync(packed), input);
      }
    }
  });

  it('fits into the stated room', () => {
    const next = random(36);
    for (let i = 0; i < 60; i++) {
      const input = randomBytes(next, Math.floor(next() * 140_000));
      const room = input.length + Math.ceil(input.length / 2000) + 64;
      for (const level of [0, 2, 5, 7]) {
        expect(call((d, c, s, n) => x.deflate(d, c, s, n, level, work()), input, room)).not.toEqual(new Uint8Array(0));
      }
    }
  });

  it('codes skewed statistics within 15 bits', () => {
    // Fibonacci frequencies make the deepest trees.
    const input: number[] = [];
    for (let i = 0, a = 1, b = 1; i < 22; i++) {
      for (let k = 0; k < a; k++) input.push(i * 11);
      [a, b] = [b, a + b];
    }
    const next = random(37);
    const mixed = Uint8Array.from(input).map((v) => v);
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
    }
    const packed = call((d, c, s, n) => x.deflate(d, c, s, n, 3, work()), mixed, mixed.length + 200) as Uint8Array;
    expectSame(inflateRawSync(packed), mixed);
  });
});

describe('checksums of long inputs', () => {
  it('Adler-32', () => {
    for (const input of [...data, new Uint8Array(20_000).fill(255)]) {
      let a = 1;
      let b = 0;
      for (const byte of input) {
        a = (a + byte) % 65521;
        b = (b + a) % 65521;
      }
      expect(x.adler32(Guarded.of(input, 1).ptr, input.length) >>> 0).toBe(b * 65536 + a);
    }
  });
});
