import { describe, expect, it } from 'vitest';
import type { OmeImage, OmeModel } from '../../src/core/ome.js';
import { listStep, selectModel } from '../../src/core/select.js';

const um = (value: number) => ({ value, unit: 'µm' });

function image(index: number, more: Partial<OmeImage> = {}): OmeImage {
  const planes = [0, 1].flatMap((TheT) => [0, 1, 2].flatMap((TheZ) => [0, 1].map((TheC) => ({ TheT, TheZ, TheC }))));
  return {
    ID: `Image:${index}`,
    Pixels: {
      ID: `Pixels:${index}`,
      DimensionOrder: 'XYZCT',
      Type: 'bit',
      SizeX: 40,
      SizeY: 30,
      SizeZ: 3,
      SizeC: 4,
      SizeT: 2,
      PhysicalSizeX: um(0.5),
      PhysicalSizeY: { value: 500, unit: 'nm' },
      PhysicalSizeZ: um(2),
      TimeIncrement: { value: 3, unit: 's' },
      Channels: [
        { ID: `Channel:${index}:0`, SamplesPerPixel: 3 },
        { ID: `Channel:${index}:1`, Name: 'second' },
      ],
      Planes: planes.map((plane) => ({
        ...plane,
        PositionX: um(100),
        PositionY: { value: 7, unit: 'reference frame' },
        HashSHA1: 'a'.repeat(40),
      })),
    },
    ...more,
  };
}
const shape = [2, 4, 3, 30, 40] as const;
const whole = (index: number) => ({ index, shape, type: 'uint8' as const });
const select = (model: OmeModel, ...picks: Parameters<typeof selectModel>[1]) => selectModel(model, picks);

describe('selectModel', () => {
  it('takes sizes and type from the pixels', () => {
    const { model } = select({ Images: [image(0)] }, whole(0));
    expect(model.Images[0]!.Pixels).toMatchObject({ Type: 'uint8', SizeC: 4, SizeZ: 3, SizeT: 2 });
    expect(model.Images[0]!.Pixels.Planes).toHaveLength(12);
  });

  it('selects samples, planes and time points, and spaces what is left', () => {
    const { model, notices } = select({ Images: [image(0)] }, { ...whole(0), c: [1, 3], z: [0, 2], t: [1] });
    const { Pixels } = model.Images[0]!;
    expect(Pixels).toMatchObject({
      SizeC: 2,
      SizeZ: 2,
      SizeT: 1,
      PhysicalSizeZ: um(4),
      TimeIncrement: { value: 3, unit: 's' },
    });
    expect(Pixels.Channels.map((c) => [c.ID, c.SamplesPerPixel])).toEqual([
      ['Channel:0:0', 1],
      ['Channel:0:1', undefined],
    ]);
    expect(Pixels.Planes!.map((p) => [p.TheT, p.TheZ, p.TheC])).toEqual([
      [0, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
      [0, 1, 1],
    ]);
    expect(notices).toEqual([]);
  });

  it('renumbers channel elements', () => {
    const { model } = select({ Images: [image(0)] }, { ...whole(0), c: [3] });
    expect(model.Images[0]!.Pixels.Channels.map((c) => c.Name)).toEqual(['second']);
    expect(new Set(model.Images[0]!.Pixels.Planes!.map((p) => p.TheC))).toEqual(new Set([0]));
  });

  it('makes channels that the model lacks', () => {
    const { model } = select({ Images: [image(0)] }, { ...whole(0), shape: [2, 5, 3, 30, 40] });
    expect(model.Images[0]!.Pixels.Channels.map((c) => c.ID)).toEqual(['Channel:0:0', 'Channel:0:1', 'Channel:0:2']);
  });

  it('moves positions with a crop where they are lengths', () => {
    const crop = { x: 10, y: 20, width: 5, height: 6 };
    const { model } = select({ Images: [image(0)] }, { ...whole(0), crop });
    const { Pixels } = model.Images[0]!;
    expect([Pixels.SizeX, Pixels.SizeY]).toEqual([5, 6]);
    expect(Pixels.Planes![0]).toMatchObject({ PositionX: um(105), PositionY: { value: 7, unit: 'reference frame' } });
    expect(Pixels.Planes![0]).not.toHaveProperty('HashSHA1');
  });

  it('drops spacings of planes that are not evenly spaced, with a word', () => {
    const five = [2, 4, 5, 30, 40] as const;
    const { model, notices } = select({ Images: [image(0)] }, { ...whole(0), shape: five, z: [0, 1, 4] });
    expect(model.Images[0]!.Pixels.PhysicalSizeZ).toBeUndefined();
    expect(notices.map((n) => [n.code, n.rank])).toEqual([['SPACING_DROPPED', 'loss']]);
  });

  it('moves regions and drops those of planes that go', () => {
    const shapeOf = (name: string, attributes: Record<string, string>, children = [] as never[]) => ({
      name,
      attributes,
      children,
    });
    const rois = [
      { ID: 'ROI:0', Shapes: [shapeOf('Rectangle', { X: '12', Y: '25', Width: '3', Height: '3', TheZ: '2' })] },
      { ID: 'ROI:1', Shapes: [shapeOf('Point', { X: '1', Y: '1', TheZ: '0' })] },
      { ID: 'ROI:2', Shapes: [shapeOf('Polygon', { Points: '10,20 11.5,21 x' })] },
      {
        ID: 'ROI:3',
        Shapes: [
          {
            name: 'Line',
            attributes: { X1: '1', X2: '2', Y1: '3', Y2: '4' },
            children: [{ name: 'Transform', attributes: { A00: '1', A02: '30', A12: '40' }, children: [] }],
          },
        ],
      },
    ];
    const { model } = select(
      { Images: [image(0, { ROIRefs: ['ROI:0', 'ROI:1', 'ROI:2', 'ROI:3'] })], ROIs: rois },
      { ...whole(0), z: [1, 2], crop: { x: 10, y: 20, width: 20, height: 10 } },
    );
    expect(model.Images[0]!.ROIRefs).toEqual(['ROI:0', 'ROI:2', 'ROI:3']);
    expect(model.ROIs!.map((roi) => roi.Shapes[0]!.attributes)).toEqual([
      { X: '2', Y: '5', Width: '3', Height: '3', TheZ: '1' },
      { Points: '0,0 1.5,1 x' },
      { X1: '1', X2: '2', Y1: '3', Y2: '4' },
    ]);
    expect(model.ROIs![2]!.Shapes[0]!.children[0]!.attributes).toEqual({ A00: '1', A02: '20', A12: '20' });
  });

  it('forgets images that are left out wherever they are named', () => {
    const sample = (i: number) => ({ ID: `WellSample:${i}`, Index: i, ImageRef: `Image:${i}` });
    const model: OmeModel = {
      Images: [image(0, { ROIRefs: ['ROI:0'] }), image(1)],
      ROIs: [{ ID: 'ROI:0', Shapes: [] }],
      Plates: [
        {
          ID: 'Plate:0',
          Wells: [
            { ID: 'Well:0', Row: 0, Column: 0, WellSamples: [sample(0)] },
            { ID: 'Well:1', Row: 0, Column: 1, WellSamples: [sample(1)] },
            { ID: 'Well:2', Row: 0, Column: 2, WellSamples: [] },
          ],
          PlateAcquisitions: [{ ID: 'PlateAcquisition:0', WellSampleRefs: ['WellSample:0', 'WellSample:1'] }],
        },
      ],
      Others: [
        {
          name: 'Dataset',
          attributes: { ID: 'Dataset:0' },
          children: ['Image:0', 'Image:1'].map((ID) => ({ name: 'ImageRef', attributes: { ID }, children: [] })),
        },
      ],
    };
    const { model: left } = select(model, whole(1));
    expect(left.ROIs).toEqual([]);
    expect(left.Plates![0]!.Wells.map((well) => well.ID)).toEqual(['Well:1', 'Well:2']);
    expect(left.Plates![0]!.PlateAcquisitions![0]!.WellSampleRefs).toEqual(['WellSample:1']);
    expect(left.Others![0]!.children.map((child) => child.attributes.ID)).toEqual(['Image:1']);
  });

  it('drops Modulo descriptions of axes that are cut', () => {
    const Annotations = [
      {
        Kind: 'XMLAnnotation',
        ID: 'Annotation:0',
        Namespace: 'openmicroscopy.org/omero/dimension/modulo',
        Content: [],
      },
      { Kind: 'TagAnnotation', ID: 'Annotation:1', Content: [] },
    ];
    const model = { Images: [image(0, { AnnotationRefs: ['Annotation:0', 'Annotation:1'] })], Annotations };
    const cut = select(model, { ...whole(0), z: [1] });
    expect(cut.model.Images[0]!.AnnotationRefs).toEqual(['Annotation:1']);
    expect(cut.model.Annotations!.map((a) => a.ID)).toEqual(['Annotation:1']);
    expect(cut.notices[0]?.code).toBe('MODULO_DROPPED');
    expect(select(model, whole(0)).model.Annotations).toHaveLength(2);
  });
});

describe('listStep', () => {
  it('is the distance of regular lists', () => {
    expect([undefined, [5], [1, 3, 5], [1, 2, 4]].map(listStep)).toEqual([1, 1, 2, 0]);
  });
});
