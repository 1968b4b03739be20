import { describe, expect, it } from 'vitest';
import { fake } from '../../readers/fake/format.js';
import { fakeValue } from '../../src/codecs/fake.js';
import { bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';
import { readRegion } from '../../src/pipeline/read.js';
import { codeOf, openWith } from '../containers/zarr-support.js';

const open = (name: string) => openWith(fake, `/nowhere/${name}.fake`);

describe('fake images', () => {
  it.each(['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float', 'double'] as PixelType[])(
    'has predictable pixels of type %s',
    async (type) => {
      const { dataset } = await open(
        `a&sizeX=70&sizeY=50&sizeZ=2&sizeC=3&sizeT=2&tileWidth=32&tileHeight=16&series=2&pixelType=${type}`,
      );
      const image = dataset.images[1]!;
      const start = [1, 2, 1, 13, 20] as const;
      const pixels = await readRegion(image.levels[0], type, { start, shape: [1, 1, 1, 20, 40] });
      const bits = BigInt(bytesPerSample(type) * 8);
      const wrap = (v: number): number => {
        if (type === 'float' || type === 'double') return v % 65536;
        return Number(
          type.startsWith('u') ? BigInt.asUintN(Number(bits), BigInt(v)) : BigInt.asIntN(Number(bits), BigInt(v)),
        );
      };
      const expected = Array.from({ length: 800 }, (_, i) => {
        return wrap(fakeValue(1, 0, [1, 2, 1, 13 + Math.floor(i / 40), 20 + (i % 40)]));
      });
      expect(Array.from(pixels as ArrayLike<number | bigint>, Number)).toEqual(expected);
    },
  );

  it('describes channels, sizes and dates', async () => {
    const { dataset, notices } = await open(
      'my image&sizeC=6&rgb=3&physicalSizeX=0.5&physicalSizeY=500 nm&color_1=0xFF00FFFF&acquisitionDate=2020-01-02_03-04-05&exposureTime=10ms&odd=1',
    );
    const [image] = dataset.ome.Images;
    expect(image).toMatchObject({ Name: 'my image', AcquisitionDate: '2020-01-02T03:04:05' });
    expect(image!.Pixels).toMatchObject({
      SizeX: 512,
      SizeC: 6,
      PhysicalSizeX: { value: 0.5, unit: 'µm' },
      PhysicalSizeY: { value: 500, unit: 'nm' },
      Channels: [{ SamplesPerPixel: 3 }, { SamplesPerPixel: 3, Color: 0xff00ffff | 0 }],
    });
    expect(image!.Pixels.Planes).toHaveLength(2);
    expect(notices.map((notice) => notice.code)).toEqual(['FAKE_KEY']);
  });

  it('makes pyramids, plates and palettes', async () => {
    const pyramid = await open('p&sizeX=100&sizeY=60&resolutions=3&resolutionScale=2');
    expect(pyramid.dataset.images[0]!.levels.map((level) => level.shape.slice(3))).toEqual([
      [60, 100],
      [30, 50],
      [15, 25],
    ]);
    const plate = await open('s&plates=2&plateRows=2&plateCols=3&fields=2&plateAcqs=2&sizeX=8&sizeY=8');
    expect(plate.dataset.images).toHaveLength(48);
    expect(plate.dataset.ome.Plates).toHaveLength(2);
    expect(plate.dataset.ome.Plates![1]!.Wells[5]!.WellSamples[3]!.ImageRef).toBe('Image:47');
    const indexed = await open('i&indexed=true');
    expect(indexed.dataset.images[0]!.palette!.rgb).toHaveLength(768);
  });

  it('refuses values that make no sense and images beyond the limits', async () => {
    expect(await codeOf(open('a&sizeX=0'))).toBe('FAKE_VALUE');
    expect(await codeOf(open('a&sizeX=-5'))).toBe('FAKE_VALUE');
    expect(await codeOf(open('a&pixelType=complex'))).toBe('FAKE_VALUE');
    expect(await codeOf(open('a&sizeC=4&rgb=3'))).toBe('FAKE_VALUE');
    expect(await codeOf(open('a&sizeX=2000000000&sizeY=2000000000'))).toBe('FAKE_SIZE');
    expect(await codeOf(open('a&series=2000000000'))).toBe('FAKE_SIZE');
  });
});
