// Raster fixtures: what every reader of such files must hold to. The manifests come from the generators beside the files.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset, FormatReader, Notice } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { openTree } from '../../src/io/tree.js';
import { LevelReader } from '../../src/pipeline/read.js';
import { random } from '../kernels/model.js';

interface Expected {
  readonly sha256: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly planes: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
  readonly notices?: readonly string[];
  readonly significantBits?: number;
  readonly samplesPerPixel?: number;
  readonly physicalSize?: readonly number[] | null;
  /** Entries of the colour table; 0: none. */
  readonly palette?: number;
  readonly original?: Readonly<Record<string, string>>;
  readonly date?: string;
  readonly description?: string;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function openFile(reader: FormatReader, path: string, options: Readonly<Record<string, string>> = {}) {
  const input = await openTree(path);
  const notices: Notice[] = [];
  const dataset = await reader.open(input, {
    limits: DEFAULT_LIMITS,
    notice: (notice) => void notices.push(notice),
    reader: options,
  });
  await input.close();
  return { dataset, notices };
}

/** Hashes of all planes in the order t, c, z. */
async function planesOf(dataset: Dataset, damage?: () => void): Promise<string[]> {
  const image = dataset.images[0]!;
  const [t, c, z, y, x] = image.levels[0].shape;
  const reader = new LevelReader(image.levels[0], image.type, { damage });
  const planes: string[] = [];
  for (let i = 0; i < t * c * z; i++) {
    const start = [Math.floor(i / (c * z)), Math.floor(i / z) % c, i % z, 0, 0] as const;
    const pixels = await reader.read({ start, shape: [1, 1, 1, y, x] });
    planes.push(sha256(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)));
  }
  await reader.close();
  return planes;
}

export function describeRaster(reader: FormatReader, folder = `fixtures/${reader.id}`): void {
  const { files } = JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8')) as { files: Record<string, Expected> };
  const names = Object.keys(files);

  describe(`${reader.id} fixtures`, () => {
    it('exist', () => expect(names.length).toBeGreaterThan(4));
    for (const name of names) {
      it(name, async () => {
        const want = files[name]!;
        const path = `${folder}/${name}`;
        const bytes = readFileSync(path);
        // Without a signature only the name makes it sure.
        const named = reader.id === 'tga' ? name : 'x';
        expect(
          reader.probe({ head: bytes.subarray(0, 4096), name: named, isFolder: false }).score,
        ).toBeGreaterThanOrEqual(75);
        const { dataset, notices } = await openFile(reader, path, want.options);
        const image = dataset.images[0]!;
        expect(image.type).toBe(want.type);
        expect(image.levels[0].shape).toEqual(want.shape);
        expect(await planesOf(dataset)).toEqual(want.planes);
        expect(notices.map((n) => n.code)).toEqual(want.notices ?? []);
        const { Pixels, AcquisitionDate, Description } = dataset.ome.Images[0]!;
        expect(Pixels.Channels.reduce((sum, c) => sum + (c.SamplesPerPixel ?? 1), 0)).toBe(Pixels.SizeC);
        if (want.significantBits !== undefined) expect(Pixels.SignificantBits).toBe(want.significantBits);
        if (want.samplesPerPixel !== undefined) expect(Pixels.Channels[0]!.SamplesPerPixel).toBe(want.samplesPerPixel);
        if (want.physicalSize !== undefined) {
          const [x, y] = want.physicalSize ?? [];
          if (x === undefined || y === undefined) expect(Pixels.PhysicalSizeX).toBeUndefined();
          else {
            expect(Pixels.PhysicalSizeX?.value).toBeCloseTo(x, 6);
            expect(Pixels.PhysicalSizeY?.value).toBeCloseTo(y, 6);
          }
        }
        if (want.palette === 0) expect(image.palette).toBeUndefined();
        else if (want.palette !== undefined) expect(image.palette?.rgb.length).toBe(3 * want.palette);
        for (const [key, value] of Object.entries(want.original ?? {})) {
          expect(dataset.original).toContainEqual({ key, value });
        }
        if (want.date) expect(AcquisitionDate).toBe(want.date);
        if (want.description) expect(Description).toBe(want.description);
      });
    }
  });

  describe(`${reader.id} files that are cut or broken`, () => {
    for (const name of names) {
      it(name, async () => {
        const { options } = files[name]!;
        const whole = readFileSync(`${folder}/${name}`);
        const next = random(whole.length);
        const scratch = await mkdtemp(join(tmpdir(), 'imgconv-raster-'));
        try {
          for (let i = 0; i < 16; i++) {
            const bytes = Uint8Array.from(whole.subarray(0, i < 8 ? Math.floor((whole.length * i) / 8) : whole.length));
            if (i >= 8) for (let k = 0; k < 3; k++) bytes[Math.floor(next() ** 2 * bytes.length)] = next() * 256;
            const path = join(scratch, name);
            await writeFile(path, bytes);
            await tolerated(reader, path, options);
          }
        } finally {
          await rm(scratch, { recursive: true });
        }
      });
    }
  });
}

/** Anything but an expected error or pixels is a fault. */
async function tolerated(
  reader: FormatReader,
  path: string,
  options?: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    const { dataset } = await openFile(reader, path, options);
    const { shape } = dataset.images[0]!.levels[0];
    if (shape.reduce((a, b) => a * b, 1) > 2 ** 22) return;
    await planesOf(dataset, () => {});
  } catch (error) {
    expect(error).toBeInstanceOf(ImgconvError);
    expect((error as ImgconvError).blame).toMatch(/format|limit|unsupported/);
  }
}
