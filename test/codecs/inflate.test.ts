import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { CodecStep } from '../../src/core/blocks.js';
import { random, randomBytes } from '../kernels/model.js';
import { bytesContext, decode } from './model.js';

type Wrapper = 'zlib' | 'raw' | 'gzip';

const STEPS: Readonly<Record<Wrapper, CodecStep>> = {
  zlib: { id: 'zlib' },
  raw: { id: 'deflate', raw: true },
  gzip: { id: 'gzip' },
};
const INFLATE = { zlib: zlib.inflateSync, raw: zlib.inflateRawSync, gzip: zlib.gunzipSync };
const DEFLATE = { zlib: zlib.deflateSync, raw: zlib.deflateRawSync, gzip: zlib.gzipSync };
const WRAPPERS = ['zlib', 'raw', 'gzip'] as const;

/** What Node's zlib makes of a stream; undefined: an error. */
function nodes(input: Uint8Array, wrapper: Wrapper, maxBytes: number): Uint8Array | undefined {
  if (input.length === 0) return input;
  try {
    return INFLATE[wrapper](input, { maxOutputLength: maxBytes, finishFlush: zlib.constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

/** The same of our codec. `block`: bytes that it expects. */
async function ours(input: Uint8Array, wrapper: Wrapper, block: number, maxBytes: number) {
  try {
    return (await decode(STEPS[wrapper], input, { ...bytesContext(Math.max(1, block)), maxBytes })).slice();
  } catch (error) {
    expect(['DEFLATE', 'BLOCK_SIZE']).toContain((error as { code?: string }).code);
    return undefined;
  }
}

async function compare(input: Uint8Array, wrapper: Wrapper, block: number, maxBytes = 2 ** 18): Promise<boolean> {
  const want = nodes(input, wrapper, maxBytes);
  const got = await ours(input, wrapper, block, maxBytes);
  const same = want && got ? Buffer.compare(want, got) === 0 : want === got;
  if (!same) {
    const text = `${wrapper} ${Buffer.from(input.subarray(0, 3000)).toString('hex')}`;
    expect.fail(`zlib: ${want?.length}, ours: ${got?.length}, block ${block}: ${text}`);
  }
  return want !== undefined;
}

/** Noise of several kinds, runs, repeats near and far, texts of few letters: by turns. */
function sample(next: () => number, bytes: number): Uint8Array {
  const data = new Uint8Array(bytes);
  const letters = 2 ** Math.floor(1 + next() * 8);
  const chance = next();
  for (let i = 0; i < bytes; ) {
    const run = 1 + Math.floor(next() ** 4 * 600);
    const kind = next();
    const distance = 1 + Math.floor(next() ** 3 * Math.min(i, 40_000));
    const value = next() * 256;
    for (let k = 0; k < run && i < bytes; k++, i++) {
      if (kind < chance) data[i] = (next() * next() * letters) | 0;
      else if (kind < 0.9 && i >= distance) data[i] = data[i - distance]!;
      else data[i] = value;
    }
  }
  return data;
}

/** A stream by settings drawn at random; now and then of several flushed parts, which makes empty stored blocks. */
function pack(next: () => number, data: Uint8Array, wrapper: Wrapper): Uint8Array {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = zlib.constants;
  return DEFLATE[wrapper](data, {
    level: pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    strategy: pick([Z_DEFAULT_STRATEGY, Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED]),
    memLevel: pick([1, 2, 5, 8, 9]),
    windowBits: pick([9, 10, 12, 15]),
  });
}

describe('inflate', () => {
  it('streams of all settings', async () => {
    const next = random(71);
    for (let i = 0; i < 700; i++) {
      const data = sample(next, Math.floor(next() ** 3 * 70_000));
      const wrapper = WRAPPERS[i % 3]!;
      const packed = pack(next, data, wrapper);
      const got = await ours(packed, wrapper, data.length, data.length);
      expect(got && Buffer.compare(got, data), `stream ${i}`).toBe(0);
    }
  });

  it('every level, strategy, memory level and window', async () => {
    const next = random(72);
    const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = zlib.constants;
    const data = sample(next, 20_000);
    for (const strategy of [Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED]) {
      for (const level of [0, 1, 6, 9]) {
        for (const memLevel of [1, 9]) {
          for (const windowBits of [9, 15]) {
            const packed = zlib.deflateSync(data, { strategy, level, memLevel, windowBits });
            const got = await ours(packed, 'zlib', data.length, data.length);
            expect(got && Buffer.compare(got, data)).toBe(0);
          }
        }
      }
    }
  });

  it('all small sizes', async () => {
    const next = random(73);
    for (let n = 0; n < 600; n++) {
      const data = n % 2 ? sample(next, n) : new Uint8Array(n).fill(n);
      for (const wrapper of WRAPPERS) {
        const packed = pack(next, data, wrapper);
        const got = await ours(packed, wrapper, n, n);
        expect(got && Buffer.compare(got, data)).toBe(0);
        if (n > 0) expect(await ours(packed, wrapper, n, n - 1)).toBeUndefined();
      }
    }
  });

  it('flushed parts, and a stream that reaches back over them', async () => {
    const next = random(74);
    const unit = randomBytes(next, 500);
    const { Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH } = zlib.constants;
    const parts = [Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_SYNC_FLUSH, Z_FINISH].map((finishFlush, i) =>
      zlib.deflateRawSync(i % 2 ? unit : sample(next, 300), { finishFlush }),
    );
    expect(await compare(Buffer.concat(parts), 'raw', 1600)).toBe(true);
  });

  it('more than the block expects, up to the limit', async () => {
    const data = sample(random(75), 60_000);
    const packed = zlib.deflateSync(data);
    for (const block of [1, 100, 29_000, 59_000, 60_000, 90_000]) {
      expect(Buffer.compare((await ours(packed, 'zlib', block, 60_000))!, data)).toBe(0);
      await expect(decode({ id: 'zlib' }, packed, { ...bytesContext(block), maxBytes: 59_999 })).rejects.toMatchObject({
        code: 'BLOCK_SIZE',
        blame: 'limit',
      });
    }
  });

  it('what follows a stream is padding', async () => {
    const data = sample(random(76), 5000);
    for (const wrapper of ['zlib', 'raw'] as const) {
      const packed = Buffer.concat([DEFLATE[wrapper](data), randomBytes(random(77), 700)]);
      expect(Buffer.compare((await ours(packed, wrapper, 5000, 5000))!, data)).toBe(0);
    }
    const zeros = Buffer.concat([zlib.gzipSync(data), Buffer.alloc(100)]);
    expect(Buffer.compare((await ours(zeros, 'gzip', 5000, 5000))!, data)).toBe(0);
    expect(await compare(Buffer.concat([zlib.gzipSync(data), Buffer.from('garbage')]), 'gzip', 5000)).toBe(false);
  });

  it('gzip members and headers', async () => {
    const next = random(78);
    const members = [sample(next, 3000), new Uint8Array(0), sample(next, 40_000), sample(next, 10)];
    const packed = Buffer.concat(members.map((data) => zlib.gzipSync(data)));
    const all = Buffer.concat(members);
    for (const block of [all.length, 3000, 10]) {
      expect(Buffer.compare((await ours(packed, 'gzip', block, 2 ** 20))!, all)).toBe(0);
    }
    const plain = zlib.gzipSync(members[0]!);
    for (let flags = 0; flags < 64; flags++) {
      const parts: Uint8Array[] = [plain.subarray(0, 3), Uint8Array.of(flags), plain.subarray(4, 10)];
      if (flags & 4) parts.push(Uint8Array.of(3, 0, 1, 2, 3));
      if (flags & 8) parts.push(Buffer.from('name\0'));
      if (flags & 16) parts.push(Buffer.from('comment\0'));
      if (flags & 2) {
        const sum = zlib.crc32(Buffer.concat(parts));
        parts.push(Uint8Array.of(sum & 255, (sum >> 8) & 255));
      }
      const stream = Buffer.concat([...parts, plain.subarray(10)]);
      expect(await compare(stream, 'gzip', 3000)).toBe(flags < 32);
      for (let n = 0; n < 40; n++) await compare(stream.subarray(0, n), 'gzip', 3000);
      stream[10 + (flags % 7)]! ^= 1;
      await compare(stream, 'gzip', 3000);
    }
  });

  it('headers of zlib as zlib sees them', async () => {
    const packed = zlib.deflateSync(sample(random(79), 2000));
    for (let head = 0; head < 65_536; head += head % 31 === 0 ? 1 : 30) {
      packed.writeUInt16BE(head);
      await compare(packed.subarray(0, head % 3 ? packed.length : 5), 'zlib', 2000);
    }
  });

  it('cut anywhere gives what it holds', async () => {
    const next = random(80);
    for (let i = 0; i < 25; i++) {
      const wrapper = WRAPPERS[i % 3]!;
      const packed = pack(next, sample(next, Math.floor(next() * 3000)), wrapper);
      const step = 1 + Math.floor(packed.length / 150);
      for (let n = 0; n < packed.length; n += step) {
        expect(await compare(packed.subarray(0, n), wrapper, 3000)).toBe(true);
      }
    }
  });

  it('broken streams: the same bytes as zlib or an error', async () => {
    const next = random(81);
    let sound = 0;
    for (let i = 0; i < 4000; i++) {
      const wrapper = WRAPPERS[Math.floor(next() * 3)]!;
      const data = sample(next, Math.floor(next() ** 2 * 3000));
      let packed = pack(next, data, wrapper);
      const changes = 1 + Math.floor(next() * 3);
      for (let k = 0; k < changes; k++) {
        // Mostly near the start, where the tables are.
        const at = Math.floor((next() < 0.5 ? next() ** 3 : next()) * packed.length);
        if (next() < 0.5) packed[at]! ^= 1 << Math.floor(next() * 8);
        else packed[at] = next() * 256;
      }
      if (next() < 0.2) packed = packed.subarray(0, Math.floor(next() * packed.length));
      if (await compare(packed, wrapper, data.length)) sound++;
    }
    // Raw streams have no checksum, some changes go unnoticed.
    expect(sound).toBeGreaterThan(300);
    expect(sound).toBeLessThan(4000);
  });

  it('noise as a stream', async () => {
    const next = random(82);
    for (let i = 0; i < 4000; i++) {
      const noise = randomBytes(next, 1 + Math.floor(next() * 120));
      // Blocks with fixed or own codes.
      if (i % 3) noise[0] = (noise[0]! & 0xf8) | (i % 3 === 1 ? 2 : 4);
      await compare(noise, 'raw', 500);
    }
  });
});
