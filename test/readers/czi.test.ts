import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type TestDocument, type TestSubblock, writeCzi, zstd1 } from '../../src/testing/czi-writer.js';
import { describeFixtures, openWith, planeHashes } from './fixture-suite.js';

describeFixtures('czi', ['mosaic.czi', 'bgr-uint16.czi']);

interface Tile {
  readonly base64: string;
  readonly width: number;
  readonly height: number;
  readonly planes: readonly string[];
}
const tiles = JSON.parse(readFileSync('fixtures/czi/tiles.json', 'utf8')) as Record<string, Tile>;
const folder = mkdtempSync(join(tmpdir(), 'imgconv-czi-'));
afterAll(() => rmSync(folder, { recursive: true }));

function bytesOf(name: string): Uint8Array {
  return Buffer.from(tiles[name]!.base64, 'base64');
}

function open(document: TestDocument, options: Record<string, string> = {}, name = 'test.czi') {
  writeFileSync(join(folder, name), writeCzi(document));
  return openWith('czi', join(folder, name), options);
}

function block(more: Partial<TestSubblock> = {}): TestSubblock {
  return { x: 0, y: 0, width: 24, height: 16, pixelType: 0, compression: 0, data: bytesOf('gray'), ...more };
}

/** A tile of one value. */
function flat(value: number, width: number, height: number, more: Partial<TestSubblock> = {}): TestSubblock {
  return block({ width, height, data: new Uint8Array(width * height).fill(value), ...more });
}

describe('czi: compressions', () => {
  it.each([
    ['jpeg-gray', 0, 1, 'uint8'],
    ['jpeg-rgb', 3, 1, 'uint8'],
    ['jpegxr-gray8', 0, 4, 'uint8'],
    ['jpegxr-gray16', 1, 4, 'uint16'],
    ['jpegxr-rgb8', 3, 4, 'uint8'],
    ['jpegxr-rgb16', 4, 4, 'uint16'],
    ['jpegxr-bgr8', 3, 4, 'uint8'],
    ['zstd-gray16', 1, 5, 'uint16'],
    ['bgra', 9, 0, 'uint8'],
    ['float-bgr', 8, 0, 'float'],
    ['gray', 0, 4, 'uint8'], // called JPEG XR, but stored as it is
  ] as const)('%s', async (name, pixelType, compression, type) => {
    const { dataset } = await open({ subblocks: [block({ pixelType, compression, data: bytesOf(name) })] });
    expect(dataset.images[0]!.type).toBe(type);
    const { hashes, damage } = await planeHashes(dataset.images[0]!);
    expect(damage).toBe(0);
    expect(hashes).toEqual(tiles[name]!.planes);
  });

  it.each([true, false])('Zstd1, bytes packed: %s', async (packed) => {
    const name = packed ? 'zstd-gray16-packed' : 'zstd-gray16';
    const data = zstd1(bytesOf(name), packed);
    const { dataset } = await open({ subblocks: [block({ pixelType: 1, compression: 6, data })] });
    expect((await planeHashes(dataset.images[0]!)).hashes).toEqual(tiles[name]!.planes);
  });

  it('makes two channels of complex pixels', async () => {
    const numbers = new Float32Array(2 * 2 * 3).map((_, i) => (i % 2 === 0 ? i : -i));
    const subblocks = [0, 1].map((C) =>
      block({ width: 3, height: 2, pixelType: 10, data: new Uint8Array(numbers.buffer), at: { C } }),
    );
    const { dataset } = await open({ subblocks });
    const [image] = dataset.images;
    expect([image!.type, image!.levels[0].shape]).toEqual(['float', [1, 4, 1, 2, 3]]);
    const { Channels, Planes } = dataset.ome.Images[0]!.Pixels;
    expect(Channels.map(({ Name, SamplesPerPixel }) => [Name, SamplesPerPixel])).toEqual([
      ['real', 1],
      ['imaginary', 1],
      ['real', 1],
      ['imaginary', 1],
    ]);
    expect(Planes!.map(({ TheC }) => TheC)).toEqual([0, 1, 2, 3]);
    const { LevelReader } = await import('../../src/pipeline/read.js');
    const reader = new LevelReader(image!.levels[0], image!.type);
    const data = await reader.read({ start: [0, 2, 0, 0, 0], shape: [1, 2, 1, 2, 3] });
    reader.close();
    expect([...data].map(Number)).toEqual([0, 2, 4, 6, 8, 10, -1, -3, -5, -7, -9, -11]);
  });

  it('refuses what it cannot read', async () => {
    await expect(open({ subblocks: [block({ pixelType: 11 })] })).rejects.toMatchObject({ code: 'CZI_PIXEL_TYPE' });
    await expect(open({ subblocks: [block({ compression: 504 })] })).rejects.toMatchObject({ code: 'CZI_COMPRESSION' });
    const far = [flat(1, 4, 4), flat(1, 4, 4, { at: { T: 2 ** 31 - 1 } })];
    await expect(open({ subblocks: far })).rejects.toMatchObject({ code: 'CZI_BOUNDS' });
    await expect(open({ subblocks: [] })).rejects.toMatchObject({ code: 'CZI_EMPTY' });
  });
});

async function plane(image: Parameters<typeof planeHashes>[0], level = 0): Promise<number[][]> {
  const { LevelReader } = await import('../../src/pipeline/read.js');
  const { shape } = image.levels[level]!;
  const reader = new LevelReader(image.levels[level]!, image.type, { damage: () => undefined });
  const data = await reader.read({ start: [0, 0, 0, 0, 0], shape: [1, 1, 1, shape[3], shape[4]] });
  reader.close();
  return Array.from({ length: shape[3] }, (_, y) =>
    Array.from({ length: shape[4] }, (_unused, x) => Number(data[y * shape[4] + x])),
  );
}

const MOSAIC: readonly TestSubblock[] = [
  flat(3, 4, 4, { x: 2, y: 0, at: { M: 2 } }),
  flat(1, 4, 4, { x: 0, y: 0, at: { M: 0 } }),
  flat(2, 4, 4, { x: -2, y: 2, at: { M: 1 } }),
];

describe('czi: mosaics', () => {
  it('paints tiles in the order of their numbers, whatever the order in the file', async () => {
    const { dataset } = await open({ subblocks: MOSAIC });
    expect(await plane(dataset.images[0]!)).toEqual([
      [0, 0, 1, 1, 3, 3, 3, 3],
      [0, 0, 1, 1, 3, 3, 3, 3],
      [2, 2, 2, 2, 3, 3, 3, 3],
      [2, 2, 2, 2, 3, 3, 3, 3],
      [2, 2, 2, 2, 0, 0, 0, 0],
      [2, 2, 2, 2, 0, 0, 0, 0],
    ]);
  });

  it('keeps tiles when asked for', async () => {
    const tags = (x: number) =>
      `<METADATA><Tags><StageXPosition>${x + 0.5}</StageXPosition><StageYPosition>-2</StageYPosition></Tags></METADATA>`;
    const subblocks = MOSAIC.map((each) => ({ ...each, metadata: tags(each.x) }));
    const { dataset } = await open({ subblocks }, { mosaic: 'tiles' });
    expect(dataset.images.map((image) => image.levels[0].shape)).toEqual(Array(3).fill([1, 1, 1, 4, 4]));
    expect(dataset.images.map((image) => image.name)).toEqual(['tile 1', 'tile 2', 'tile 3']);
    expect((await plane(dataset.images[2]!))[0]).toEqual([3, 3, 3, 3]);
    expect(dataset.ome.Images.map((image) => image.Pixels.Planes![0]!.PositionX)).toEqual([
      { value: 0.5, unit: 'µm' },
      { value: -1.5, unit: 'µm' },
      { value: 2.5, unit: 'µm' },
    ]);
  });

  it('gives stored pyramid levels that are complete, and leaves out others', async () => {
    const base = [flat(10, 8, 8, { at: { M: 0 } }), flat(20, 8, 8, { x: 8, at: { M: 1 } })];
    const half = flat(15, 16, 8, { stored: [8, 4], data: new Uint8Array(32).fill(15) });
    const whole = await open({ subblocks: [half, ...base] });
    expect(whole.dataset.images[0]!.levels.map((level) => level.shape.slice(3))).toEqual([
      [8, 16],
      [4, 8],
    ]);
    expect((await plane(whole.dataset.images[0]!, 1))[3]).toEqual(Array(8).fill(15));
    const part = flat(15, 8, 8, { stored: [4, 4], data: new Uint8Array(16) });
    const cut = await open({ subblocks: [...base, part] });
    expect(cut.dataset.images[0]!.levels.length).toBe(1);
    expect(cut.notices).toContainEqual(expect.objectContaining({ code: 'CZI_PYRAMID', rank: 'info' }));
  });
});

describe('czi: dimensions', () => {
  it('makes scenes, acquisitions and views images; folds rotations, illuminations and phases in', async () => {
    const subblocks: TestSubblock[] = [];
    for (const S of [0, 1])
      for (const V of [0, 1])
        for (const R of [0, 1])
          for (const I of [0, 1])
            for (const H of [0, 1, 2]) {
              for (const [Z, T] of [
                [0, 0],
                [1, 0],
              ] as const) {
                subblocks.push(flat(1 + Z + 2 * R + 4 * I + 8 * H, 4, 4, { at: { S, V, R, I, H, Z, T, C: 0 } }));
              }
            }
    const { dataset } = await open({ subblocks: subblocks.reverse() });
    expect(dataset.images.map((image) => image.name)).toEqual([
      'Scene #1 view 1',
      'Scene #1 view 2',
      'Scene #2 view 1',
      'Scene #2 view 2',
    ]);
    expect(dataset.images[0]!.levels[0].shape).toEqual([3, 2, 4, 4, 4]);
    const { LevelReader } = await import('../../src/pipeline/read.js');
    const reader = new LevelReader(dataset.images[0]!.levels[0], 'uint8');
    const data = await reader.read({ start: [0, 0, 0, 0, 0], shape: [3, 2, 4, 1, 1] });
    reader.close();
    // t = phase, c = illumination, z = rotation · 2 + z
    expect([...data].map(Number)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    ]);
    expect(dataset.ome.Annotations!.length).toBe(4);
    expect(dataset.ome.Annotations![0]!.Content[0]!.children[0]!.children.map((each) => each.name)).toEqual([
      'ModuloAlongZ',
      'ModuloAlongT',
      'ModuloAlongC',
    ]);
  });
});

describe('czi: documents', () => {
  const xml =
    '<ImageDocument><Metadata><Information><Image><SizeX>24</SizeX></Image></Information></Metadata></ImageDocument>';

  it('rebuilds a missing directory', async () => {
    const { dataset, notices } = await open({ subblocks: MOSAIC, xml, withoutDirectory: true });
    expect(notices).toContainEqual(expect.objectContaining({ code: 'CZI_DIRECTORY', rank: 'damage' }));
    expect((await plane(dataset.images[0]!))[5]).toEqual([2, 2, 2, 2, 0, 0, 0, 0]);
    expect(dataset.original).toContainEqual({ key: 'Information/Image/SizeX', value: '24' });
  });

  it('reads the parts of a split document from any of them, and says which is missing', async () => {
    const second = flat(2, 4, 4, { at: { T: 1 }, part: 1 });
    const master: TestDocument = {
      subblocks: [flat(1, 4, 4, { at: { T: 0 } })],
      elsewhere: [{ ...second, position: 544 }],
    };
    writeFileSync(join(folder, 'split.czi'), writeCzi(master));
    writeFileSync(join(folder, 'split (1).czi'), writeCzi({ subblocks: [second], part: 1, guids: [7, 8] }));
    for (const name of ['split.czi', 'split (1).czi']) {
      const { dataset } = await openWith('czi', join(folder, name));
      expect(dataset.images[0]!.levels[0].shape[0]).toBe(2);
      expect(dataset.files.length).toBe(2);
      expect((await planeHashes(dataset.images[0]!)).damage).toBe(0);
    }
    const { dataset, notices } = await open(master, {}, 'alone.czi');
    expect(dataset.missing).toEqual(['alone (1).czi']);
    expect(notices).toContainEqual(expect.objectContaining({ code: 'FILE_MISSING' }));
    expect((await planeHashes(dataset.images[0]!)).damage).toBe(1);
  });

  it('takes a file that merely looks like a part for itself', async () => {
    await open({ subblocks: [flat(1, 4, 4)] }, {}, 'copy.czi');
    const { dataset } = await open({ subblocks: [flat(9, 2, 2)], guids: [9, 9] }, {}, 'copy (1).czi');
    expect(dataset.images[0]!.levels[0].shape).toEqual([1, 1, 1, 2, 2]);
    expect(dataset.files.length).toBe(1);
  });

  it('shows label and preview, and the thumbnail when asked for', async () => {
    const label = writeCzi({ subblocks: [block({ compression: 0 })] });
    const attachments = [
      { name: 'Label', type: 'CZI', data: label },
      { name: 'SlidePreview', type: 'JPG', data: bytesOf('jpeg-rgb') },
      { name: 'Thumbnail', type: 'JPG', data: bytesOf('jpeg-gray') },
    ];
    const { dataset } = await open({ subblocks: [flat(1, 4, 4)], attachments });
    expect(dataset.images.map((image) => image.role)).toEqual(['pixels', 'label', 'macro']);
    expect((await planeHashes(dataset.images[1]!)).hashes).toEqual(tiles.gray!.planes);
    expect((await planeHashes(dataset.images[2]!)).hashes).toEqual(tiles['jpeg-rgb']!.planes);
    const more = await open({ subblocks: [flat(1, 4, 4)], attachments }, { thumbnails: 'true' });
    expect(more.dataset.images.map((image) => image.role)).toEqual(['pixels', 'label', 'macro', 'thumbnail']);
  });

  it('reports subblocks that lie outside the file', async () => {
    const subblocks = [flat(1, 4, 4, { at: { T: 0 } }), flat(2, 4, 4, { at: { T: 1 } })];
    const whole = writeCzi({ subblocks });
    // Break the second subblock's segment name.
    const at = Buffer.from(whole).lastIndexOf('ZISRAWSUBBLOCK');
    whole[at] = 0;
    writeFileSync(join(folder, 'broken.czi'), whole);
    const { dataset } = await openWith('czi', join(folder, 'broken.czi'));
    expect((await planeHashes(dataset.images[0]!)).damage).toBeLessThanOrEqual(1);
  });
});

describe('czi: metadata', () => {
  const document = `<ImageDocument><Metadata>
    <Information>
      <User><UserName>someone</UserName></User>
      <Image>
        <AcquisitionDateAndTime>2020-01-02T03:04:05.5Z</AcquisitionDateAndTime><ComponentBitCount>12</ComponentBitCount>
        <ObjectiveSettings><ObjectiveRef Id="Objective:9"/><Medium>Oil</Medium><RefractiveIndex>1.518</RefractiveIndex></ObjectiveSettings>
        <Dimensions>
          <Channels>
            <Channel Id="Channel:0" Name="DAPI"><EmissionWavelength>465</EmissionWavelength><ExposureTime>20000000</ExposureTime>
              <AcquisitionMode>WideField</AcquisitionMode><ContrastMethod>Fluorescence</ContrastMethod><FilterSetRef Id="FilterSet:1"/>
              <DetectorSettings><Binning>2,2</Binning><Gain>3</Gain><Detector Id="Detector:Camera"/></DetectorSettings></Channel>
            <Channel Id="Channel:1" Name="PhaseX"><IlluminationType>Transmitted</IlluminationType></Channel>
          </Channels>
          <T><Positions><Interval><Increment>2.5</Increment></Interval></Positions></T>
          <S><Scenes><Scene Index="0" Name="left"><CenterPosition>100,200</CenterPosition></Scene>
             <Scene Index="1" Name="right"><CenterPosition>300,400</CenterPosition></Scene></Scenes></S>
        </Dimensions>
      </Image>
      <Instrument>
        <Microscopes><Microscope Id="M:1" Name="A scope"><Type>Inverted</Type></Microscope></Microscopes>
        <Objectives><Objective Id="Objective:9"><LensNA>1.4</LensNA><NominalMagnification>63</NominalMagnification><Immersion>Oil</Immersion>
          <Manufacturer><Model>63x</Model></Manufacturer></Objective></Objectives>
        <Detectors><Detector Id="Detector:Camera"><Type>Airyscan</Type></Detector></Detectors>
        <Filters><Filter Id="Filter:1"><TransmittanceRange><CutIn>420</CutIn><CutOut>470</CutOut></TransmittanceRange></Filter></Filters>
        <FilterSets><FilterSet Id="FilterSet:1"><EmissionFilters><EmissionFilterRef Id="Filter:1"/></EmissionFilters></FilterSet></FilterSets>
        <LightSources><LightSource Id="L:1"><LightSourceType><Laser><Wavelength>561</Wavelength></Laser></LightSourceType></LightSource></LightSources>
      </Instrument>
    </Information>
    <Scaling><Items><Distance Id="X"><Value>1E-07</Value></Distance><Distance Id="Z"><Value>0</Value></Distance></Items></Scaling>
    <DisplaySetting><Channels>
      <Channel Id="Channel:0" Name="DAPI"><Low>0.25</Low><High>0.5</High><Color>#FF00A1FF</Color><DyeName>DAPI dye</DyeName></Channel>
      <Channel Id="Channel:1" Name="PhaseX"/></Channels></DisplaySetting>
  </Metadata></ImageDocument>`;
  const times = Buffer.alloc(8 + 16);
  times.writeInt32LE(24, 0);
  times.writeInt32LE(2, 4);
  times.writeDoubleLE(0.5, 8);
  times.writeDoubleLE(3, 16);

  it('maps what OME knows', async () => {
    const subblocks: TestSubblock[] = [];
    for (const S of [0, 1])
      for (const T of [0, 1])
        for (const C of [0, 1]) {
          const time = `<METADATA><Tags><AcquisitionTime>2020-01-02T03:04:${10 + T}.75Z</AcquisitionTime></Tags></METADATA>`;
          subblocks.push(flat(1, 4, 4, { x: 10 * S, at: { S, T, C }, metadata: S === 0 ? time : undefined }));
        }
    const attachments = [{ name: 'TimeStamps', type: 'CZTIMS', data: times }];
    const { dataset } = await open({ subblocks, xml: document, attachments });
    const [left, right] = dataset.ome.Images;
    expect([left!.Name, right!.Name]).toEqual(['left', 'right']);
    expect(left!.AcquisitionDate).toBe('2020-01-02T03:04:05.5Z');
    expect(left!.ObjectiveSettings).toEqual({ ID: 'Objective:0:0', Medium: 'Oil', RefractiveIndex: 1.518 });
    const { Pixels } = left!;
    expect(Pixels.PhysicalSizeX).toEqual({ value: expect.closeTo(0.1, 9), unit: 'µm' });
    expect(Pixels.PhysicalSizeZ).toBeUndefined();
    expect(Pixels.SignificantBits).toBe(12);
    expect(Pixels.TimeIncrement).toEqual({ value: 2.5, unit: 's' });
    expect(Pixels.Channels[0]).toMatchObject({
      Name: 'DAPI',
      Fluor: 'DAPI dye',
      Color: (0x00a1ff << 8) | 0xff,
      EmissionWavelength: { value: 465, unit: 'nm' },
      AcquisitionMode: 'WideField',
      ContrastMethod: 'Fluorescence',
      FilterSetRef: 'FilterSet:0:0',
      DetectorSettings: { ID: 'Detector:0:0', Binning: '2x2', Gain: 3 },
    });
    expect(Pixels.Channels[1]).toMatchObject({ Name: 'PhaseX', IlluminationType: 'Transmitted' });
    expect(Pixels.Planes!.map((p) => p.DeltaT!.value)).toEqual([5.25, 5.25, 6.25, 6.25]);
    expect(Pixels.Planes![0]).toMatchObject({
      ExposureTime: { value: 0.02, unit: 's' },
      PositionX: { value: 100, unit: 'µm' },
    });
    // No tags: time stamps of the attachment, one a time point.
    expect(right!.Pixels.Planes!.map((p) => p.DeltaT!.value)).toEqual([0.5, 0.5, 3, 3]);
    const [instrument] = dataset.ome.Instruments!;
    expect(instrument).toMatchObject({
      Microscope: { Model: 'A scope', Type: 'Inverted' },
      Objectives: [{ LensNA: 1.4, NominalMagnification: 63, Immersion: 'Oil', Model: '63x' }],
      Detectors: [{ Type: 'Other' }],
      LightSources: [{ Kind: 'Laser', Wavelength: { value: 561, unit: 'nm' } }],
      FilterSets: [{ EmissionFilterRefs: ['Filter:0:0'] }],
    });
    expect(dataset.ome.Experimenters![0]!.UserName).toBe('someone');
    expect(dataset.images[0]!.display![0]!.window).toMatchObject({ min: 0, max: 255, start: 63.75, end: 127.5 });
  });

  it('goes on without broken XML', async () => {
    const { dataset, notices } = await open({
      subblocks: [flat(1, 4, 4)],
      xml: '<a><!DOCTYPE x [<!ENTITY y "z">]></a>',
    });
    expect(dataset.images.length).toBe(1);
    expect(notices.every((notice) => notice.rank !== 'loss')).toBe(true);
  });
});
