import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type TestSubblock, writeCzi } from '../../src/testing/czi-writer.js';
import { openWith } from './fixture-suite.js';

const folder = mkdtempSync(join(tmpdir(), 'imgconv-czi-scenes-'));
afterAll(() => rmSync(folder, { recursive: true }));

function open(subblocks: readonly TestSubblock[], metadata: string, name = 'test.czi') {
  const xml = `<ImageDocument><Metadata>${metadata}</Metadata></ImageDocument>`;
  writeFileSync(join(folder, name), writeCzi({ subblocks, xml }));
  return openWith('czi', join(folder, name));
}

function flat(more: Partial<TestSubblock> = {}): TestSubblock {
  const { width = 4, height = 4 } = more;
  return { x: 0, y: 0, width, height, pixelType: 0, compression: 0, data: new Uint8Array(width * height), ...more };
}

const drawn = (name: string, geometry: Record<string, string | number>, more = ''): string =>
  `<${name}><Geometry>${Object.entries(geometry)
    .map(([key, value]) => `<${key}>${value}</${key}>`)
    .join('')}</Geometry>${more}</${name}>`;

describe('czi: graphics', () => {
  const layers = `<Layers><Layer Name="mine"><Usage>ByUser</Usage><Elements>
    ${drawn('Rectangle', { Left: 1, Top: 2, Width: 3, Height: 4 }, '<TextElements><TextElement><Text>a cell</Text></TextElement></TextElements>')}
    ${drawn('Ellipse', { CenterX: 5.5, CenterY: 6, RadiusX: 2, RadiusY: 1 })}
    ${drawn('Circle', { CenterX: 30, CenterY: 6, Radius: 2 })}
    ${drawn('Line', { X1: 0, Y1: 0, X2: 3, Y2: 1 })}
    ${drawn('Polygon', { Points: '1,1 2,1 2,2.5' })}
    ${drawn('OpenPolyline', { Points: '1,1 40,1' })}
    ${drawn('Events', { Points: '7,7 8,8' })}
    ${drawn('Rectangle', { Left: 1, Top: 2, Width: 3, Height: 4 }, '<Rotation>12</Rotation>')}
    ${drawn('Caliper', { Whatever: 1 })}
    ${drawn('Rectangle', { Left: 1 })}
  </Elements></Layer></Layers>`;

  it('are regions; turned and unknown elements are told', async () => {
    const { dataset, notices } = await open([flat({ x: -3, y: 7, width: 50, height: 10 })], layers);
    const rois = dataset.ome.ROIs!;
    expect(rois.map(({ Shapes: [shape] }) => [shape!.name, { ...shape!.attributes, ID: '' }])).toEqual([
      ['Rectangle', { ID: '', X: '1', Y: '2', Width: '3', Height: '4', Text: 'a cell' }],
      ['Ellipse', { ID: '', X: '5.5', Y: '6', RadiusX: '2', RadiusY: '1' }],
      ['Ellipse', { ID: '', X: '30', Y: '6', RadiusX: '2', RadiusY: '2' }],
      ['Line', { ID: '', X1: '0', Y1: '0', X2: '3', Y2: '1' }],
      ['Polygon', { ID: '', Points: '1,1 2,1 2,2.5' }],
      ['Polyline', { ID: '', Points: '1,1 40,1' }],
      ['Point', { ID: '', X: '7', Y: '7' }],
      ['Point', { ID: '', X: '8', Y: '8' }],
    ]);
    expect(rois[0]).toMatchObject({ ID: 'ROI:0', Name: 'mine', Description: 'ByUser' });
    expect(dataset.ome.Images[0]!.ROIRefs).toEqual(rois.map(({ ID }) => ID));
    expect(notices).toContainEqual(
      expect.objectContaining({ code: 'CZI_GRAPHICS', text: expect.stringMatching(/^3 /) }),
    );
  });

  it('belong to the scenes that they touch, counted from the corner of each', async () => {
    const scenes = [flat({ x: 100, y: 50, width: 10, height: 10, at: { S: 0 } })];
    scenes.push(flat({ x: 120, y: 55, width: 30, height: 10, at: { S: 1 } }));
    const { dataset } = await open(scenes, layers);
    const names = (i: number) =>
      dataset.ome.Images[i]!.ROIRefs!.map((id) => dataset.ome.ROIs!.find(({ ID }) => ID === id)!.Shapes[0]!);
    expect(names(0).map(({ name }) => name)).toEqual([
      'Rectangle',
      'Ellipse',
      'Line',
      'Polygon',
      'Polyline',
      'Point',
      'Point',
    ]);
    expect(names(1).map(({ name, attributes }) => [name, attributes.X ?? attributes.Points])).toEqual([
      ['Ellipse', '10'],
    ]);
    expect(names(1)[0]!.attributes.Y).toBe('1');
  });
});

describe('czi: pyramids', () => {
  it('across scenes are no image', async () => {
    const across = flat({ width: 40, height: 4, stored: [20, 2], data: new Uint8Array(40) });
    const { dataset } = await open([1, 2].map((S) => flat({ x: 20 * S, at: { S } })).concat(across), '');
    expect(dataset.images.map(({ levels }) => levels.map(({ shape }) => shape.slice(3)))).toEqual([[[4, 4]], [[4, 4]]]);
  });
});

describe('czi: wells', () => {
  const holder = `<Experiment><ExperimentBlocks><AcquisitionBlock><SubDimensionSetups><RegionsSetup><SampleHolder>
    <Template Name="Multiwell 24"><ShapeRows>4</ShapeRows><ShapeColumns>6</ShapeColumns></Template></SampleHolder></RegionsSetup>
    </SubDimensionSetups></AcquisitionBlock></ExperimentBlocks></Experiment>`;
  const scene = (index: number, name: string, shape: string): string =>
    `<Scene Index="${index}" Name="${name}">${shape}</Scene>`;
  const information = (scenes: string): string =>
    `<Information><Image><Dimensions><S><Scenes>${scenes}</Scenes></S></Dimensions></Image></Information>`;
  const scenes = [
    scene(
      0,
      'P1',
      '<ArrayName>B4</ArrayName><Shape Id="2-4" Name="B4"><RowIndex>2</RowIndex><ColumnIndex>4</ColumnIndex></Shape>',
    ),
    scene(1, 'P2', '<Shape Id="2-4" Name="B4"/>'),
    scene(2, 'P1', '<Shape Id="3-1" Name="C1"/>'),
  ];
  const blocks = [0, 1, 2].map((S) => flat({ x: 10 * S, at: { S } }));

  it('of a sample holder are a plate', async () => {
    const { dataset } = await open(blocks, holder + information(scenes.join('')));
    expect(dataset.images.map(({ name }) => name)).toEqual(['B4 P1', 'B4 P2', 'C1 P1']);
    const sample = (well: number, i: number, image: number) => ({
      ID: `WellSample:0:${well}:${i}`,
      Index: image,
      ImageRef: `Image:${image}`,
    });
    expect(dataset.ome.Plates).toEqual([
      {
        ID: 'Plate:0',
        Name: 'Multiwell 24',
        RowNamingConvention: 'letter',
        ColumnNamingConvention: 'number',
        Rows: 4,
        Columns: 6,
        Wells: [
          { ID: 'Well:0:0', Row: 1, Column: 3, WellSamples: [sample(0, 0, 0), sample(0, 1, 1)] },
          { ID: 'Well:0:1', Row: 2, Column: 0, WellSamples: [sample(1, 0, 2)] },
        ],
      },
    ]);
  });

  it('are no plate where a scene lies in none, or the holder has none', async () => {
    const [first, second] = scenes;
    const apart = await open(blocks, holder + information(first! + second! + scene(2, 'P3', '')));
    expect(apart.dataset.ome.Plates).toBeUndefined();
    const slide = await open(blocks, information(scenes.join('')));
    expect(slide.dataset.ome.Plates).toBeUndefined();
    const alone = await open(blocks.slice(0, 1), holder + information(scenes.join('')));
    expect(alone.dataset.ome.Plates).toBeUndefined();
  });
});

describe('czi: experiment', () => {
  const channel = (name: string, on: boolean, gain: number): string =>
    `<Track IsActivated="${on}"><Channels><Channel IsActivated="${on}" Name="${name}"><DataGrabberSetup><CameraFrameSetup>` +
    `<ExposureTime>7</ExposureTime><EMGain>${gain}</EMGain></CameraFrameSetup></DataGrabberSetup></Channel></Channels></Track>`;
  const setup = (tracks: string): string =>
    `<Experiment><ExperimentBlocks><AcquisitionBlock><MultiTrackSetup>${tracks}</MultiTrackSetup></AcquisitionBlock></ExperimentBlocks></Experiment>`;
  const information = `<Information><Image><Dimensions><Channels><Channel Id="Channel:0" Name="EGFP">
    <LaserScanInfo><ZoomX>2.5</ZoomX></LaserScanInfo><DetectorSettings><Detector Id="Detector:1"/></DetectorSettings></Channel></Channels></Dimensions></Image>
    <Instrument><Detectors><Detector Id="Detector:1"/></Detectors></Instrument></Information>`;

  it('tells the gain of a channel that was on, by its name', async () => {
    const tracks = channel('Cy5', true, 5) + channel('EGFP', false, 30) + channel('EGFP', true, 60);
    const { dataset } = await open([flat()], setup(tracks) + information);
    expect(dataset.ome.Images[0]!.Pixels.Channels[0]!.DetectorSettings).toEqual({
      ID: 'Detector:0:0',
      Gain: 60,
      Zoom: 2.5,
    });
    const twice = await open([flat()], setup(channel('EGFP', true, 30) + channel('EGFP', true, 60)) + information);
    expect(twice.dataset.ome.Images[0]!.Pixels.Channels[0]!.DetectorSettings!.Gain).toBeUndefined();
  });

  it('dates an image without a date by its first tile', async () => {
    const tags = (time: string) => `<METADATA><Tags><AcquisitionTime>${time}</AcquisitionTime></Tags></METADATA>`;
    const blocks = ['2020-01-02T03:04:08Z', '2020-01-02T03:04:05.25Z'].map((time, T) =>
      flat({ at: { T }, metadata: tags(time) }),
    );
    const { dataset } = await open(blocks, '');
    expect(dataset.ome.Images[0]!.AcquisitionDate).toBe('2020-01-02T03:04:05.25Z');
  });
});
