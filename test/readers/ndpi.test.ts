import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseHeader } from '../../readers/ndpi/restart.js';
import { planeHashes, readManifest } from './fixture-suite.js';
import { describeVendor, openBest } from './vendor-suite.js';

describeVendor('ndpi', ['pyramid.ndpi', 'focus.ndpi', 'set-DAPI.ndpi']);

const manifest = new Map(readManifest('fixtures/ndpi'));
const folder = mkdtempSync(join(tmpdir(), 'imgconv-ndpi-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('ndpi: restart markers', () => {
  it.each(['pyramid.ndpi', 'no-table.ndpi', 'bad-table.ndpi'])(
    '%s cut into intervals gives the same pixels',
    async (name) => {
      const { dataset } = await openBest('ndpi', `fixtures/ndpi/${name}`, { whole: '0' });
      const [image] = dataset.images;
      expect(image!.levels[0].blocks.layout).toMatchObject({ kind: 'grid', block: [1, 3, 1, 8, 32] });
      const { hashes, damage } = await planeHashes(image!);
      expect(damage).toBe(0);
      expect(hashes).toEqual(manifest.get(name)!.images[0]!.planes);
    },
  );

  it('keeps what is in front of the scan, without DRI, as wide as an interval', () => {
    const stream = readFileSync('fixtures/ndpi/pyramid.ndpi').subarray(12);
    const header = parseHeader(stream)!;
    expect(header).toMatchObject({ interval: 4, mcuWidth: 8, mcuHeight: 8, width: 128, height: 80 });
    expect(header.bytes.length).toBe(header.stored - 6);
    expect(parseHeader(stream.subarray(0, 100))).toBeUndefined();
  });

  it('refuses a number of bytes that is none', async () => {
    const opened = openBest('ndpi', 'fixtures/ndpi/pyramid.ndpi', { whole: 'all' });
    await expect(opened).rejects.toMatchObject({ code: 'NDPI_WHOLE', blame: 'usage' });
  });
});

describe('ndpi: content', () => {
  it('levels, macro, map', async () => {
    const { dataset } = await openBest('ndpi', 'fixtures/ndpi/pyramid.ndpi');
    expect(dataset.images.map(({ name, role, levels }) => [name, role, levels.length])).toEqual([
      ['pyramid.ndpi', 'pixels', 2],
      ['macro', 'macro', 1],
      ['map', 'preview', 1],
    ]);
    expect((await planeHashes(dataset.images[0]!, 1)).hashes).toEqual(manifest.get('pyramid.ndpi')!.level1);
  });

  it('scanner, lens, date, place', async () => {
    const { dataset } = await openBest('ndpi', 'fixtures/ndpi/pyramid.ndpi');
    const [instrument] = dataset.ome.Instruments!;
    expect(instrument!.Microscope).toEqual({ Manufacturer: 'Hamamatsu', Model: 'C9600-12', SerialNumber: '000123' });
    expect(instrument!.Objectives![0]!.NominalMagnification).toBe(20);
    const [image] = dataset.ome.Images;
    expect(image!.AcquisitionDate).toBe('2010-05-28T15:45:11');
    expect(image!.Pixels.Planes![0]).toMatchObject({
      PositionX: { value: -1208112, unit: 'nm' },
      PositionY: { value: 3110000, unit: 'nm' },
    });
    expect(dataset.original).toContainEqual({ image: 0, key: 'NDPI Objective.Lens.Magnificant', value: '20' });
  });

  it('focal planes in order', async () => {
    const { dataset } = await openBest('ndpi', 'fixtures/ndpi/focus.ndpi');
    expect(dataset.ome.Images[0]!.Pixels.Planes!.map(({ PositionZ }) => PositionZ!.value)).toEqual([-2000, 0, 2000]);
  });

  it('channels of a set, one file missing', async () => {
    const { dataset } = await openBest('ndpi', 'fixtures/ndpi/set.ndpis');
    expect(dataset.missing).toEqual(['set-Cy5.ndpi']);
    const { Channels } = dataset.ome.Images[0]!.Pixels;
    expect(Channels.map(({ Name }) => Name)).toEqual(['DAPI', 'Cy5', 'FITC']);
    expect(Channels[2]!.EmissionWavelength).toEqual({ value: 525, unit: 'nm' });
  });

  it('directories and planes beyond 4 GiB', async () => {
    const base = readFileSync('fixtures/ndpi/no-table.ndpi');
    const far = 2 ** 32 + 64;
    const first = Number(base.readBigUInt64LE(4));
    const table = Buffer.from(base.subarray(first));
    const count = table.readUInt16LE(0);
    const high = 2 + 12 * count + 8;
    // Everything moves up: positions in entries get an upper half.
    for (let i = 0; i < count; i++) {
      const entry = 2 + 12 * i;
      const size =
        [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8][table.readUInt16LE(entry + 2)]! * table.readUInt32LE(entry + 4);
      if (size <= 4 && table.readUInt16LE(entry) !== 273) continue;
      table.writeUInt32LE(table.readUInt32LE(entry + 8) + 64, entry + 8);
      table.writeUInt32LE(1, high + 4 * i);
    }
    const path = join(folder, 'far.ndpi');
    const file = openSync(path, 'w');
    const header = Buffer.from(base.subarray(0, 12));
    header.writeBigUInt64LE(BigInt(far + first), 4);
    writeSync(file, header, 0, 12, 0);
    writeSync(file, base, 12, first - 12, far + 12);
    writeSync(file, table, 0, table.length, far + first);
    closeSync(file);
    const { dataset } = await openBest('ndpi', path);
    const { hashes, damage } = await planeHashes(dataset.images[0]!);
    expect(damage).toBe(0);
    expect(hashes).toEqual(manifest.get('no-table.ndpi')!.images[0]!.planes);
  });
});
