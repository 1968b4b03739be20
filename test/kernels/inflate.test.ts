import zlib from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectSame, Guarded, kernels, random, randomBytes } from './model.js';

const { x } = kernels;
beforeEach(() => kernels.reset());

interface Outcome {
  readonly status: number;
  readonly data: Uint8Array;
  readonly read: number;
}

/** Decode between guards; what the destination held before must not matter. */
function inflate(packed: Uint8Array, capacity: number): Outcome {
  const outcomes = [0, 0xff].map((fill) => {
    kernels.reset();
    const src = Guarded.of(packed, 1);
    const dst = new Guarded(capacity, 3);
    kernels.view(dst.ptr, capacity).fill(fill);
    const counts = kernels.alloc(8);
    const status = x.inflate(dst.ptr, capacity, src.ptr, packed.length, counts);
    dst.check();
    src.check();
    expectSame(src.read(), packed);
    const [written, read] = new Uint32Array(x.memory.buffer, counts, 2);
    expect(written).toBeLessThanOrEqual(capacity);
    expect(read).toBeLessThanOrEqual(packed.length);
    return { status, data: dst.read().subarray(0, written), read: read! };
  });
  expect(outcomes[1]!.status).toBe(outcomes[0]!.status);
  expect(outcomes[1]!.read).toBe(outcomes[0]!.read);
  expectSame(outcomes[1]!.data, outcomes[0]!.data);
  return outcomes[0]!;
}

/** Repeats at every short distance, and at long ones. */
function repeats(seed: number): Uint8Array {
  const next = random(seed);
  const data = [...randomBytes(next, 40)];
  for (let distance = 1; distance < 40; distance++) {
    for (const length of [3, 4, 15, 16, 17, 31, 33, 100, 257, 258, 259]) {
      for (let k = 0; k < length; k++) data.push(data[data.length - distance]!);
      data.push(Math.floor(next() * 256));
    }
  }
  for (let i = 0; i < 200; i++) {
    const distance = 40 + Math.floor(next() * Math.min(32_000, data.length - 40));
    for (let k = 3 + Math.floor(next() * 300); k > 0; k--) data.push(data[data.length - distance]!);
  }
  return Uint8Array.from(data);
}

describe('inflate', () => {
  it('fills exactly the room that is needed, and says when there is too little', () => {
    const data = repeats(91);
    for (const level of [0, 1, 6, 9]) {
      const packed = zlib.deflateRawSync(data, { level });
      for (const more of [0, 1, 15, 16, 277, 278, 400]) {
        const { status, data: got, read } = inflate(packed, data.length + more);
        expect(status).toBe(0);
        expect(read).toBe(packed.length);
        expectSame(got, data);
      }
      for (const less of [1, 2, 17, 259, 300, data.length - 1, data.length]) {
        const { status, data: got } = inflate(packed, data.length - less);
        expect(status).toBe(2);
        expectSame(got, data.subarray(0, got.length));
      }
    }
  });

  it('skewed statistics: the longest codes', () => {
    // Fibonacci frequencies, in literals as well as in distances.
    const next = random(92);
    const list: number[] = [];
    for (let i = 0, a = 1, b = 1; i < 21; i++) {
      for (let k = 0; k < a; k++) list.push(i * 12);
      [a, b] = [b, a + b];
    }
    for (let i = list.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [list[i], list[j]] = [list[j]!, list[i]!];
    }
    const data = Uint8Array.from(list);
    for (const strategy of [zlib.constants.Z_HUFFMAN_ONLY, zlib.constants.Z_DEFAULT_STRATEGY]) {
      const packed = zlib.deflateRawSync(data, { strategy, level: 9, memLevel: 9 });
      expectSame(inflate(packed, data.length).data, data);
      expectSame(inflate(packed, data.length + 400).data, data);
    }
  });

  it('what our encoder writes', () => {
    const next = random(93);
    for (const data of [repeats(94), randomBytes(next, 70_000), new Uint8Array(0), new Uint8Array(100_000)]) {
      for (const level of [0, 1, 4, 9]) {
        kernels.reset();
        const room = data.length + Math.ceil(data.length / 2000) + 64;
        const work = kernels.alloc(x.deflateWork());
        const src = kernels.alloc(data.length);
        kernels.view(src, data.length).set(data);
        const dst = kernels.alloc(room);
        const packed = kernels.view(dst, x.deflate(dst, room, src, data.length, level, work)).slice();
        expectSame(inflate(packed, data.length).data, data);
      }
    }
  });

  it('never writes outside its room, whatever it reads', () => {
    const next = random(95);
    const sources = [repeats(96).subarray(0, 6000), randomBytes(next, 3000), new Uint8Array(4000)];
    for (let i = 0; i < 1500; i++) {
      const level = Math.floor(next() * 10);
      const packed = new Uint8Array(zlib.deflateRawSync(sources[i % 3]!.subarray(0, next() * 6000), { level }));
      const broken = packed.subarray(0, 1 + Math.floor(next() * packed.length));
      for (let k = 0; k < 1 + next() * 4; k++) broken[Math.floor(next() ** 2 * broken.length)]! ^= 1 << (next() * 8);
      inflate(broken, Math.floor(next() * 7000));
      inflate(randomBytes(next, 60), Math.floor(next() * 600));
    }
  });

  it('takes nothing that lies behind a cut', () => {
    // Mostly literals, and distances with the longest codes.
    const next = random(97);
    const list = [...randomBytes(next, 2000)].map((byte) => byte >> 3);
    while (list.length < 30_000) {
      const distance = next() < 0.7 ? 1900 + Math.floor(next() * 90) : 3 + Math.floor(next() ** 2 * (list.length - 3));
      for (let k = 0; k < 4; k++) list.push(list[list.length - distance]!);
      for (let k = next() * 60; k > 0; k--) list.push(next() * 32);
    }
    const data = Uint8Array.from(list);
    const packed = zlib.deflateRawSync(data, { level: 9 });
    for (let n = packed.length - 1; n > 0; n -= n > packed.length - 60 ? 1 : 37) {
      const { status, data: got, read } = inflate(packed.subarray(0, n), data.length + 500);
      expect(status).toBe(1);
      expect(read).toBeLessThanOrEqual(n);
      expectSame(got, new Uint8Array(zlib.inflateRawSync(packed.subarray(0, n), { finishFlush: 2 })));
    }
  });

  it('distances beyond the start', () => {
    // Fixed codes: a literal, then a match of 3 at distance 2.
    const bits = `1${'10'}${'00110000'}${'0000001'}${'00001'}${'0000000'}`;
    const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g)!;
    const packed = Uint8Array.from(bytes, (byte) => Number.parseInt([...byte].reverse().join(''), 2));
    expect(() => zlib.inflateRawSync(packed)).toThrow('too far back');
    for (const capacity of [10, 1000]) {
      const { status, data } = inflate(packed, capacity);
      expect(status).toBeGreaterThan(2);
      expect(data.length).toBe(1);
    }
  });
});
