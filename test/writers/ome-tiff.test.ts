import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromArrayBuffer } from 'geotiff';
import { afterAll, describe, expect, it } from 'vitest';
import { openInput } from '../../src/app.js';
import type { Notice } from '../../src/core/contracts.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { openSink } from '../../src/io/sink.js';
import { readRegion } from '../../src/pipeline/read.js';
import { type OmeTiffOptionsInput, omeTiff, parseOmeTiffOptions } from '../../writers/ome-tiff/format.js';

const folder = mkdtempSync(join(tmpdir(), 'imgconv-ome-tiff-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function convert(input: string, name: string, options: OmeTiffOptionsInput = {}, workers = 1): Promise<Notice[]> {
  const notices: Notice[] = [];
  const opened = await openInput(input);
  const sink = await openSink(join(folder, name), { overwrite: true, kind: 'files' });
  try {
    const context = {
      workers,
      memory: 2 ** 28,
      blockBytes: 2 ** 30,
      notice: (notice: Notice) => void notices.push(notice),
    };
    await omeTiff.write(opened.dataset, parseOmeTiffOptions(options), sink, context);
    await sink.commit();
  } catch (error) {
    await sink.abort();
    throw error;
  } finally {
    await opened.tree.close();
  }
  return notices;
}

/** Every pixel of every level of every image, as numbers. */
async function pixelsOf(path: string): Promise<{ shape: readonly number[]; values: number[] }[][]> {
  const { dataset, tree } = await openInput(path);
  try {
    return await Promise.all(
      dataset.images.map((image) =>
        Promise.all(
          image.levels.map(async ({ shape, blocks }) => ({
            shape,
            values: [...(await readRegion({ shape, blocks }, image.type, { start: [0, 0, 0, 0, 0], shape }))].map(
              Number,
            ),
          })),
        ),
      ),
    );
  } finally {
    await tree.close();
  }
}

const fake = (query: string): string => join(folder, `${query}.fake`);

describe('OME-TIFF writer', () => {
  const types: PixelType[] = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float', 'double'];
  for (const type of types) {
    for (const compression of ['none', 'lzw', 'deflate', 'zstd', 'packbits']) {
      it(`keeps ${type} pixels through ${compression}`, async () => {
        const input = fake(`a&sizeX=75&sizeY=50&sizeZ=2&sizeC=2&sizeT=3&pixelType=${type}`);
        const name = `${type}-${compression}.ome.tiff`;
        await convert(input, name, { compression, tileWidth: 32, tileHeight: 16, resolutions: 2 });
        const [source] = await pixelsOf(input);
        const [result] = await pixelsOf(join(folder, name));
        expect(result).toHaveLength(2);
        expect(result![0]).toEqual(source![0]);
      });
    }
  }

  it('is read by an independent reader, levels included', async () => {
    const input = fake('b&sizeX=150&sizeY=90&sizeZ=3&pixelType=uint16');
    await convert(input, 'b.ome.tiff', { compression: 'deflate', tileWidth: 64, tileHeight: 64, resolutions: 2 });
    const bytes = readFileSync(join(folder, 'b.ome.tiff'));
    const tiff = await fromArrayBuffer(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    );
    expect(await tiff.getImageCount()).toBe(3);
    const [own] = await pixelsOf(join(folder, 'b.ome.tiff'));
    for (let z = 0; z < 3; z++) {
      const image = await tiff.getImage(z);
      const [plane] = (await image.readRasters()) as unknown as [Uint16Array];
      expect([...plane]).toEqual(own![0]!.values.slice(z * 150 * 90, (z + 1) * 150 * 90));
    }
    const description = (await (await tiff.getImage(0)).fileDirectory.loadValue('ImageDescription')) as string;
    expect(description).toContain('http://www.openmicroscopy.org/Schemas/OME/2016-06');
  });

  it('writes RGB as interleaved samples of one channel', async () => {
    const input = fake('rgb&sizeX=40&sizeY=33&sizeC=3&rgb=3&pixelType=uint8');
    await convert(input, 'rgb.ome.tiff', { tileWidth: 16, tileHeight: 16 });
    const { dataset, tree } = await openInput(join(folder, 'rgb.ome.tiff'));
    expect(dataset.ome.Images[0]!.Pixels.Channels.map((c) => c.SamplesPerPixel)).toEqual([3]);
    await tree.close();
    expect((await pixelsOf(join(folder, 'rgb.ome.tiff')))[0]![0]).toEqual((await pixelsOf(input))[0]![0]);
  });

  for (const dimensionOrder of ['XYZCT', 'XYZTC', 'XYCTZ', 'XYCZT', 'XYTCZ', 'XYTZC']) {
    it(`keeps planes in their places in the order ${dimensionOrder}`, async () => {
      const input = fake('d&sizeX=20&sizeY=10&sizeZ=2&sizeC=3&sizeT=4&pixelType=uint8');
      await convert(input, `${dimensionOrder}.ome.tiff`, { dimensionOrder });
      expect((await pixelsOf(join(folder, `${dimensionOrder}.ome.tiff`)))[0]).toEqual((await pixelsOf(input))[0]);
    });
  }

  for (const split of ['series', 'channels', 'z', 'timepoints', 'planes']) {
    for (const companion of [false, true]) {
      it(`splits ${split}${companion ? ' with a companion file' : ''} into a set that reads as one`, async () => {
        const input = fake('s&sizeX=20&sizeY=10&sizeZ=2&sizeC=3&sizeT=2&series=2&pixelType=uint8');
        const name = `set-${split}${companion}`;
        await convert(input, `${name}.ome.tiff`, { split, companion });
        const files = readdirSync(folder).filter((file) => file.startsWith(name));
        const counts = { series: 2, channels: 6, z: 4, timepoints: 4, planes: 24 }[split] as number;
        expect(files).toHaveLength(counts + (companion ? 1 : 0));
        const entry = companion ? files.find((file) => file.endsWith('.companion.ome')) : files[1];
        expect(await pixelsOf(join(folder, entry!))).toEqual(await pixelsOf(input));
      });
    }
  }

  it('refuses names that collide', async () => {
    await expect(
      convert(fake('n&sizeC=2&sizeX=8&sizeY=8'), 'same%s.ome.tiff', { split: 'channels' }),
    ).rejects.toMatchObject({ code: 'SPLIT_NAMES' });
  });

  it('refuses 64-bit integers, which OME cannot name', async () => {
    await expect(convert(fake('i&pixelType=int64&sizeX=8&sizeY=8'), 'i.ome.tiff')).rejects.toMatchObject({
      blame: 'unsupported',
    });
  });

  it('hands stored tiles on byte by byte, and recodes when told to', async () => {
    const input = fake('p&sizeX=200&sizeY=200&pixelType=uint16');
    await convert(input, 'p.ome.tiff', { compression: 'lzw', tileWidth: 64, tileHeight: 64 });
    const stored = join(folder, 'p.ome.tiff');
    const notices = await convert(stored, 'p2.ome.tiff');
    expect(notices.find(({ code }) => code === 'CODING')?.text).toContain('lzw (handed on)');
    expect(await pixelsOf(join(folder, 'p2.ome.tiff'))).toEqual(await pixelsOf(stored));
    const recoded = await convert(stored, 'p3.ome.tiff', { transcode: true });
    expect(recoded.find(({ code }) => code === 'CODING')?.text).toContain('deflate');
    expect(await pixelsOf(join(folder, 'p3.ome.tiff'))).toEqual(await pixelsOf(stored));
  });

  for (const [sizeX, sizeY] of [
    [200, 150],
    [201, 151],
  ] as const) {
    it(`hands JPEG tiles on and computes levels that are means of them: ${sizeX} × ${sizeY}`, async () => {
      const input = fake(`j${sizeX}&sizeX=${sizeX}&sizeY=${sizeY}&sizeC=3&rgb=3&pixelType=uint8`);
      const options = { compression: 'jpeg', quality: 95, tileWidth: 64, tileHeight: 64, resolutions: 1 };
      await convert(input, `j${sizeX}.ome.tiff`, options);
      const stored = join(folder, `j${sizeX}.ome.tiff`);
      const notices = await convert(stored, `j${sizeX}-2.ome.tiff`, { resolutions: 3, quality: 98 });
      expect(notices.find(({ code }) => code === 'CODING')?.text).toContain('jpeg (handed on), levels jpeg');
      const [before] = await pixelsOf(stored);
      const [after] = await pixelsOf(join(folder, `j${sizeX}-2.ome.tiff`));
      expect(after).toHaveLength(3);
      expect(after![0]).toEqual(before![0]);
      const [w, h] = [Math.ceil(sizeX / 2), Math.ceil(sizeY / 2)];
      let off = 0;
      for (let c = 0; c < 3; c++)
        for (let y = 0; y < h; y++)
          for (let x = 0; x < w; x++) {
            const at = (i: number, j: number): number =>
              before![0]!.values[
                c * sizeX * sizeY + Math.min(2 * y + j, sizeY - 1) * sizeX + Math.min(2 * x + i, sizeX - 1)
              ]!;
            const mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
            off += Math.abs(after![1]!.values[c * w * h + y * w + x]! - mean);
          }
      expect(off / (3 * w * h)).toBeLessThan(8);
    });
  }

  it('a tile that is cut short is not handed on: it holds what is left, and the rest is filled and told', async () => {
    const input = fake('cut&sizeX=128&sizeY=128&pixelType=uint16');
    for (const compression of ['lzw', 'deflate', 'zstd']) {
      await convert(input, 'cut.ome.tiff', { compression, tileWidth: 64, tileHeight: 64, resolutions: 1 });
      const whole = readFileSync(join(folder, 'cut.ome.tiff'));
      // The last tile goes to the end of the file, and the file ends in it.
      const { dataset, tree } = await openInput(join(folder, 'cut.ome.tiff'));
      const [{ blocks }] = dataset.images[0]!.levels;
      await tree.close();
      if (blocks.address.kind !== 'table') throw new Error('tiles are listed');
      const { offset, length } = blocks.address;
      const cut = Buffer.concat([whole, whole.subarray(offset[3]!, offset[3]! + Math.floor(length[3]! / 2))]);
      const at = whole.indexOf(Buffer.from(Uint32Array.of(offset[3]!).buffer), offset[3]! + length[3]!);
      cut.writeUInt32LE(whole.length, at);
      writeFileSync(join(folder, 'cut.ome.tiff'), cut);
      for (const resolutions of [1, 2]) {
        const notices = await convert(join(folder, 'cut.ome.tiff'), 'cut2.ome.tiff', { resolutions });
        expect(notices.some(({ rank }) => rank === 'damage')).toBe(true);
        const [before] = await pixelsOf(input);
        const [after] = await pixelsOf(join(folder, 'cut2.ome.tiff'));
        for (const [i, value] of after![0]!.values.entries()) {
          const inLast = i % 128 >= 64 && i >= 64 * 128;
          if (!inLast) expect(value).toBe(before![0]!.values[i]);
        }
        expect(after![0]!.values.at(-1)).toBe(0);
      }
    }
  });

  it('a broken JPEG tile, coded anew, does not speak for the chroma of those that are handed on', async () => {
    const bytes = readFileSync('fixtures/tiff/rgb-jpeg-444.tif');
    const source = join(folder, 'chroma.tif');
    writeFileSync(source, bytes);
    const { dataset, tree } = await openInput(source);
    const { address } = dataset.images[0]!.levels[0].blocks;
    await tree.close();
    if (address.kind !== 'table') throw new Error('tiles are listed');
    const broken = Buffer.from(bytes);
    broken.fill(0, address.offset[0]!, address.offset[0]! + address.length[0]!);
    writeFileSync(source, broken);
    const notices = await convert(source, 'chroma.ome.tiff');
    expect(notices.find(({ code }) => code === 'CODING')?.text).toContain('handed on');
    expect(notices.some(({ rank }) => rank === 'damage')).toBe(true);
    const written = new Uint8Array(readFileSync(join(folder, 'chroma.ome.tiff')));
    const page = await (await fromArrayBuffer(written.buffer)).getImage(0);
    const chroma = (await page.fileDirectory.loadValue('YCbCrSubSampling')) as Uint16Array;
    expect([...chroma]).toEqual([1, 1]);
  });

  it('says what it cannot hand on: other grids, cut parts', async () => {
    const input = fake('q&sizeX=200&sizeY=200&pixelType=uint8');
    await convert(input, 'q.ome.tiff', { compression: 'lzw', tileWidth: 64, tileHeight: 64 });
    const crop = { x: 1, y: 1, width: 64, height: 64 };
    const notices = await convert(join(folder, 'q.ome.tiff'), 'q2.ome.tiff', { crop });
    expect(notices.find(({ code }) => code === 'CODING')?.text).toContain(': deflate');
    const picked = await convert(join(folder, 'q.ome.tiff'), 'q3.ome.tiff', { compression: 'zstd' });
    expect(picked.find(({ code }) => code === 'CODING')?.text).toContain(': zstd');
    expect((await pixelsOf(join(folder, 'q3.ome.tiff')))[0]![0]).toEqual((await pixelsOf(input))[0]![0]);
  });

  it('writes BigTIFF when asked for', async () => {
    await convert(fake('g&sizeX=20&sizeY=20'), 'g.ome.tiff', { bigtiff: 'always' });
    expect(readFileSync(join(folder, 'g.ome.tiff'))[2]).toBe(43);
    expect((await pixelsOf(join(folder, 'g.ome.tiff')))[0]).toEqual((await pixelsOf(fake('g&sizeX=20&sizeY=20')))[0]);
  });

  it('gives the same bytes for 1 and 3 workers', async () => {
    const input = fake('w&sizeX=3000&sizeY=2500&sizeC=2&pixelType=uint16');
    await convert(input, 'w1.ome.tiff', { tileWidth: 256, tileHeight: 256 }, 1);
    const one = readFileSync(join(folder, 'w1.ome.tiff'));
    rmSync(join(folder, 'w1.ome.tiff'));
    await convert(input, 'w1.ome.tiff', { tileWidth: 256, tileHeight: 256 }, 3);
    expect(readFileSync(join(folder, 'w1.ome.tiff')).equals(one)).toBe(true);
  });

  it('leaves nothing behind when it fails', async () => {
    await expect(convert(fake('i&pixelType=int64&sizeX=8&sizeY=8'), 'left.ome.tiff')).rejects.toThrow();
    expect(readdirSync(folder).filter((file) => file.includes('left'))).toEqual([]);
  });
});
