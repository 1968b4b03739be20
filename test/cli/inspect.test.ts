import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonSchema, schemas } from '../../src/app/schemas.js';
import { BIN, imgconv } from './run-imgconv.js';

const folder = mkdtempSync(join(tmpdir(), 'imgconv-inspect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = join(
  folder,
  'cells&sizeX=600&sizeY=300&sizeZ=2&sizeC=2&sizeT=2&pixelType=uint16&physicalSizeX=0.5.fake',
);
const zarr = join(folder, 'cells.ome.zarr');
const raw = join(folder, 'raw.ome.zarr');
const tiff = join(folder, 'cells.ome.tiff');

beforeAll(async () => {
  for (const args of [
    ['to-ngff', source, zarr],
    ['to-ngff', '--compression', 'none', '--ngff-version', '0.4', '--tile-width', '100', source, raw],
    ['to-ometiff', source, tiff],
  ]) {
    const { code, err } = await imgconv(args);
    expect(code, err).toBe(0);
  }
});

describe('imgconv hash', () => {
  it('is the same whatever holds the pixels', async () => {
    const { code, out } = await imgconv(['hash', source, zarr, raw, tiff]);
    expect(code).toBe(0);
    const hashes = out
      .trim()
      .split('\n')
      .map((line) => line.split('  ')[0]);
    expect(hashes).toHaveLength(4);
    expect(new Set(hashes).size).toBe(1);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('names the input that failed, whatever the error knows of it', async () => {
    const half = join(folder, 'half.zarr');
    mkdirSync(half);
    const filters = [{ id: 'fixedscaleoffset', scale: 2, offset: 0, dtype: '<f2', astype: '<i2' }];
    const array = { zarr_format: 2, shape: [2, 2], chunks: [2, 2], dtype: '<f2', compressor: null, order: 'C' };
    writeFileSync(join(half, '.zarray'), JSON.stringify({ ...array, fill_value: 0, filters }));
    writeFileSync(join(half, '0.0'), Buffer.alloc(8));
    const { code, err } = await imgconv(['hash', half, tiff]);
    expect(code).toBe(1);
    expect(err).toMatch(/16-bit floats.*half\.zarr/);
  });

  it.skipIf(!existsSync('/dev/full')).each([[['hash', tiff]], [['--version']]])(
    'tells in one line that stdout takes no more: %j',
    (args) => {
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      closeSync(full);
      expect(status).toBe(5);
      expect(stderr).toMatch(/^imgconv: cannot write to stdout: ENOSPC.*\n$/);
    },
  );

  it('ends with 1 where something is lost, though every block can be read', async () => {
    const cut = join(folder, 'cut.dcm');
    // Without the item that ends the pixel data.
    writeFileSync(cut, readFileSync('fixtures/dicom/jpeg-lossless.dcm').subarray(0, -8));
    const { code, err } = await imgconv(['hash', cut]);
    expect(code).toBe(1);
    expect(err).toContain('damage');
  });

  it('follows its definition', async () => {
    const { createHash } = await import('node:crypto');
    const input = join(folder, 'small&sizeX=3&sizeY=2&sizeC=2&pixelType=uint16.fake');
    const { out } = await imgconv(['hash', '--json', input]);
    const report = schemas.hash.parse(JSON.parse(out));
    const plane = (c: number): string => {
      const values = Uint16Array.from([0, 1, 2, 3, 4, 5], (_, i) => (i % 3) + 3 * Math.floor(i / 3) + 53 * c);
      return createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
    };
    expect(report.images[0]!.planes!.map(({ sha256 }) => sha256)).toEqual([plane(0), plane(1)]);
    const text = ['imgconv-plane-sha256-1', 'uint16 3 2 1 2 1', plane(0), plane(1), ''].join('\n');
    expect(report.images[0]!.sha256).toBe(createHash('sha256').update(text).digest('hex'));
  });
});

describe('imgconv verify and diff', () => {
  it('proves equality', async () => {
    for (const output of [zarr, raw, tiff]) {
      const { code, out } = await imgconv(['verify', '--json', source, output]);
      const result = schemas.verify.parse(JSON.parse(out));
      expect(result.differences).toEqual([]);
      expect(result.lossless).toBe(true);
      expect(code).toBe(0);
    }
  });

  it('finds one changed pixel, and says where', async () => {
    const changed = join(folder, 'changed.ome.zarr');
    await imgconv(['to-ngff', '--compression', 'none', '--ngff-version', '0.4', source, changed]);
    // Chunk t 1, c 0, z 1 of the full size is one plane of 600 × 300 pixels.
    const chunk = join(changed, '0', '1', '0', '1', '0', '0');
    const bytes = readFileSync(chunk);
    bytes.writeUInt16LE(bytes.readUInt16LE(2 * (7 * 600 + 5)) + 9, 2 * (7 * 600 + 5));
    writeFileSync(chunk, bytes);
    const report = join(folder, 'proof.json');
    const { code, out } = await imgconv(['verify', '--report', report, source, changed]);
    expect(code).toBe(1);
    expect(out).toContain('1 of 8 planes differ in 1 pixel, by 9 at most');
    const result = schemas.verify.parse(JSON.parse(readFileSync(report, 'utf8')));
    expect(result.lossless).toBe(false);
    expect(result.pixels[0]).toMatchObject({
      planes: 8,
      equal: 7,
      largest: 9,
      first: { t: 1, c: 0, z: 1, y: 7, x: 5 },
    });
  });

  it('tells sizes and metadata that differ', async () => {
    const other = join(
      folder,
      'cells&sizeX=600&sizeY=300&sizeZ=2&sizeC=2&sizeT=2&pixelType=uint16&physicalSizeX=0.7.fake',
    );
    const { code, out } = await imgconv(['diff', source, other]);
    expect(code).toBe(1);
    expect(out).toContain('pixel size x: 0.5 µm | 0.7 µm');
    expect((await imgconv(['diff', '--pixels', source, other])).code).toBe(0);
    const smaller = join(folder, 'cells&sizeX=599&sizeY=300&pixelType=uint8.fake');
    const sizes = schemas.diff.parse(JSON.parse((await imgconv(['diff', '--json', source, smaller])).out));
    expect(sizes.differences.map(({ what }) => what)).toEqual(expect.arrayContaining(['sizeX', 'sizeZ', 'pixel type']));
  });

  it('follows a conversion with --verify', async () => {
    const report = join(folder, 'report.json');
    const good = await imgconv(['to-ometiff', '--verify', '--report', report, source, join(folder, 'v.ome.tiff')]);
    expect(good.code).toBe(0);
    expect(good.err).toContain('verified');
    expect(JSON.parse(readFileSync(report, 'utf8')).verification.lossless).toBe(true);
    const set = await imgconv(['to-ometiff', '--verify', '--split', 'channels', source, join(folder, 'set.ome.tiff')]);
    expect(set.code).toBe(0);
    const part = await imgconv(['to-ngff', '--verify', '--z', '0', source, join(folder, 'part.ome.zarr')]);
    expect(part.code).toBe(2);
    expect(part.err).toContain('--z');
  });

  it('takes two inputs', async () => {
    expect((await imgconv(['verify', source])).code).toBe(2);
    expect((await imgconv(['diff', source, zarr, tiff])).code).toBe(2);
  });
});

describe('imgconv info', () => {
  it('describes in a shape that its schema promises, from headers alone', async () => {
    for (const input of [source, zarr, raw, tiff]) {
      const { code, out } = await imgconv(['info', '--json', input]);
      expect(code).toBe(0);
      const info = schemas.info.parse(JSON.parse(out));
      expect(info.images[0]).toMatchObject({
        sizeX: 600,
        sizeY: 300,
        sizeZ: 2,
        sizeC: 2,
        sizeT: 2,
        type: 'uint16',
        physicalSizeX: { value: 0.5, unit: 'µm' },
      });
      expect(info.bytesRead).toBeLessThan(200_000);
      expect(info.confidence).toBe(100);
    }
  });

  it('leaves no doubt which axis a size is of', async () => {
    const { out } = await imgconv(['info', join(folder, 'a&sizeX=4&sizeY=4&physicalSizeY=2.fake')]);
    expect(out).toMatch(/pixel size +\? × 2 µm/);
  });

  it('shows a summary, verdicts, files and OME-XML', async () => {
    const text = (await imgconv(['info', '--explain', '--files', tiff])).out;
    expect(text).toContain('600 × 300 × 2 z × 2 c × 2 t  uint16');
    expect(text).toMatch(/100 {2}ome-tiff: /);
    expect(text).toContain('cells.ome.tiff');
    expect((await imgconv(['info', '--xml', tiff])).out).toContain(
      '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"',
    );
  });

  it('goes on after an input that cannot be read', async () => {
    const { code, out, err } = await imgconv(['info', '--json', join(folder, 'none.tif'), zarr]);
    expect(code).toBe(1);
    expect(err).toContain('no such file');
    expect(out.trim().split('\n')).toHaveLength(1);
  });
});

describe('imgconv schema', () => {
  it('lists and prints JSON Schemas', async () => {
    const names = (await imgconv(['schema'])).out.trim().split('\n');
    expect(names).toEqual(Object.keys(schemas));
    for (const name of names) {
      const printed = JSON.parse((await imgconv(['schema', name])).out) as unknown;
      expect(printed).toEqual(JSON.parse(JSON.stringify(jsonSchema(name as keyof typeof schemas))));
    }
    expect((await imgconv(['schema', 'nothing'])).code).toBe(2);
  });

  it('leaves the folder as it was', () => {
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
