import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { BlockMap } from '../../src/core/blocks.js';
import type { Level } from '../../src/core/contracts.js';
import { gridCounts, type Tczyx } from '../../src/core/geometry.js';
import { asPixels, bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';
import type { ConvertJob, ImageJob, OutputLevel, StreamChunk } from '../../src/pipeline/contract.js';
import { planExecution, readBack } from '../../src/pipeline/plan.js';
import { readRegion } from '../../src/pipeline/read.js';
import { runJob } from '../../src/pipeline/run.js';

const folder = mkdtempSync(join(tmpdir(), 'imgconv-engine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A fixed pseudo-random pixel of a position. */
const value = (t: number, c: number, z: number, y: number, x: number): number =>
  (Math.imul(t * 7919 + c * 104_729 + z * 1_299_709 + y * 15_485 + x * 32_452, 2_654_435_761) >>> 7) & 0xffff;

/** A uint16 or uint8 image on disk, in raw blocks of this shape. */
function makeLevel(
  name: string,
  shape: Tczyx,
  block: Tczyx,
  order: string,
  type: PixelType,
  options: { edge?: 'padded' | 'clipped'; missing?: number } = {},
): Level {
  const { edge = 'clipped', missing = -1 } = options;
  const counts = gridCounts(shape, block);
  const n = counts.reduce((a, b) => a * b, 1);
  const size = bytesPerSample(type);
  const parts: Uint8Array[] = [];
  const offset = new Float64Array(n);
  const length = new Float64Array(n);
  let at = 16;
  parts.push(new Uint8Array(16).fill(0xee));
  let i = 0;
  const axes = [...order].map((a) => 'tczyx'.indexOf(a));
  for (let t = 0; t < counts[0]; t++)
    for (let c = 0; c < counts[1]; c++)
      for (let z = 0; z < counts[2]; z++)
        for (let y = 0; y < counts[3]; y++)
          for (let x = 0; x < counts[4]; x++, i++) {
            const start = [t, c, z, y, x].map((p, a) => p * block[a]!);
            const dims = start.map((s, a) => (edge === 'padded' ? block[a]! : Math.min(block[a]!, shape[a]! - s)));
            const count = dims.reduce((a, b) => a * b, 1);
            const bytes = new Uint8Array(count * size);
            const pixels = asPixels(bytes, type);
            for (let k = 0; k < count; k++) {
              const position = [0, 0, 0, 0, 0];
              let rest = k;
              for (let a = 4; a >= 0; a--) {
                const axis = axes[a]!;
                position[axis] = start[axis]! + (rest % dims[axis]!);
                rest = Math.floor(rest / dims[axis]!);
              }
              pixels[k] = value(position[0]!, position[1]!, position[2]!, position[3]!, position[4]!);
            }
            offset[i] = i === missing ? -1 : at;
            length[i] = i === missing ? 0 : bytes.length;
            parts.push(bytes);
            at += bytes.length;
          }
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat(parts));
  const blocks: BlockMap = {
    layout: { kind: 'grid', block, edge },
    address: { kind: 'table', file: 0, offset, length },
    files: [file],
    chains: [{ codecs: [], order }],
    fill: 0,
    absent: 'missing',
  };
  return { shape, blocks };
}

/** What the level should hold: reduced by means, integers rounded half up. */
function expected(
  level: number,
  shape: Tczyx,
  type: PixelType,
  at: (t: number, c: number, z: number, y: number, x: number) => number,
): number[] {
  const mask = 2 ** (8 * bytesPerSample(type)) - 1;
  const out: number[] = [];
  const cache = new Map<string, number>();
  const get = (l: number, t: number, c: number, z: number, y: number, x: number, h: number, w: number): number => {
    if (l === 0) return at(t, c, z, y, x) & mask;
    const key = `${l},${t},${c},${z},${y},${x}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const [h2, w2] = [sizes[l - 1]![0]!, sizes[l - 1]![1]!];
    const ys = [2 * y, 2 * y + 1].filter((v) => v < h2);
    const xs = [2 * x, 2 * x + 1].filter((v) => v < w2);
    let sum = 0;
    for (const b of ys) for (const a of xs) sum += get(l - 1, t, c, z, b, a, h, w);
    const n = ys.length * xs.length;
    const mean = Math.floor((sum + n / 2) / n);
    cache.set(key, mean);
    return mean;
  };
  const sizes: [number, number][] = [[shape[3], shape[4]]];
  for (let l = 1; l <= level; l++) sizes.push([Math.ceil(sizes[l - 1]![0] / 2), Math.ceil(sizes[l - 1]![1] / 2)]);
  const [h, w] = sizes[level]!;
  for (let t = 0; t < shape[0]; t++)
    for (let c = 0; c < shape[1]; c++)
      for (let z = 0; z < shape[2]; z++)
        for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) out.push(get(level, t, c, z, y, x, h, w));
  return out;
}

interface OutputKind {
  chunk: Tczyx;
  inner?: Tczyx;
  order?: string;
  edge?: 'padded' | 'clipped';
}

function outputs(name: string, shape: Tczyx, count: number, kind: OutputKind): [OutputLevel, ...OutputLevel[]] {
  const list: OutputLevel[] = [];
  let [h, w] = [shape[3], shape[4]];
  for (let l = 0; l < count; l++) {
    const levelShape: Tczyx = [shape[0], shape[1], shape[2], h, w];
    const key = { prefix: 'c/', separator: '/', axes: [0, 1, 2, 3, 4] } as const;
    list.push({
      shape: levelShape,
      chunk: kind.chunk.map((n, i) => Math.min(n, kind.edge === 'padded' ? n : levelShape[i]!)) as unknown as Tczyx,
      edge: kind.edge ?? 'padded',
      chain: { codecs: [], order: kind.order ?? 'tczyx' },
      address: kind.inner
        ? {
            kind: 'shards',
            folder: join(folder, name, String(l)),
            key,
            inner: kind.inner,
            indexAt: 'end',
            indexChecksum: true,
          }
        : { kind: 'files', folder: join(folder, name, String(l)), key },
      skipFill: true,
    });
    h = Math.ceil(h / 2);
    w = Math.ceil(w / 2);
  }
  return list as [OutputLevel, ...OutputLevel[]];
}

function job(
  source: Level,
  type: PixelType,
  out: [OutputLevel, ...OutputLevel[]],
  more: Partial<ImageJob> = {},
  workers = 1,
): ConvertJob {
  return {
    images: [
      {
        name: 'test',
        source,
        type,
        select: { y: 0, x: 0 },
        reduction: 'mean',
        fill: 0,
        stats: true,
        outputs: out,
        ...more,
      },
    ],
    workers,
    memory: 200 * 2 ** 20,
    blockBytes: 2 ** 30,
  };
}

async function readAll(output: OutputLevel, type: PixelType): Promise<number[]> {
  const level: Level = { shape: output.shape, blocks: readBack(output, 0) };
  return [...(await readRegion(level, type, { start: [0, 0, 0, 0, 0], shape: output.shape }))].map(Number);
}

describe('engine', () => {
  const cases: [string, Tczyx, Tczyx, string, PixelType, OutputKind][] = [
    ['strips', [1, 2, 3, 97, 130], [1, 1, 1, 16, 130], 'tczyx', 'uint16', { chunk: [1, 1, 1, 32, 32] }],
    [
      'tiles',
      [2, 1, 1, 100, 75],
      [1, 1, 1, 32, 32],
      'tczyx',
      'uint16',
      { chunk: [1, 1, 1, 64, 64], inner: [1, 1, 1, 2, 2] },
    ],
    ['rgb', [1, 3, 1, 61, 50], [1, 3, 1, 16, 16], 'tzyxc', 'uint8', { chunk: [1, 1, 1, 16, 32] }],
    ['rgb-out', [1, 3, 1, 61, 50], [1, 3, 1, 16, 16], 'tzyxc', 'uint8', { chunk: [1, 3, 1, 16, 16], order: 'tzyxc' }],
    [
      'planes',
      [1, 2, 5, 33, 41],
      [1, 2, 5, 33, 41],
      'tzyxc',
      'uint16',
      { chunk: [1, 1, 1, 16, 16], inner: [1, 1, 4, 2, 4] },
    ],
    ['volume', [1, 1, 9, 40, 40], [1, 1, 4, 16, 16], 'tczyx', 'uint16', { chunk: [1, 1, 3, 16, 16] }],
    [
      'odd-chunks',
      [1, 1, 1, 101, 99],
      [1, 1, 1, 7, 99],
      'tczyx',
      'uint16',
      { chunk: [1, 1, 1, 13, 11], edge: 'clipped' },
    ],
    ['columns', [1, 1, 1, 30, 44], [1, 1, 1, 30, 44], 'tczxy', 'uint16', { chunk: [1, 1, 1, 16, 16] }],
    ['pixel', [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], 'tczyx', 'uint16', { chunk: [1, 1, 1, 8, 8], edge: 'padded' }],
    ['thin', [3, 1, 1, 1, 65], [1, 1, 1, 1, 65], 'tczyx', 'uint16', { chunk: [1, 1, 1, 8, 8] }],
  ];
  for (const [name, shape, block, order, type, kind] of cases) {
    it(`copies and halves exactly: ${name}`, async () => {
      const source = makeLevel(`${name}.raw`, shape, block, order, type);
      const out = outputs(name, shape, 4, kind);
      const result = await runJob(job(source, type, out));
      expect(result.ledger).toEqual([]);
      for (let l = 0; l < 4; l++) expect(await readAll(out[l]!, type)).toEqual(expected(l, shape, type, value));
      const level0 = expected(0, shape, type, value);
      const perChannel = level0.length / shape[0] / shape[1];
      for (let c = 0; c < shape[1]; c++) {
        const values = Array.from({ length: shape[0] }, (_, t) =>
          level0.slice((t * shape[1] + c) * perChannel, (t * shape[1] + c + 1) * perChannel),
        ).flat();
        expect(result.stats[0]![c]!.min).toBe(Math.min(...values));
        expect(result.stats[0]![c]!.max).toBe(Math.max(...values));
      }
    });
  }

  it('selects planes and crops', async () => {
    const shape: Tczyx = [2, 3, 4, 50, 60];
    const source = makeLevel('select.raw', shape, [1, 1, 1, 8, 60], 'tczyx', 'uint16');
    const select = { t: [1], c: [2, 0], z: [1, 2], y: 5, x: 7 };
    const size: Tczyx = [1, 2, 2, 33, 40];
    const out = outputs('select', size, 2, { chunk: [1, 1, 1, 16, 16] });
    await runJob(job(source, 'uint16', out, { select }));
    const at = (_t: number, c: number, z: number, y: number, x: number): number =>
      value(1, select.c[c]!, select.z[z]!, y + 5, x + 7);
    for (let l = 0; l < 2; l++) expect(await readAll(out[l]!, 'uint16')).toEqual(expected(l, size, 'uint16', at));
  });

  it('fills missing blocks and lists them', async () => {
    const shape: Tczyx = [1, 1, 1, 64, 64];
    const source = makeLevel('missing.raw', shape, [1, 1, 1, 16, 64], 'tczyx', 'uint16', { missing: 2 });
    const out = outputs('missing', shape, 1, { chunk: [1, 1, 1, 32, 32] });
    const result = await runJob(job(source, 'uint16', out, { fill: 7 }));
    expect(result.damaged).toBe(1);
    expect(result.ledger[0]).toMatchObject({
      code: 'BLOCK_MISSING',
      start: [0, 0, 0, 32, 0],
      shape: [1, 1, 1, 16, 64],
    });
    const pixels = await readAll(out[0], 'uint16');
    expect(pixels.slice(32 * 64, 48 * 64).every((v) => v === 7)).toBe(true);
    expect(pixels[48 * 64]).toBe(value(0, 0, 0, 48, 0));
  });

  it('reports a file that ends early', async () => {
    const shape: Tczyx = [1, 1, 1, 64, 64];
    const source = makeLevel('short.raw', shape, [1, 1, 1, 64, 64], 'tczyx', 'uint16');
    const file = join(folder, 'short.raw');
    writeFileSync(file, readFileSync(file).subarray(0, 16 + 64 * 2 * 40));
    const out = outputs('short', shape, 1, { chunk: [1, 1, 1, 32, 32] });
    const result = await runJob(job(source, 'uint16', out));
    expect(result.ledger.map((row) => row.code)).toContain('BLOCK_SHORT');
    const pixels = await readAll(out[0], 'uint16');
    expect(pixels.slice(0, 40 * 64)).toEqual(expected(0, shape, 'uint16', value).slice(0, 40 * 64));
    expect(pixels.slice(40 * 64).every((v) => v === 0)).toBe(true);
  });

  it('writes the same bytes with 1 and 4 workers, cut into several passes', async () => {
    const shape: Tczyx = [1, 1, 2, 2600, 2100];
    const source = makeLevel('many.raw', shape, [1, 1, 1, 64, 2100], 'tczyx', 'uint16');
    const trees: Map<string, Buffer>[] = [];
    for (const workers of [1, 4]) {
      const out = outputs(`many${workers}`, shape, 5, { chunk: [1, 1, 1, 128, 128], inner: [1, 1, 1, 2, 2] });
      const plan = planExecution(job(source, 'uint16', out, {}, workers));
      if (workers === 4) expect(plan.phases.length).toBeGreaterThan(1);
      const result = await runJob(job(source, 'uint16', out, {}, workers));
      expect(result.ledger).toEqual([]);
      const tree = new Map<string, Buffer>();
      for (const entry of readdirSync(join(folder, `many${workers}`), { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile()) tree.set(path.slice(join(folder, `many${workers}`).length), readFileSync(path));
      }
      trees.push(tree);
    }
    expect([...trees[0]!.keys()].sort()).toEqual([...trees[1]!.keys()].sort());
    expect([...trees[0]!].filter(([name, bytes]) => !bytes.equals(trees[1]!.get(name)!)).map(([name]) => name)).toEqual(
      [],
    );
  });

  it('streams chunks in the same order with 1 and 3 workers, keeping levels for later passes', async () => {
    const shape: Tczyx = [1, 2, 1, 2200, 2000];
    const source = makeLevel('stream.raw', shape, [1, 1, 1, 64, 2000], 'tczyx', 'uint16');
    const runs: StreamChunk[][] = [];
    for (const workers of [1, 3]) {
      const out = outputs('unused', shape, 4, { chunk: [1, 1, 1, 256, 256] }).map((o) => ({
        ...o,
        address: { kind: 'stream' },
        skipFill: false,
      })) as unknown as [OutputLevel, ...OutputLevel[]];
      const chunks: StreamChunk[] = [];
      await runJob(
        { ...job(source, 'uint16', out, {}, workers), spill: join(folder, `spill${workers}`) },
        { stream: (chunk) => void chunks.push(chunk) },
      );
      runs.push(chunks);
    }
    const byKey = (chunks: StreamChunk[]): Map<string, Buffer> =>
      new Map(chunks.map((c) => [`${c.level}/${c.position}`, Buffer.from(c.bytes)]));
    const [one, three] = runs.map(byKey) as [Map<string, Buffer>, Map<string, Buffer>];
    expect(one.size).toBe(three.size);
    for (const [key, bytes] of one) expect(bytes.equals(three.get(key)!)).toBe(true);
  });

  it('stops when cancelled', async () => {
    const shape: Tczyx = [1, 1, 20, 512, 512];
    const source = makeLevel('cancel.raw', shape, [1, 1, 1, 512, 512], 'tczyx', 'uint16');
    const out = outputs('cancel', shape, 1, { chunk: [1, 1, 1, 512, 512] });
    const controller = new AbortController();
    controller.abort();
    await expect(runJob(job(source, 'uint16', out), { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});
