import { describe, expect, it } from 'vitest';
import { readRois } from '../../readers/nd2/rois.js';
import { Variant } from '../../readers/nd2/variant.js';
import { omeColor } from '../../src/core/ome.js';

type Tree = { readonly [name: string]: Tree | number | string };

function variant(name: string, value: Tree | number | string): Variant {
  if (typeof value !== 'object') return new Variant(name, value);
  const made = new Variant(name);
  made.children.push(...Object.entries(value).map(([key, each]) => variant(key, each)));
  return made;
}

function read(tree: Tree, positions: number) {
  return readRois(variant('RoiMetadata_v1', tree), positions, { width: 200, height: 100 });
}

function region(eShapeType: number, more: Tree = {}, info: Tree = {}, states = 1): Tree {
  const state = { dCenterX: -0.5, dCenterY: 0.2, dRotationZ: 0, m_BoxShape: { dSizeX: 0.25, dSizeY: 0.5 }, ...more };
  return {
    uiId: 1,
    m_sInfo: { eShapeType, eInterpType: 1, ...info },
    m_vectAnimParams_Size: states,
    m_vectAnimParams_0: state,
  };
}

describe('nd2: regions of interest', () => {
  it('are places in the picture', () => {
    const { rois, refs, left } = read(
      {
        Global_Size: 3,
        Global_0: region(3, {}, { sLabel: 'a cell', eInterpType: 2, uiColor: 0x80ff00 }),
        Global_1: region(9),
        Global_2: region(2),
      },
      2,
    );
    expect(left).toBe(0);
    expect(rois).toEqual([
      {
        ID: 'ROI:0',
        Name: 'a cell',
        Description: 'background',
        Shapes: [
          {
            name: 'Rectangle',
            attributes: {
              ID: 'Shape:0:0',
              X: '37.5',
              Y: '47.5',
              Width: '25',
              Height: '25',
              StrokeColor: String(omeColor(0, 255, 128)),
              Text: 'a cell',
            },
            children: [],
          },
        ],
      },
      {
        ID: 'ROI:1',
        Shapes: [
          {
            name: 'Ellipse',
            attributes: { ID: 'Shape:1:0', X: '50', Y: '60', RadiusX: '12.5', RadiusY: '12.5' },
            children: [],
          },
        ],
      },
      { ID: 'ROI:2', Shapes: [{ name: 'Point', attributes: { ID: 'Shape:2:0', X: '50', Y: '60' }, children: [] }] },
    ]);
    expect(refs).toEqual([
      ['ROI:0', 'ROI:1', 'ROI:2'],
      ['ROI:0', 'ROI:1', 'ROI:2'],
    ]);
  });

  it('belong to a position where they are listed for it', () => {
    const tree = { '2PerMPoint_Size': 2, '2PerMPoint_0': { Size: 0 }, '2PerMPoint_1': { Size: 1, 0: region(4) } };
    const { rois, refs } = read(tree, 2);
    expect(rois.length).toBe(1);
    expect(refs).toEqual([[], ['ROI:0']]);
  });

  it('that move, are turned or have no counterpart are counted', () => {
    const { rois, left } = read(
      {
        Global_Size: 4,
        Global_0: region(5),
        Global_1: region(3, { dRotationZ: 12 }),
        Global_2: region(3, {}, {}, 2),
        Global_3: region(3, { m_BoxShape: { dSizeX: 0 } }),
      },
      1,
    );
    expect(rois).toEqual([]);
    expect(left).toBe(4);
    expect(readRois(undefined, 1, { width: 1, height: 1 })).toEqual({ rois: [], refs: [[]], left: 0 });
  });
});
