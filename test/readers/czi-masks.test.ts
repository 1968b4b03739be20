// Masks of valid pixels in stitched mosaics. The first case is that of libCZI's own tests: a checkerboard over a square.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ImageSource } from '../../src/core/contracts.js';
import { LevelReader } from '../../src/pipeline/read.js';
import { type TestSubblock, writeCzi } from '../../src/testing/czi-writer.js';
import { openWith } from './fixture-suite.js';

const folder = mkdtempSync(join(tmpdir(), 'imgconv-masks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MASK = '67eae3cbfc5b2b49a16aece378031448';

/** An attachment with another chunk before that of the mask. */
function attachment(width: number, height: number, stride: number, bits: Uint8Array, kind = 0): Uint8Array {
  const chunk = (id: string, data: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(data.length);
    return Buffer.concat([Buffer.from(id, 'hex'), length, data]);
  };
  const head = Buffer.alloc(16);
  for (const [i, value] of [width, height, kind, stride].entries()) head.writeUInt32LE(value, 4 * i);
  return Buffer.concat([
    chunk('00112233445566778899aabbccddeeff', Buffer.from('abc')),
    chunk(MASK, Buffer.concat([head, bits])),
  ]);
}

const plain = (value: number, at: number, M: number, more: Partial<TestSubblock> = {}): TestSubblock => ({
  x: at,
  y: at,
  width: 4,
  height: 4,
  pixelType: 0,
  compression: 0,
  data: new Uint8Array(16).fill(value),
  at: { M },
  ...more,
});

function open(name: string, subblocks: readonly TestSubblock[], options: Record<string, string> = {}) {
  writeFileSync(join(folder, name), writeCzi({ subblocks }));
  return openWith('czi', join(folder, name), options);
}

/** Pixels of the first plane, read in bands of so many rows. */
async function pixels(image: ImageSource, rows: number): Promise<number[]> {
  const [, , , height, width] = image.levels[0].shape;
  const damage: unknown[] = [];
  const reader = new LevelReader(image.levels[0], image.type, { damage: (row) => damage.push(row) });
  const out: number[] = [];
  for (let y = 0; y < height; y += rows) {
    const shape = [1, 1, 1, Math.min(rows, height - y), width] as const;
    out.push(...Array.from(await reader.read({ start: [0, 0, 0, y, 0], shape }), Number));
  }
  reader.close();
  expect(damage).toEqual([]);
  return out;
}

const CHECKERS = Uint8Array.of(0xa0, 0x50, 0xa0, 0x50);

describe('czi: masks of valid pixels', () => {
  it('leave what lies below', async () => {
    const over = plain(255, 2, 1, { attachment: attachment(4, 4, 1, CHECKERS) });
    const { dataset, notices } = await open('checkers.czi', [plain(1, 0, 0), over]);
    expect(notices.filter(({ code }) => code === 'CZI_MASK')).toEqual([]);
    const seen = await pixels(dataset.images[0]!, 6);
    for (let y = 0; y < 6; y++)
      for (let x = 0; x < 6; x++) {
        const below = x < 4 && y < 4 ? 1 : 0;
        const valid = x >= 2 && y >= 2 && (x + y) % 2 === 0;
        expect(seen[y * 6 + x], `x ${x} y ${y}`).toBe(valid ? 255 : below);
      }
  });

  it('are ignored when told to', async () => {
    const over = plain(255, 2, 1, { attachment: attachment(4, 4, 1, CHECKERS) });
    const { dataset } = await open('ignored.czi', [plain(1, 0, 0), over], { masks: 'ignore' });
    expect((await pixels(dataset.images[0]!, 6)).filter((value) => value === 255)).toHaveLength(16);
  });

  it('do not hide what a tile stores where nothing lies below', async () => {
    const alone = plain(9, 0, 0, { attachment: attachment(4, 4, 1, CHECKERS) });
    const { dataset } = await open('alone.czi', [alone]);
    expect(await pixels(dataset.images[0]!, 4)).toEqual(new Array(16).fill(9));
    const { dataset: apart } = await open('apart.czi', [alone, { ...alone, x: 4, at: { M: 1 } }], { mosaic: 'tiles' });
    expect(await pixels(apart.images[1]!, 4)).toEqual(new Array(16).fill(9));
  });

  it.each([
    ['another size', attachment(5, 4, 1, CHECKERS)],
    ['another kind', attachment(4, 4, 1, CHECKERS, 1)],
    ['too few bits', attachment(4, 4, 1, CHECKERS.subarray(0, 3))],
  ])('of %s are told and not applied', async (_, odd) => {
    const { dataset, notices } = await open('odd.czi', [plain(1, 0, 0), plain(255, 2, 1, { attachment: odd })]);
    expect(notices).toContainEqual(expect.objectContaining({ code: 'CZI_MASK', rank: 'loss' }));
    expect((await pixels(dataset.images[0]!, 6)).filter((value) => value === 255)).toHaveLength(16);
  });

  it.each([1, 5, 7, 30])('cut compressed tiles alike in bands of %i rows', async (rows) => {
    const tiles = JSON.parse(readFileSync('fixtures/czi/tiles.json', 'utf8')) as Record<string, { base64: string }>;
    const tile = {
      width: 24,
      height: 16,
      pixelType: 1,
      compression: 5,
      data: Buffer.from(tiles['zstd-gray16']!.base64, 'base64'),
    };
    const single = await open('single.czi', [{ x: 0, y: 0, ...tile }]);
    const stored = await pixels(single.dataset.images[0]!, 16);
    // Rows of 4 bytes where 3 would do; a pattern without a period of 8.
    const bits = new Uint8Array(4 * 16).map((_, i) => (i * 151 + 73) & 255);
    const valid = (x: number, y: number): boolean => ((bits[4 * y + (x >> 3)]! >> (7 - (x & 7))) & 1) === 1;
    const masked = { ...tile, attachment: attachment(24, 16, 4, bits) };
    const subblocks = [
      { x: 0, y: 0, ...tile, at: { M: 0 } },
      { x: 5, y: 3, ...masked, at: { M: 1 } },
      { x: 11, y: 9, ...masked, at: { M: 2 } },
    ];
    const { dataset } = await open('bands.czi', subblocks);
    const [, , , height, width] = dataset.images[0]!.levels[0].shape;
    const expected = new Array<number>(width * height).fill(0);
    for (const { x: left, y: top, at } of subblocks)
      for (let y = 0; y < 16; y++)
        for (let x = 0; x < 24; x++)
          if (at.M === 0 || valid(x, y)) expected[(top + y) * width + left + x] = stored[y * 24 + x]!;
    expect(await pixels(dataset.images[0]!, rows)).toEqual(expected);
  });
});
