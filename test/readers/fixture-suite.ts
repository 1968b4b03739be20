// Fixtures against their manifests: the right reader wins the probe, pixels have the recorded hashes, truncated files fail clearly.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readers } from '../../readers/index.js';
import { probeAll } from '../../src/app/probe.js';
import type { Dataset, ImageSource, Notice } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { openTree } from '../../src/io/tree.js';
import { LevelReader } from '../../src/pipeline/read.js';

export interface FixtureImage {
  readonly type: string;
  readonly shape: readonly number[];
  readonly planes: readonly string[];
  readonly physicalSize?: readonly (number | null)[] | null;
  readonly unit?: string;
  readonly samples?: number;
}

export interface Fixture {
  readonly sha256: string;
  readonly images: readonly FixtureImage[];
  /** Blocks that the input lacks or breaks. */
  readonly damage?: number;
  readonly [fact: string]: unknown;
}

export interface Opened {
  readonly dataset: Dataset;
  readonly notices: readonly Notice[];
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Open with the reader that wins the probe, which must be `id`. */
export async function openWith(
  id: string,
  path: string,
  options: Readonly<Record<string, string>> = {},
): Promise<Opened> {
  const tree = await openTree(path);
  const scores = (await probeAll(readers, tree)).map(({ reader, verdict }) => ({ reader, score: verdict.score }));
  expect(scores[0]!.reader.id).toBe(id);
  expect(scores[1]!.score).toBeLessThan(scores[0]!.score);
  const notices: Notice[] = [];
  try {
    const limits = DEFAULT_LIMITS;
    const dataset = await scores[0]!.reader.open(tree, {
      limits,
      notice: (n) => void notices.push(n),
      reader: options,
    });
    return { dataset, notices };
  } finally {
    await tree.close();
  }
}

/** Hash of every plane, t then c then z, and the number of damaged blocks. */
export async function planeHashes(image: ImageSource, level = 0): Promise<{ hashes: string[]; damage: number }> {
  const { shape } = image.levels[level]!;
  const [nt, nc, nz, ny, nx] = shape;
  let damage = 0;
  const reader = new LevelReader(image.levels[level]!, image.type, { damage: () => void damage++ });
  const hashes: string[] = [];
  for (let t = 0; t < nt; t++) {
    for (let c = 0; c < nc; c++) {
      for (let z = 0; z < nz; z++) {
        const data = await reader.read({ start: [t, c, z, 0, 0], shape: [1, 1, 1, ny, nx] });
        hashes.push(sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
      }
    }
  }
  reader.close();
  return { hashes, damage };
}

const MICRO: Readonly<Record<string, number>> = { µm: 1, nm: 1e-3, mm: 1e3, Å: 1e-4 };

async function checkImages(dataset: Dataset, fixture: Fixture): Promise<void> {
  expect(dataset.images.length).toBe(fixture.images.length);
  let damaged = 0;
  for (const [i, wanted] of fixture.images.entries()) {
    const image = dataset.images[i]!;
    const { Pixels } = dataset.ome.Images[i]!;
    expect(image.type).toBe(wanted.type);
    expect(image.levels[0].shape).toEqual(wanted.shape);
    expect([Pixels.SizeT, Pixels.SizeC, Pixels.SizeZ, Pixels.SizeY, Pixels.SizeX]).toEqual(wanted.shape);
    expect(Pixels.Channels.reduce((n, channel) => n + (channel.SamplesPerPixel ?? 1), 0)).toBe(Pixels.SizeC);
    if (wanted.samples) expect(Pixels.Channels[0]!.SamplesPerPixel).toBe(wanted.samples);
    const { hashes, damage } = await planeHashes(image);
    damaged += damage;
    expect(hashes).toEqual(wanted.planes);
    for (const [axis, value] of (wanted.physicalSize ?? []).entries()) {
      const size = [Pixels.PhysicalSizeX, Pixels.PhysicalSizeY, Pixels.PhysicalSizeZ][axis];
      if (value === null) expect(size).toBeUndefined();
      else if (wanted.unit) expect(size).toEqual({ value: expect.closeTo(value, 6), unit: wanted.unit });
      else expect(size!.value * MICRO[size!.unit]!).toBeCloseTo(size!.unit === 'Å' ? value * 1e-4 : value, 7);
    }
  }
  expect(damaged > 0).toBe((fixture.damage ?? 0) > 0);
}

/** A random box must equal the same box of the whole plane. */
async function checkRegions(dataset: Dataset): Promise<void> {
  const [image] = dataset.images;
  const [level] = image!.levels;
  const [, , , ny, nx] = level.shape;
  const whole = await new LevelReader(level, image!.type, { damage: () => undefined }).read({
    start: [0, 0, 0, 0, 0],
    shape: [1, 1, 1, ny, nx],
  });
  const [y, x, h, w] = [ny >> 2, nx >> 2, Math.max(1, ny >> 1), Math.max(1, nx >> 1)];
  const part = await new LevelReader(level, image!.type, { damage: () => undefined }).read({
    start: [0, 0, 0, y, x],
    shape: [1, 1, 1, h, w],
  });
  for (let j = 0; j < h; j++) for (let i = 0; i < w; i++) expect(part[j * w + i]).toBe(whole[(y + j) * nx + x + i]);
}

/** Opening a cut file gives a data set or a clear error, never anything else. */
async function checkTruncations(id: string, path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'imgconv-cut-'));
  const whole = readFileSync(path);
  const reader = readers.find((each) => each.id === id)!;
  const step = Math.max(1, Math.floor(whole.length / 40));
  try {
    for (let length = 0; length < whole.length; length += step) {
      const file = join(folder, path.replace(/^.*\//, ''));
      writeFileSync(file, whole.subarray(0, length));
      const tree = await openTree(file);
      try {
        const dataset = await reader.open(tree, { limits: DEFAULT_LIMITS, notice: () => undefined, reader: {} });
        for (const image of dataset.images) await planeHashes(image);
      } catch (error) {
        if (!(error instanceof ImgconvError)) throw error;
        expect(['format', 'unsupported', 'limit', 'io']).toContain(error.blame);
        expect(error.message).not.toMatch(/\n/);
      } finally {
        await tree.close();
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function readManifest(folder: string): [name: string, fixture: Fixture][] {
  return Object.entries(JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8')) as Record<string, Fixture>);
}

/** The dull part of every reader's tests. */
export function describeFixtures(id: string, truncate: readonly string[]): void {
  const folder = `fixtures/${id}`;
  const manifest = readManifest(folder);
  describe(`${id}: fixtures`, () => {
    it('has some', () => expect(manifest.length).toBeGreaterThan(0));
    it.each(manifest)('%s', async (name, fixture) => {
      expect(sha256(readFileSync(`${folder}/${name}`))).toBe(fixture.sha256);
      const { dataset } = await openWith(id, `${folder}/${name}`);
      await checkImages(dataset, fixture);
      await checkRegions(dataset);
    });
    it.each(truncate)('%s cut anywhere', async (name) => checkTruncations(id, `${folder}/${name}`));
  });
}
