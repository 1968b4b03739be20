import { beforeEach, describe, expect, it } from 'vitest';
import { Guarded, kernels, random, randomBytes } from './model.js';

const { x } = kernels;
beforeEach(() => kernels.reset());

/** Run a two-buffer kernel on guarded memory. */
function transform(input: Uint8Array, outBytes: number, run: (dst: number, src: number) => void): Uint8Array {
  const src = Guarded.of(input, 1);
  const dst = new Guarded(outBytes, 3);
  run(dst.ptr, src.ptr);
  src.check();
  dst.check();
  expect(src.read()).toEqual(input);
  return dst.read();
}

function inPlace(input: Uint8Array, run: (ptr: number) => void): Uint8Array {
  const it = Guarded.of(input, 1);
  run(it.ptr);
  it.check();
  return it.read();
}

describe('shuffle', () => {
  const next = random(21);
  for (const size of [1, 2, 3, 4, 5, 8, 12, 16, 40]) {
    it(`element size ${size}`, () => {
      for (const n of [0, 1, 3, 8, 15, 16, 17, 24, 32, 40, 100, 136, 300]) {
        const bytes = n * size + (n % 3 === 0 ? 0 : size >> 1);
        const data = randomBytes(next, bytes);
        const model = data.slice();
        for (let i = 0; i < n; i++) for (let k = 0; k < size; k++) model[k * n + i] = data[i * size + k]!;
        const shuffled = transform(data, bytes, (d, s) => x.shuffle(d, s, bytes, size));
        expect(shuffled).toEqual(model);
        expect(transform(shuffled, bytes, (d, s) => x.unshuffle(d, s, bytes, size))).toEqual(data);

        const whole = n & ~7;
        const bits = data.slice();
        bits.fill(0, 0, whole * size);
        for (let i = 0; i < whole; i++)
          for (let k = 0; k < size; k++)
            for (let b = 0; b < 8; b++)
              if (data[i * size + k]! & (1 << b)) bits[(k * 8 + b) * (whole >> 3) + (i >> 3)]! |= 1 << (i & 7);
        const packed = transform(data, bytes, (d, s) => x.bitShuffle(d, s, bytes, size));
        expect(packed).toEqual(bits);
        expect(transform(packed, bytes, (d, s) => x.bitUnshuffle(d, s, bytes, size))).toEqual(data);
      }
    });
  }
});

describe('predictors', () => {
  const next = random(22);
  const wrap = (size: number) => (size === 8 ? 2n ** 64n : 2n ** BigInt(8 * size));
  const readLe = (data: Uint8Array, at: number, size: number) => {
    let v = 0n;
    for (let k = size - 1; k >= 0; k--) v = (v << 8n) | BigInt(data[at + k]!);
    return v;
  };
  const writeLe = (data: Uint8Array, at: number, size: number, value: bigint) => {
    for (let k = 0; k < size; k++) data[at + k] = Number((value >> BigInt(8 * k)) & 255n);
  };

  for (const size of [1, 2, 4, 8]) {
    for (const samples of [1, 2, 3, 4, 5, 9, 17]) {
      it(`horizontal differences: size ${size}, ${samples} samples`, () => {
        for (const width of [1, 2, 3, 5, 8, 16, 17, 33]) {
          const rows = 3;
          const data = randomBytes(next, rows * width * samples * size);
          const model = data.slice();
          for (let y = 0; y < rows; y++)
            for (let i = width * samples - 1; i >= samples; i--) {
              const at = (y * width * samples + i) * size;
              const v = readLe(data, at, size) - readLe(data, at - samples * size, size);
              writeLe(model, at, size, ((v % wrap(size)) + wrap(size)) % wrap(size));
            }
          const applied = inPlace(data, (p) => x.applyPredictor(p, rows, width, samples, size));
          expect(applied).toEqual(model);
          expect(inPlace(applied, (p) => x.undoPredictor(p, rows, width, samples, size))).toEqual(data);
        }
      });
    }
  }

  for (const size of [2, 3, 4, 8]) {
    it(`floating point: size ${size}`, () => {
      for (const samples of [1, 2, 3]) {
        for (const width of [1, 2, 7, 20]) {
          const rows = 2;
          const n = width * samples;
          const data = randomBytes(next, rows * n * size);
          const stored = new Uint8Array(data.length);
          for (let y = 0; y < rows; y++) {
            const row = new Uint8Array(n * size);
            for (let i = 0; i < n; i++)
              for (let k = 0; k < size; k++) row[k * n + i] = data[(y * n + i) * size + size - 1 - k]!;
            for (let j = 0; j < row.length; j++)
              stored[y * row.length + j] = row[j]! - (j >= samples ? row[j - samples]! : 0);
          }
          expect(
            transform(stored, data.length, (d, s) => x.undoFloatPredictor(d, s, rows, width, samples, size)),
          ).toEqual(data);
        }
      }
    });
  }
});

describe('numbers', () => {
  const next = random(23);
  for (let bits = 1; bits <= 31; bits++) {
    it(`unpacks ${bits} bits`, () => {
      for (const count of [1, 2, 7, 8, 10, 11, 12, 15, 16, 17, 30, 33]) {
        const rows = 2;
        const values = Array.from({ length: rows * count }, () => Math.floor(next() * 2 ** bits));
        const rowBytes = Math.ceil((count * bits) / 8);
        const high = new Uint8Array(rows * rowBytes);
        const low = new Uint8Array(rows * rowBytes);
        for (const [i, v] of values.entries())
          for (let b = 0; b < bits; b++) {
            const row = Math.floor(i / count) * rowBytes;
            const at = (i % count) * bits + b;
            if (Math.floor(v / 2 ** (bits - 1 - b)) % 2) high[row + (at >> 3)]! |= 128 >> (at & 7);
            if (Math.floor(v / 2 ** b) % 2) low[row + (at >> 3)]! |= 1 << (at & 7);
          }
        const size = bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
        const read = (out: Uint8Array) => [
          ...(size === 1 ? out : size === 2 ? new Uint16Array(out.buffer) : new Uint32Array(out.buffer)),
        ];
        const bytes = values.length * size;
        expect(read(transform(high, bytes, (d, s) => x.unpackBits(d, s, rows, count, bits)))).toEqual(values);
        expect(read(transform(low, bytes, (d, s) => x.unpackBitsLow(d, s, rows, count, bits)))).toEqual(values);
      }
    });
  }

  it('reverses bits, inverts, widens, looks up', () => {
    for (const n of [1, 15, 16, 17, 40]) {
      const data = randomBytes(next, n);
      const reversed = data.map((b) => Number.parseInt(b.toString(2).padStart(8, '0').split('').reverse().join(''), 2));
      expect(inPlace(data, (p) => x.reverseBits(p, n))).toEqual(reversed);
      expect(inPlace(data, (p) => x.invert(p, n, 1, 255))).toEqual(data.map((b) => 255 - b));
      const words = Uint16Array.from(data, (b) => b * 16);
      const inverted = inPlace(new Uint8Array(words.buffer), (p) => x.invert(p, n, 2, 4095));
      expect([...new Uint16Array(inverted.buffer)]).toEqual(Array.from(words, (w) => (4095 - w) & 65535));
      const triples = randomBytes(next, 3 * n);
      const at = (i: number) => triples[3 * i]! + 256 * triples[3 * i + 1]! + 65536 * triples[3 * i + 2]!;
      const wide = transform(triples, 4 * n, (d, s) => x.widen24(d, s, n, 0));
      expect([...new Uint32Array(wide.buffer)]).toEqual(Array.from({ length: n }, (_, i) => at(i)));
      const signed = transform(triples, 4 * n, (d, s) => x.widen24(d, s, n, 1));
      expect([...new Int32Array(signed.buffer)]).toEqual(Array.from({ length: n }, (_, i) => (at(i) << 8) >> 8));
      const table = Guarded.of(randomBytes(next, 3 * 200));
      const colours = transform(data, 3 * n, (d, s) => x.lookUp(d, s, n, 1, table.ptr, 200, 3));
      const entries = table.read();
      expect([...colours]).toEqual(
        [...data].flatMap((b) => [...entries.subarray(3 * Math.min(b, 199)).subarray(0, 3)]),
      );
    }
    expect(inPlace(new Uint8Array(8), (p) => x.invert(p, 2, 4, 2 ** 32 - 1))).toEqual(new Uint8Array(8).fill(255));
  });

  it('widens every half and many 24-bit floats exactly', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const singles = transform(new Uint8Array(halves.buffer), 4 * 65536, (d, s) => x.halfToFloat(d, s, 65536));
    const value = (bits: number, exponentBits: number, mantissaBits: number) => {
      const sign = bits >> (exponentBits + mantissaBits) ? -1 : 1;
      const exponent = (bits >> mantissaBits) & (2 ** exponentBits - 1);
      const mantissa = (bits & (2 ** mantissaBits - 1)) / 2 ** mantissaBits;
      const bias = 2 ** (exponentBits - 1) - 1;
      if (exponent === 2 ** exponentBits - 1) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
      return exponent ? sign * (1 + mantissa) * 2 ** (exponent - bias) : sign * mantissa * 2 ** (1 - bias);
    };
    const floats = new Float32Array(singles.buffer);
    expect(floats.every((v, i) => Object.is(v, value(i, 5, 10)))).toBe(true);
    const picks = Array.from({ length: 20000 }, (_, i) => (i < 10000 ? i * 7 : Math.floor(next() * 2 ** 24)));
    const triples = Uint8Array.from(picks.flatMap((v) => [v & 255, (v >> 8) & 255, v >> 16]));
    const wide = transform(triples, 4 * picks.length, (d, s) => x.float24ToFloat(d, s, picks.length));
    const out = new Float32Array(wide.buffer);
    expect(picks.every((v, i) => Object.is(out[i], value(v, 7, 16)))).toBe(true);
  });

  it('computes checksums', () => {
    const text = new TextEncoder().encode('123456789');
    const it = Guarded.of(text);
    expect(x.crc32c(it.ptr, 9) >>> 0).toBe(0xe3069283);
    expect(x.crc32c(it.ptr, 0) >>> 0).toBe(0);
    // Fletcher-32 over big-endian words: 'abcdef' = 0x6162 0x6364 0x6566.
    const words = Guarded.of(new TextEncoder().encode('abcdef'));
    const a = (0x6162 + 0x6364 + 0x6566) % 65535;
    const b = (3 * 0x6162 + 2 * 0x6364 + 0x6566) % 65535;
    expect(x.fletcher32(words.ptr, 6) >>> 0).toBe(b * 65536 + a);
  });
});
