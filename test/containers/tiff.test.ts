import { describe, expect, it } from 'vitest';
import { parseTiff, type TiffFile, tiffSignature } from '../../src/containers/tiff/file.js';
import { buildLevel } from '../../src/containers/tiff/level.js';
import { describePage, gridOf } from '../../src/containers/tiff/page.js';
import { blockTable, stackTables } from '../../src/containers/tiff/table.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { ByteSource } from '../../src/core/contracts.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { memorySource, type Tags, tiffBytes } from './tiff-bytes.js';

const parse = (bytes: Uint8Array, options = {}): Promise<TiffFile> =>
  parseTiff(memorySource(bytes), DEFAULT_LIMITS, options);

/** 8 × 6 pixels, 8 bit, one strip of 48 bytes at 8. */
const PLAIN: Tags = {
  256: [3, [8]],
  257: [3, [6]],
  258: [3, [8]],
  259: [3, [1]],
  262: [3, [1]],
  273: [4, [8]],
  278: [3, [6]],
  279: [4, [48]],
};

async function level(tags: Tags, size = 64) {
  const file = await parse(tiffBytes([tags], { data: size }));
  return buildLevel([{ page: await describePage(file.ifds[0]!) }], { t: 1, c: 1, z: 1 });
}

describe('header and chain', () => {
  it('knows both byte orders, classic and BigTIFF', async () => {
    for (const order of ['le', 'be'] as const) {
      for (const big of [false, true]) {
        const bytes = tiffBytes([PLAIN, PLAIN, PLAIN], { order, big });
        expect(tiffSignature(bytes)).toEqual({ littleEndian: order === 'le', big });
        const file = await parse(bytes);
        expect(file.ifds).toHaveLength(3);
        expect(file.notices).toEqual([]);
        expect(await file.ifds[2]!.number(TAG.ImageWidth)).toBe(8);
        expect([...(await file.ifds[1]!.numbers(TAG.StripOffsets))!]).toEqual([8]);
      }
    }
  });

  it('reads the 64-bit variant of NDPI', async () => {
    const tags: Tags = { ...PLAIN, 273: [4, [0x10]], 65420: [4, [1]] };
    const file = await parse(tiffBytes([tags, tags], { ndpi: { 273: 3 } }), { ndpi: true });
    expect(file.ifds).toHaveLength(2);
    expect(await file.ifds[0]!.number(TAG.StripOffsets)).toBe(3 * 2 ** 32 + 0x10);
    expect([...(await file.ifds[1]!.numbers(TAG.StripOffsets))!]).toEqual([3 * 2 ** 32 + 0x10]);
    expect(await file.ifds[1]!.number(TAG.ImageWidth)).toBe(8);
  });

  it('stops at the first directories when asked to', async () => {
    const file = await parse(tiffBytes([PLAIN, PLAIN, PLAIN]), { first: 1 });
    expect(file.ifds).toHaveLength(1);
    expect(file.complete).toBe(false);
  });

  it('opens 20,000 neighbouring directories with few reads', async () => {
    const source = memorySource(tiffBytes(Array.from({ length: 20_000 }, () => PLAIN)));
    const file = await parseTiff(source, DEFAULT_LIMITS);
    expect(file.ifds).toHaveLength(20_000);
    expect(source.reads).toBeLessThan(30);
  });

  it('fetches scattered directories at a constant distance together', async () => {
    const source = memorySource(
      tiffBytes(
        Array.from({ length: 400 }, () => PLAIN),
        { gap: 6000 },
      ),
    );
    let waiting = 0;
    let most = 0;
    const slow: ByteSource = {
      ...source,
      async read(offset, length) {
        most = Math.max(most, ++waiting);
        await new Promise((resolve) => setImmediate(resolve));
        waiting--;
        return source.read(offset, length);
      },
    };
    expect((await parseTiff(slow, DEFAULT_LIMITS)).ifds).toHaveLength(400);
    expect(most).toBeGreaterThan(16);
  });

  it.each([
    ['too short', new Uint8Array([0x49, 0x49, 42, 0]), 'TIFF_HEADER'],
    ['no signature', new Uint8Array(64), 'TIFF_HEADER'],
    ['no first directory', Uint8Array.from([0x49, 0x49, 42, 0, 0, 0, 0, 0, 0]), 'TIFF_HEADER'],
    ['first directory outside', Uint8Array.from([0x49, 0x49, 42, 0, 99, 0, 0, 0, 0]), 'TIFF_IFD_OFFSET'],
    ['BigTIFF with 4-byte offsets', Uint8Array.from([0x49, 0x49, 43, 0, 4, ...Array(20).fill(0)]), 'TIFF_HEADER'],
    ['empty directory', Uint8Array.from([0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 'TIFF_IFD'],
  ])('refuses: %s', async (_, bytes, code) => {
    await expect(parse(bytes)).rejects.toMatchObject({ code, blame: 'format' });
  });

  it('refuses loops, of one directory and of several', async () => {
    for (const loop of [1, 3]) {
      const bytes = tiffBytes(
        Array.from({ length: loop }, () => PLAIN),
        { loop: true },
      );
      await expect(parse(bytes)).rejects.toMatchObject({ code: 'TIFF_IFD_LOOP' });
    }
  });

  it('refuses more directories than the limit', async () => {
    const source = memorySource(tiffBytes(Array.from({ length: 12 }, () => PLAIN)));
    await expect(parseTiff(source, { ...DEFAULT_LIMITS, directories: 10 })).rejects.toMatchObject({
      code: 'TIFF_IFD_COUNT',
      blame: 'limit',
    });
  });

  it('keeps good directories of a chain that breaks', async () => {
    const bytes = tiffBytes([PLAIN, PLAIN], { last: 0x7fff_fff0 });
    const file = await parse(bytes);
    expect(file.ifds).toHaveLength(2);
    expect(file.notices).toMatchObject([{ code: 'TIFF_TRUNCATED', rank: 'damage' }]);
    const cut = await parse(bytes.subarray(0, bytes.length - 30));
    expect(cut.ifds).toHaveLength(2);
    expect(cut.ifds[1]!.count).toBeLessThan(8);
    expect(cut.notices).toMatchObject([{ rank: 'damage' }]);
  });

  it('never fails in another way on any truncation or changed byte', async () => {
    const bytes = tiffBytes([
      { ...PLAIN, 270: [2, [...'a description that is long'].map((c) => c.charCodeAt(0))] },
      PLAIN,
    ]);
    const attempt = async (changed: Uint8Array): Promise<void> => {
      try {
        const file = await parse(changed);
        for (const ifd of file.ifds) {
          for (const { tag } of ifd.list()) await ifd.numbers(tag);
          const page = await describePage(ifd);
          await buildLevel([{ page }], { t: 1, c: 1, z: 1 });
        }
      } catch (error) {
        expect(error).toMatchObject({ name: 'ImgconvError' });
        expect((error as { blame: string }).blame).not.toBe('internal');
      }
    };
    for (let n = 0; n < bytes.length; n++) await attempt(bytes.subarray(0, n));
    let seed = 7;
    for (let i = 0; i < 1500; i++) {
      const changed = bytes.slice();
      for (let k = 0; k < 3; k++) {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        changed[seed % (i % 2 ? 16 : changed.length)] = (seed >> 8) & 255;
      }
      await attempt(changed);
    }
  });
});

describe('values', () => {
  it('decodes every field type', async () => {
    const file = await parse(
      tiffBytes([
        {
          ...PLAIN,
          1000: [1, [1, 255]],
          1001: [6, [1, -1]],
          1002: [8, [-2]],
          1003: [9, [-3, 4]],
          1004: [5, [1, 4, 3, 2]],
          1005: [10, [-1, 4]],
          1006: [11, [1.5]],
          1007: [12, [-2.25]],
          1008: [16, [5]],
          1009: [17, [-6]],
          1010: [2, [0xc2, 0xb5, 109, 0, 0]],
          1011: [2, [0xb5, 109, 0]],
          1012: [99, [1]],
        },
      ]),
    );
    const ifd = file.ifds[0]!;
    const all = async (tag: number) => [...((await ifd.numbers(tag)) ?? [])];
    expect(await all(1000)).toEqual([1, 255]);
    expect(await all(1001)).toEqual([1, -1]);
    expect(await all(1002)).toEqual([-2]);
    expect(await all(1003)).toEqual([-3, 4]);
    expect(await all(1004)).toEqual([0.25, 1.5]);
    expect(await all(1005)).toEqual([-0.25]);
    expect(await all(1006)).toEqual([1.5]);
    expect(await all(1007)).toEqual([-2.25]);
    expect(await all(1008)).toEqual([5]);
    expect(await all(1009)).toEqual([-6]);
    expect(await ifd.text(1010)).toBe('µm');
    expect(await ifd.text(1011)).toBe('µm');
    expect(await ifd.bytes(1012)).toBeUndefined();
    expect(ifd.has(1012)).toBe(true);
    expect(await ifd.number(4711)).toBeUndefined();
    expect(file.notices).toMatchObject([{ code: 'TIFF_TAG', rank: 'info' }]);
  });

  it('refuses values above the metadata limit', async () => {
    const source = memorySource(tiffBytes([{ ...PLAIN, 1000: [1, Array(5000).fill(1)] }]));
    const file = await parseTiff(source, { ...DEFAULT_LIMITS, metadataBytes: 1000 });
    await expect(file.ifds[0]!.bytes(1000)).rejects.toMatchObject({ code: 'METADATA_SIZE', blame: 'limit' });
  });
});

describe('sub-directories', () => {
  it('come in listed order, with those that only next-links reach', async () => {
    const bytes = tiffBytes(
      [
        { ...PLAIN, 330: [4, [0, 0]] },
        { ...PLAIN, 256: [3, [4]] },
        { ...PLAIN, 256: [3, [2]] },
      ],
      {
        subs: 2,
      },
    );
    const file = await parse(bytes);
    expect(file.ifds).toHaveLength(1);
    const subs = await file.subIfds(file.ifds[0]!);
    expect(await Promise.all(subs.map((sub) => sub.number(256)))).toEqual([4, 2]);
    const chained = await parse(
      tiffBytes(
        [
          { ...PLAIN, 330: [4, [0]] },
          { ...PLAIN, 256: [3, [4]] },
          { ...PLAIN, 256: [3, [2]] },
        ],
        { subs: 1 },
      ),
    );
    expect(await Promise.all((await chained.subIfds(chained.ifds[0]!)).map((sub) => sub.number(256)))).toEqual([4, 2]);
  });

  it('are left out with a damage notice when broken', async () => {
    const file = await parse(tiffBytes([{ ...PLAIN, 330: [4, [0x7fffffff]] }]));
    expect(await file.subIfds(file.ifds[0]!)).toEqual([]);
    expect(file.notices).toMatchObject([{ code: 'TIFF_SUBIFD', rank: 'damage' }]);
  });
});

describe('block maps', () => {
  it('joins strips that follow each other', async () => {
    const { blocks, shape } = await level({ ...PLAIN, 273: [4, [8, 24, 40]], 278: [3, [2]], 279: [4, [16, 16, 16]] });
    expect(shape).toEqual([1, 1, 1, 6, 8]);
    expect(blocks.layout).toMatchObject({ kind: 'grid', block: [1, 1, 1, 6, 8], edge: 'clipped' });
    expect(blocks.address).toMatchObject({ offset: Float64Array.of(8), length: Float64Array.of(48) });
  });

  it('keeps strips that do not', async () => {
    const { blocks } = await level({ ...PLAIN, 273: [4, [24, 8, 40]], 278: [3, [2]], 279: [4, [16, 16, 16]] });
    expect(blocks.layout).toMatchObject({ block: [1, 1, 1, 2, 8] });
    expect(blocks.address).toMatchObject({ offset: Float64Array.of(24, 8, 40) });
  });

  it('marks blocks outside the file as missing, and cuts those that reach beyond it', async () => {
    const tags: Tags = { ...PLAIN, 273: [4, [8, 100_000]], 278: [3, [3]], 279: [4, [24, 24]] };
    const { blocks } = await level(tags);
    expect(blocks.absent).toBe('missing');
    expect(blocks.address).toMatchObject({ offset: Float64Array.of(8, -1), length: Float64Array.of(24, 0) });
  });

  it('takes the lengths of uncompressed strips from the geometry', async () => {
    for (const counts of [[0, 0], [48, 48], undefined]) {
      const tags: Tags = { ...PLAIN, 273: [4, [32, 8]], 278: [3, [3]] };
      delete tags[279];
      if (counts) tags[279] = [4, counts];
      const { blocks } = await level(tags);
      expect(blocks.address).toMatchObject({ length: Float64Array.of(24, 24) });
    }
  });

  it('cuts one huge strip by rows', async () => {
    const bytes = tiffBytes(
      [{ ...PLAIN, 256: [4, [40_000]], 257: [4, [30_000]], 278: [4, [2 ** 32 - 1]], 279: [4, [1.2e9]] }],
      {
        data: 64,
      },
    );
    const sized = memorySource(bytes, 3e9);
    const file = await parseTiff(sized, DEFAULT_LIMITS);
    const page = await describePage(file.ifds[0]!);
    const { blocks } = await buildLevel([{ page }], { t: 1, c: 1, z: 1 });
    const { address } = blocks;
    if (address.kind !== 'table') throw new Error('table expected');
    expect(address.offset.length).toBeGreaterThan(1);
    expect(address.length.reduce((a, b) => a + b, 0)).toBe(1.2e9);
    expect(Math.max(...address.length)).toBeLessThanOrEqual(2 ** 28);
  });

  it('puts planar samples and pages in their places', async () => {
    const tags: Tags = {
      ...PLAIN,
      258: [3, [8, 8]],
      277: [3, [2]],
      284: [3, [2]],
      259: [3, [5]],
      273: [4, [8, 20]],
      279: [4, [10, 10]],
    };
    const file = await parse(tiffBytes([tags, { ...tags, 273: [4, [30, 40]] }], { data: 64 }));
    const pages = await Promise.all(file.ifds.map((ifd) => describePage(ifd)));
    expect(gridOf(pages[0]!)).toEqual([2, 1, 1, 1]);
    const inZ = await buildLevel(
      pages.map((page) => ({ page })),
      { t: 1, c: 1, z: 2 },
    );
    expect(inZ.shape).toEqual([1, 2, 2, 6, 8]);
    expect(inZ.blocks.address).toMatchObject({ offset: Float64Array.of(8, 30, 20, 40) });
    const inC = await buildLevel([{ page: pages[0]! }, undefined], { t: 1, c: 2, z: 1 });
    expect(inC.shape).toEqual([1, 4, 1, 6, 8]);
    expect(inC.blocks.address).toMatchObject({ offset: Float64Array.of(8, 20, -1, -1) });
  });

  it('describes pages of one kind without looking twice, and notices those of another', async () => {
    const tags: Tags[] = [PLAIN, PLAIN, { ...PLAIN, 256: [3, [4]], 279: [4, [24]] }, PLAIN];
    const file = await parse(tiffBytes(tags));
    let before = await describePage(file.ifds[0]!);
    const widths: number[] = [];
    for (const ifd of file.ifds) {
      before = await describePage(ifd, before);
      expect(before.ifd).toBe(ifd);
      widths.push(before.width);
    }
    expect(widths).toEqual([8, 8, 4, 8]);
  });

  it('refuses grids that the offsets cannot fill', async () => {
    await expect(level({ ...PLAIN, 257: [4, [2 ** 30]], 278: [3, [1]] })).rejects.toMatchObject({
      code: 'TIFF_BLOCK_COUNT',
    });
  });

  it('refuses tiles that are too large to decode', async () => {
    const tags: Tags = {
      ...PLAIN,
      259: [3, [5]],
      322: [4, [2 ** 20]],
      323: [4, [2 ** 20]],
      324: [4, [8]],
      325: [4, [48]],
    };
    delete tags[273];
    await expect(level(tags)).rejects.toMatchObject({ code: 'BLOCK_SIZE', blame: 'limit' });
  });

  it('refuses headers that claim gigabytes in a few bytes', async () => {
    await expect(level({ ...PLAIN, 256: [4, [65535]], 257: [4, [65535]], 278: [4, [65535]] })).rejects.toMatchObject({
      code: 'TIFF_TRUNCATED',
    });
  });

  it('finds planes behind one directory', async () => {
    const file = await parse(tiffBytes([PLAIN], { data: 48 * 3 }));
    const tables = await stackTables(await describePage(file.ifds[0]!), 4);
    expect(tables?.map((table) => table.offset[0])).toEqual([8, 56, 104, 152]);
    expect(tables?.map((table) => table.length[0]).slice(0, 3)).toEqual([48, 48, 48]);
  });

  it('reads ten million offsets quickly', async () => {
    const n = 10_000_000;
    const head = tiffBytes([
      { ...PLAIN, 259: [3, [5]], 257: [4, [n]], 278: [3, [1]], 273: [4, [0, 0]], 279: [4, [0, 0]] },
    ]);
    const file = new Uint8Array(head.length + 8 * n);
    file.set(head);
    const view = new DataView(file.buffer);
    for (let i = 0; i < n; i++) {
      view.setUint32(head.length + 4 * i, 8, true);
      view.setUint32(head.length + 4 * (n + i), 1, true);
    }
    const parsed = await parse(file);
    for (const [tag, at] of [
      [273, head.length],
      [279, head.length + 4 * n],
    ] as const) {
      const entry = parsed.ifds[0]!.list().findIndex((e) => e.tag === tag);
      const p = parsed.ifds[0]!.offset + 2 + 12 * entry;
      view.setUint32(p + 4, n, true);
      view.setUint32(p + 8, at, true);
    }
    const again = await parse(file);
    const table = await blockTable(await describePage(again.ifds[0]!));
    expect(table.offset).toHaveLength(n);
    expect(table.lost).toBe(0);
  }, 20_000);
});
