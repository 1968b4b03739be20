// Fixtures of readers that share a container: as fixture-suite.ts, but the reader is chosen as the program chooses it.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readers } from '../../readers/index.js';
import { chooseReader, probeAll } from '../../src/app/probe.js';
import type { Dataset, ImageSource, Notice } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { openTree } from '../../src/io/tree.js';
import { LevelReader } from '../../src/pipeline/read.js';
import { type Fixture, planeHashes, readManifest, sha256 } from './fixture-suite.js';

export interface Opened {
  readonly dataset: Dataset;
  readonly notices: readonly Notice[];
}

/** Opened by the reader that wins, which must be `id` (unless it is undefined). */
export async function openBest(
  id: string,
  path: string,
  reader: Readonly<Record<string, string>> = {},
): Promise<Opened> {
  const tree = await openTree(path);
  try {
    const chosen = chooseReader(await probeAll(readers, tree), tree);
    expect(chosen.id).toBe(id);
    const notices: Notice[] = [];
    const dataset = await chosen.open(tree, { limits: DEFAULT_LIMITS, notice: (n) => void notices.push(n), reader });
    return { dataset, notices };
  } finally {
    await tree.close();
  }
}

/** Numbers that repeat in every run. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Cuts files of a data set that is a folder, and changes bytes of them: opening and reading it gives values or a clear error. */
export async function damageFolder(id: string, source: string, files: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `imgconv-${id}-`));
  const reader = readers.find((each) => each.id === id)!;
  const next = random(7);
  const pick = (n: number): number => Math.floor(next() * n);
  try {
    cpSync(source, folder, { recursive: true });
    for (const file of files) {
      const whole = readFileSync(join(source, file));
      for (let k = 0; k < 80; k++) {
        const bytes = Buffer.from(k < 40 ? whole.subarray(0, Math.floor((whole.length * k) / 40)) : whole);
        if (k >= 40) for (let i = 0; i < 3; i++) bytes[pick(bytes.length)] = pick(256);
        writeFileSync(join(folder, file), bytes);
        const tree = await openTree(folder);
        try {
          const dataset = await reader.open(tree, { limits: DEFAULT_LIMITS, notice: () => undefined, reader: {} });
          for (const image of dataset.images) if (image.levels[0].shape.every((n) => n < 64)) await planeHashes(image);
        } catch (error) {
          if (!(error instanceof ImgconvError)) throw error;
          expect(['format', 'unsupported', 'limit', 'io']).toContain(error.blame);
        } finally {
          await tree.close();
        }
      }
      writeFileSync(join(folder, file), whole);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function checkImages(dataset: Dataset, fixture: Fixture): Promise<void> {
  expect(dataset.images.length).toBe(fixture.images.length);
  let damaged = 0;
  for (const [i, wanted] of fixture.images.entries()) {
    const image = dataset.images[i]!;
    const { Pixels } = dataset.ome.Images[i]!;
    expect(image.type).toBe(wanted.type);
    expect(image.levels[0].shape).toEqual(wanted.shape);
    expect([Pixels.SizeT, Pixels.SizeC, Pixels.SizeZ, Pixels.SizeY, Pixels.SizeX]).toEqual(wanted.shape);
    expect(Pixels.Channels.reduce((n, channel) => n + (channel.SamplesPerPixel ?? 1), 0)).toBe(Pixels.SizeC);
    const { hashes, damage } = await planeHashes(image);
    damaged += damage;
    expect(hashes).toEqual(wanted.planes);
    for (const [axis, value] of (wanted.physicalSize ?? []).entries()) {
      const size = [Pixels.PhysicalSizeX, Pixels.PhysicalSizeY, Pixels.PhysicalSizeZ][axis];
      if (value === null) expect(size).toBeUndefined();
      else expect(size).toEqual({ value: expect.closeTo(value, 6), unit: wanted.unit ?? 'µm' });
    }
  }
  expect(damaged > 0).toBe((fixture.damage ?? 0) > 0);
}

/** Random boxes equal the same boxes of whole planes, in any order. */
export async function checkRegions(image: ImageSource, seed: number): Promise<void> {
  const next = random(seed);
  const [level] = image.levels;
  const [nt, nc, nz, ny, nx] = level.shape;
  const options = { damage: () => undefined };
  const reader = new LevelReader(level, image.type, options);
  const below = (n: number): number => Math.floor(next() * n);
  for (let turn = 0; turn < 6; turn++) {
    const [t, c, z, y, x] = [below(nt), below(nc), below(nz), below(ny), below(nx)];
    const [h, w] = [1 + below(ny - y), 1 + below(nx - x)];
    const whole = await reader.read({ start: [t, c, z, 0, 0], shape: [1, 1, 1, ny, nx] });
    const part = await new LevelReader(level, image.type, options).read({
      start: [t, c, z, y, x],
      shape: [1, 1, 1, h, w],
    });
    for (let j = 0; j < h; j++)
      for (let i = 0; i < w; i++)
        if (part[j * w + i] !== whole[(y + j) * nx + x + i]) throw new Error(`differs at ${y + j}, ${x + i}`);
  }
  reader.close();
}

/** Open and read broken bytes: values or a clear error, nothing else. */
async function survive(
  id: string,
  file: string,
  bytes: Uint8Array,
  options: Readonly<Record<string, string>>,
): Promise<void> {
  writeFileSync(file, bytes);
  const tree = await openTree(file);
  try {
    const reader = readers.find((each) => each.id === id)!;
    await probeAll(readers, tree);
    const dataset = await reader.open(tree, {
      limits: { ...DEFAULT_LIMITS, blockBytes: 2 ** 24 },
      notice: () => undefined,
      reader: options,
    });
    for (const image of dataset.images) {
      const [nt, nc, nz, ny, nx] = image.levels[0].shape;
      if (nt * nc * nz < 500 && nt * nc * nz * ny * nx < 2 ** 24) await planeHashes(image);
    }
  } catch (error) {
    if (!(error instanceof ImgconvError)) throw error;
    expect(['format', 'unsupported', 'limit', 'io'], error.message).toContain(error.blame);
    expect(error.message).not.toMatch(/\n/);
  } finally {
    await tree.close();
  }
}

/** Truncations and mutations of a fixture, beside copies of its neighbours' names only. */
export function describeDamage(id: string, name: string, options: Readonly<Record<string, string>> = {}): void {
  const whole = readFileSync(`fixtures/${id}/${name}`);
  const inFolder = async (run: (file: string) => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'imgconv-damage-'));
    try {
      await run(join(folder, name));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  it(`${name} cut anywhere`, async () =>
    inFolder(async (file) => {
      const step = Math.max(1, Math.floor(whole.length / 40));
      for (let length = 0; length < whole.length; length += step)
        await survive(id, file, whole.subarray(0, length), options);
    }));
  it(`${name} with wrong bytes`, async () =>
    inFolder(async (file) => {
      const next = random(whole.length);
      for (let turn = 0; turn < 120; turn++) {
        const bytes = Uint8Array.from(whole);
        const count = 1 + Math.floor(next() * 4);
        for (let k = 0; k < count; k++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
        await survive(id, file, bytes, options);
      }
    }));
}

export function describeVendor(
  id: string,
  damage: readonly string[],
  options: Readonly<Record<string, string>> = {},
): void {
  const folder = `fixtures/${id}`;
  const manifest = readManifest(folder).filter(([name]) => name !== '_');
  describe(`${id}: fixtures`, () => {
    it('has some', () => expect(manifest.length).toBeGreaterThan(0));
    it.each(manifest)('%s', async (name, fixture) => {
      expect(sha256(readFileSync(`${folder}/${name}`))).toBe(fixture.sha256);
      const { dataset } = await openBest(id, `${folder}/${name}`, options);
      expect(dataset.format).toBe(id);
      await checkImages(dataset, fixture);
      for (const [i, image] of dataset.images.entries()) await checkRegions(image, i + 1);
    });
    for (const name of damage) describeDamage(id, name, options);
  });
}
