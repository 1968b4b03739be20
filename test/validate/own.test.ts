// What imgconv writes has no errors and no warnings, down to the pixels.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convert, type NgffOptionsInput, type OmeTiffOptionsInput } from '../../src/app.js';
import { check, fresh } from './support.js';

const INPUTS = {
  stack:
    'a&sizeX=300&sizeY=257&sizeC=2&sizeZ=3&sizeT=2&pixelType=uint16&physicalSizeX=0.5&physicalSizeY=0.5&physicalSizeZ=2.fake',
  colour: 'a&sizeX=700&sizeY=515&sizeC=3&rgb=3.fake',
  float: 'a&sizeX=600&sizeY=300&pixelType=float.fake',
  indexed: 'a&sizeX=600&sizeY=300&indexed=true.fake',
  several: 'a&sizeX=64&sizeY=48&series=3.fake',
  plate: 'a&sizeX=64&sizeY=48&plates=1&plateRows=2&plateCols=3&fields=2&plateAcqs=1.fake',
  acquisitions: 'a&sizeX=64&sizeY=48&plates=1&plateRows=1&plateCols=2&fields=2&plateAcqs=2.fake',
} as const;

const REST = { overwrite: false, onMissing: 'fail', workers: 1 } as const;

const NGFF: readonly NgffOptionsInput[] = [
  { ngffVersion: '0.4' },
  { ngffVersion: '0.5' },
  { ngffVersion: '0.5', shard: 'off', compression: 'zstd', squeeze: true },
  { ngffVersion: '0.4', compression: 'none', layout: 'bioformats2raw', tileWidth: 100, tileHeight: 64 },
  { ngffVersion: '0.5', compression: 'gzip', downsampleType: 'simple', targetMinSize: 32 },
  { ngffVersion: '0.5', compression: 'none', downsampleType: 'mode', targetMinSize: 64, tileWidth: 64, tileHeight: 64 },
];

const TIFF: readonly OmeTiffOptionsInput[] = [
  {},
  { compression: 'lzw', bigtiff: 'always', targetMinSize: 64, tileWidth: 64, tileHeight: 64 },
  { compression: 'none', downsampleType: 'simple', targetMinSize: 64 },
  { split: 'series' },
  { split: 'channels', companion: true },
];

describe.each(Object.entries(INPUTS))('%s', (name, input) => {
  it.each(NGFF.map((options) => [JSON.stringify(options), options] as const))(
    'OME-Zarr %s',
    async (_title, options) => {
      const output = fresh('out.ome.zarr');
      await convert({ ...REST, input, output, target: { writer: 'ngff', options: () => options } });
      expect((await check(output, { level: 'pixels' })).lines).toEqual([]);
      const profile =
        options.ngffVersion === '0.4' && options.compression === undefined && name !== 'colour' ? 'omero' : 'viewer';
      expect((await check(output, { profile })).lines).toEqual([]);
    },
  );

  it.each(TIFF.map((options) => [JSON.stringify(options), options] as const))(
    'OME-TIFF %s',
    async (_title, options) => {
      const output = fresh('out.ome.tiff');
      const { plan } = await convert({
        ...REST,
        input,
        output,
        target: { writer: 'ome-tiff', options: () => options },
      });
      for (const file of plan.names ?? ['out.ome.tiff']) {
        const { lines } = await check(join(output, '..', file), { level: 'pixels' });
        expect(lines, file).toEqual([]);
      }
    },
  );
});
