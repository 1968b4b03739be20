import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { omeTiff } from '../../readers/ome-tiff/format.js';
import { omeXml } from '../../readers/ome-xml/format.js';
import { validateOmeXml } from '../../src/containers/ome-xml/validate.js';
import { writeOmeXml } from '../../src/containers/ome-xml/write.js';
import type { Dataset, FormatReader, ImageSource, Level, Notice } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { openTree } from '../../src/io/tree.js';
import { LevelReader } from '../../src/pipeline/read.js';

interface ExpectedImage {
  readonly type: string;
  readonly shape: readonly number[];
  /** Hash of each plane in the order t, c, z; null: missing. */
  readonly planes: readonly (string | null)[];
  readonly levels?: readonly (readonly number[])[];
  /** Planes of the smallest level. */
  readonly last?: readonly string[];
  readonly samples?: readonly number[];
}

interface Expected {
  readonly images: readonly ExpectedImage[];
  readonly files?: Readonly<Record<string, string>>;
  readonly notices?: readonly string[];
  readonly missing?: readonly string[];
  readonly names?: readonly string[];
  readonly colors?: readonly (number | null)[];
  readonly emission?: readonly (number | null)[];
  readonly physicalSize?: readonly (readonly [number, string])[];
  readonly date?: string;
  readonly imageNames?: readonly string[];
  readonly roles?: readonly string[];
  readonly original?: readonly (readonly [number | null, string, string])[];
  readonly annotations?: number;
  readonly rois?: number;
  readonly wells?: number;
}

function manifest(folder: string): [string, Expected][] {
  const list = JSON.parse(readFileSync(`fixtures/${folder}/manifest.json`, 'utf8')) as Record<string, Expected>;
  const entries = Object.entries(list);
  expect(entries.length).toBeGreaterThan(0);
  return entries;
}

async function open(reader: FormatReader, path: string): Promise<{ dataset: Dataset; notices: Notice[] }> {
  const notices: Notice[] = [];
  const input = await openTree(path);
  try {
    const probed = reader.probe(input);
    const verdict = probed.score === 50 ? await reader.identify!(input) : probed;
    expect(verdict.score).toBe(100);
    const notice = (each: Notice): void => {
      notices.push(each);
    };
    return { dataset: await reader.open(input, { limits: DEFAULT_LIMITS, notice, reader: {} }), notices };
  } finally {
    await input.close();
  }
}

async function hashes(level: Level, type: ImageSource['type']): Promise<(string | null)[]> {
  let lost = false;
  const damage = (): void => {
    lost = true;
  };
  const reader = new LevelReader(level, type, { damage });
  const [t, c, z, y, x] = level.shape;
  const found: (string | null)[] = [];
  for (let i = 0; i < t * c * z; i++) {
    lost = false;
    const start = [Math.floor(i / (c * z)), Math.floor(i / z) % c, i % z, 0, 0] as const;
    const pixels = await reader.read({ start, shape: [1, 1, 1, y, x] });
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    if (lost) expect(bytes.every((byte) => byte === 0)).toBe(true);
    found.push(lost ? null : createHash('sha256').update(bytes).digest('hex'));
  }
  await reader.close();
  return found;
}

async function check(dataset: Dataset, expected: Expected): Promise<void> {
  expect(dataset.images).toHaveLength(expected.images.length);
  for (const [i, want] of expected.images.entries()) {
    const image = dataset.images[i]!;
    const { Pixels } = dataset.ome.Images[i]!;
    expect([image.type, image.levels[0].shape]).toEqual([want.type, want.shape]);
    expect([Pixels.SizeT, Pixels.SizeC, Pixels.SizeZ, Pixels.SizeY, Pixels.SizeX]).toEqual(want.shape);
    expect(Pixels.Channels.reduce((sum, { SamplesPerPixel = 1 }) => sum + SamplesPerPixel, 0)).toBe(want.shape[1]);
    expect(await hashes(image.levels[0], image.type)).toEqual(want.planes);
    if (want.levels) expect(image.levels.map((level) => level.shape)).toEqual(want.levels);
    if (want.last) expect(await hashes(image.levels.at(-1)!, image.type)).toEqual(want.last);
    if (want.samples) expect(Pixels.Channels.map((each) => each.SamplesPerPixel)).toEqual(want.samples);
  }
  const text = writeOmeXml(dataset.ome, { pixels: 'metadata-only', original: dataset.original });
  expect(validateOmeXml(text).filter(({ severity }) => severity === 'error')).toEqual([]);
}

describe('OME-TIFF', () => {
  it.each(manifest('ome-tiff'))('reads %s', async (name, expected) => {
    const { dataset, notices } = await open(omeTiff, `fixtures/ome-tiff/${name}`);
    await check(dataset, expected);
    const { Images } = dataset.ome;
    const channels = Images[0]!.Pixels.Channels;
    expect([...new Set(notices.map(({ code }) => code))].sort()).toEqual([...(expected.notices ?? [])].sort());
    expect((dataset.missing ?? []).map((file) => file.split('/').at(-1))).toEqual(expected.missing ?? []);
    const folder = name.includes('/') ? `${name.split('/')[0]}/` : '';
    const files = dataset.files.map((file) => folder + file.split(/[\\/]/).at(-1));
    expect(files.sort()).toEqual(Object.keys(expected.files!).sort());
    if (expected.names) expect(channels.map((each) => each.Name)).toEqual(expected.names);
    if (expected.colors) expect(channels.map((each) => each.Color ?? null)).toEqual(expected.colors);
    if (expected.emission)
      expect(channels.map((each) => each.EmissionWavelength?.value ?? null)).toEqual(expected.emission);
    if (expected.date) expect(Images[0]!.AcquisitionDate).toBe(expected.date);
    if (expected.imageNames) expect(dataset.images.map((image) => image.name)).toEqual(expected.imageNames);
    if (expected.roles) expect(dataset.images.map((image) => image.role)).toEqual(expected.roles);
    expect(dataset.ome.Annotations?.length ?? 0).toBe(expected.annotations ?? 0);
    expect(dataset.ome.ROIs?.length ?? 0).toBe(expected.rois ?? 0);
    expect(dataset.ome.Plates?.[0]?.Wells.length ?? 0).toBe(expected.wells ?? 0);
    if (expected.physicalSize) {
      const { PhysicalSizeX, PhysicalSizeY } = Images[0]!.Pixels;
      expect([PhysicalSizeX, PhysicalSizeY].map((size) => [size?.value, size?.unit])).toEqual(expected.physicalSize);
    }
    for (const [image, key, value] of expected.original ?? []) {
      expect(dataset.original).toContainEqual({ ...(image !== null && { image }), key, value });
    }
  });

  it('leaves a TIFF without OME-XML to others', async () => {
    const input = await openTree('fixtures/tiff/uint8-le.tif');
    expect((await omeTiff.identify!(input)).score).toBe(0);
    await input.close();
  });
});

describe('a set that moved', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ome-tiff-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('keeps the planes of a single file under a new name', async () => {
    const path = join(folder, 'new-name.tif');
    copyFileSync('fixtures/ome-tiff/tifffile.ome.tif', path);
    const { dataset, notices } = await open(omeTiff, path);
    const expected = manifest('ome-tiff').find(([name]) => name === 'tifffile.ome.tif')![1];
    await check(dataset, expected);
    expect(notices).toEqual([]);
  });

  it('shows a lone member with the planes of others missing', async () => {
    const path = join(folder, 'z1.ome.tif');
    copyFileSync('fixtures/ome-tiff/set-names/z1.ome.tif', path);
    const { dataset } = await open(omeTiff, path);
    const found = await hashes(dataset.images[0]!.levels[0], 'uint8');
    expect(found.map((hash) => hash !== null)).toEqual([false, true, false]);
    expect(dataset.missing).toHaveLength(2);
  });
});

describe('OME-XML', () => {
  it.each(manifest('ome-xml'))('reads %s', async (name, expected) => {
    const { dataset, notices } = await open(omeXml, `fixtures/ome-xml/${name}`);
    await check(dataset, expected);
    expect(dataset.ome.Images[0]!.Name).toBe('µ');
    expect(dataset.ome.Images[0]!.Pixels.Channels[0]!.Name).toBe('känal 0');
    expect(notices.map(({ code }) => code)).toEqual(expected.notices ?? []);
  });

  it('leaves companion files to OME-TIFF', async () => {
    const input = await openTree('fixtures/ome-tiff/set-companion/set.companion.ome');
    expect((await omeXml.identify!(input)).score).toBe(0);
    await input.close();
  });

  it('refuses sizes beyond the limits before it makes lists for them', async () => {
    const input = await openTree('fixtures/ome-xml/metadata-only.ome.xml');
    const limits = { ...DEFAULT_LIMITS, directories: 5 };
    const opened = omeXml.open(input, { limits, notice() {}, reader: {} });
    await expect(opened).rejects.toMatchObject({ code: 'PLANE_COUNT' });
    await expect(opened).rejects.toBeInstanceOf(ImgconvError);
    await input.close();
  });
});
