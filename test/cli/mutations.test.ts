// What is changed in an output must be found by `verify`: one pixel, planes that changed places, chunks, sizes, names, dates.

import { cpSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStoredXml, replaceStoredXml } from '../../src/app/ome-xml.js';
import type { Verification } from '../../src/app/schemas.js';
import { verifyConversion } from '../../src/app/verify.js';
import { imgconv, scratchFolder } from './run-imgconv.js';

const scratch = scratchFolder();
const at = (name: string): string => join(scratch.path, name);
const source = at(
  'cells&sizeX=60&sizeY=50&sizeZ=3&sizeC=2&sizeT=2&pixelType=uint16&physicalSizeX=0.25&physicalSizeY=0.25&physicalSizeZ=1.5&acquisitionDate=2020-01-02_03-04-05.fake',
);
const good = { 'v4.ome.zarr': at('v4.ome.zarr'), 'v5.ome.zarr': at('v5.ome.zarr'), 't.ome.tiff': at('t.ome.tiff') };
type Output = keyof typeof good;

beforeAll(async () => {
  // A source whose metadata are complete: what the test reader describes, as a file.
  for (const args of [
    ['to-ngff', '--ngff-version', '0.4', '-c', 'none', source, good['v4.ome.zarr']],
    ['to-ngff', '-c', 'none', '--no-shards', source, good['v5.ome.zarr']],
    ['to-ometiff', '-c', 'none', source, good['t.ome.tiff']],
  ]) {
    const { code, err } = await imgconv(args);
    expect(code, err).toBe(0);
  }
});
afterAll(() => scratch.remove());

/** Files of full-size chunks, in order. */
function chunks(zarr: string): string[] {
  return readdirSync(join(zarr, '0'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(zarr, '0', name))
    .filter((file) => /^\d+$/.test(file.split(/[\\/]/).at(-1)!) && statSync(file).isFile())
    .sort();
}

function edit(file: string, pattern: RegExp, by: string): void {
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(pattern);
  writeFileSync(file, text.replace(pattern, by));
}

async function editXml(file: string, pattern: RegExp, by: string): Promise<void> {
  const text = Buffer.from(await readStoredXml(file)).toString('utf8');
  expect(text).toMatch(pattern);
  await replaceStoredXml(file, Buffer.from(text.replace(pattern, by)), false);
}

async function verify(name: Output, change: (path: string) => void | Promise<void>): Promise<Verification> {
  const copy = at(`changed-${name}`);
  rmSync(copy, { recursive: true, force: true });
  cpSync(good[name], copy, { recursive: true });
  await change(copy);
  return verifyConversion(source, copy);
}

/** Where the pixels of a plane begin in an uncompressed OME-TIFF: found by its first values, 0, 1, 2 … plus 53 for each plane. */
function planeOffset(bytes: Buffer, plane: number): number {
  const row = Buffer.from(Uint16Array.from({ length: 20 }, (_, i) => i + 53 * plane).buffer);
  const found = bytes.indexOf(row);
  expect(found).toBeGreaterThan(0);
  return found;
}

describe('verify', () => {
  it.each(Object.keys(good) as Output[])('%s: equal where nothing was changed', async (name) => {
    const result = await verify(name, () => undefined);
    expect(result).toMatchObject({ equal: true, lossless: true });
  });

  it.each(['v4.ome.zarr', 'v5.ome.zarr'] as const)('%s: one pixel, planes, chunks', async (name) => {
    const pixel = await verify(name, (path) => {
      const file = chunks(path)[7]!;
      const bytes = readFileSync(file);
      bytes[2 * (3 * 60 + 5)]! ^= 1;
      writeFileSync(file, bytes);
    });
    expect(pixel.lossless).toBe(false);
    expect(pixel.pixels[0]).toMatchObject({
      planes: 12,
      equal: 11,
      different: 1,
      largest: 1,
      first: { t: 1, c: 0, z: 1, y: 3, x: 5 },
      firstPlane: { t: 1, c: 0, z: 1, different: 1, box: { x: 5, y: 3, sizeX: 1, sizeY: 1 } },
    });
    const swapped = await verify(name, (path) => {
      const [, , p, q] = chunks(path);
      renameSync(p!, `${p}.x`);
      renameSync(q!, p!);
      renameSync(`${p}.x`, q!);
    });
    expect(swapped.pixels[0]).toMatchObject({ equal: 10 });
    const gone = await verify(name, (path) => rmSync(chunks(path)[4]!));
    expect(gone.pixels[0]).toMatchObject({ equal: 11 });
    const short = await verify(name, (path) => {
      const file = chunks(path)[4]!;
      writeFileSync(file, readFileSync(file).subarray(0, 100));
    });
    expect(short.pixels[0]).toMatchObject({ equal: 11, damaged: 1 });
  });

  it('OME-TIFF: one pixel, planes', async () => {
    const pixel = await verify('t.ome.tiff', (path) => {
      const bytes = readFileSync(path);
      bytes[planeOffset(bytes, 1) + 2 * 30]! ^= 4;
      writeFileSync(path, bytes);
    });
    expect(pixel.pixels[0]).toMatchObject({ equal: 11, different: 1, largest: 4 });
  });

  it.each<readonly [Output, string, RegExp, string, string]>([
    ['v4.ome.zarr', '.zattrs', /1\.5\b/, '1.4', 'pixel size z'],
    ['v5.ome.zarr', 'zarr.json', /1\.5\b/, '1.4', 'pixel size z'],
    ['v4.ome.zarr', '.zattrs', /"micrometer"/, '"nanometer"', 'pixel size z'],
    ['v4.ome.zarr', 'OME/METADATA.ome.xml', /2020-01-02T03:04:05/, '2020-01-02T03:04:06', 'acquisition date'],
    ['v5.ome.zarr', 'OME/METADATA.ome.xml', /2020-01-02T03:04:05/, '2020-01-02T03:04:06', 'acquisition date'],
  ])('%s: %s, %s becomes %s', async (name, file, pattern, by, what) => {
    const result = await verify(name, (path) => edit(join(path, file), pattern, by));
    expect(result.equal).toBe(false);
    expect(result.lossless).toBe(true);
    expect(result.differences.map((each) => each.what)).toContain(what);
  });

  it.each([
    [/PhysicalSizeX="0.25"/, 'PhysicalSizeX="0.26"', 'pixel size x'],
    [/PhysicalSizeZ="1.5"/, 'PhysicalSizeZ="1.4"', 'pixel size z'],
    [/2020-01-02T03:04:05/, '2020-01-02T03:04:06', 'acquisition date'],
    [/<Channel ID="Channel:0:1"/, '<Channel ID="Channel:0:1" EmissionWavelength="509"', 'channel 1 emission'],
  ])('OME-TIFF: %s becomes %s', async (pattern, by, what) => {
    const result = await verify('t.ome.tiff', (path) => editXml(path, pattern, by));
    expect(result.differences.map((each) => each.what)).toContain(what);
  });
});

describe('validate', () => {
  it('finds what was changed in one of two places', async () => {
    const copy = at('said-twice.ome.zarr');
    cpSync(good['v5.ome.zarr'], copy, { recursive: true });
    edit(join(copy, 'OME/METADATA.ome.xml'), /PhysicalSizeX="0.25"/, 'PhysicalSizeX="0.26"');
    const { code, out } = await imgconv(['validate', '--strict', copy]);
    expect(code).toBe(1);
    expect(out).toContain('NGFF_OME_XML_DIFFERS');
  });
});
