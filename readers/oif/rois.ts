// Regions of interest: files that ProfileSaveInfo lists as RoiFileNameN, each with sections 'ROIBase Body'. Numbers of shapes: NOTES.md.

import type { Notice } from '../../src/core/contracts.js';
import type { OmeElement, OmeRoi } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';
import type { FluoFiles } from './files.js';
import { type Ini, parseSections, type Section } from './ini.js';

type Numbers = Readonly<Record<string, number>>;
type Drawn = readonly [name: string, attributes: Readonly<Record<string, string>>];

const MOST_FILES = 10_000;

function listOf(section: Section, key: string): number[] | undefined {
  const values = (section.get(key) ?? '').split(',').map((each) => (each.trim() === '' ? Number.NaN : Number(each)));
  return values.every(Number.isFinite) ? values : undefined;
}

function attributesOf(numbers: Numbers): Record<string, string> {
  return Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, String(value)]));
}

/** Corners are given by two positions; a grid has `divide` cells a side. */
function cells(x: readonly number[], y: readonly number[], divide: number): Drawn[] {
  const [left, top] = [Math.min(...x), Math.min(...y)];
  const [Width, Height] = [(Math.max(...x) - left) / divide, (Math.max(...y) - top) / divide];
  return Array.from({ length: divide * divide }, (_, i): Drawn => {
    const [X, Y] = [left + (i % divide) * Width, top + Math.floor(i / divide) * Height];
    return ['Rectangle', attributesOf({ X, Y, Width, Height })];
  });
}

function shapesOf(section: Section): readonly Drawn[] {
  const [x, y] = [listOf(section, 'X'), listOf(section, 'Y')];
  // About which point a shape is turned is not known.
  if (!x || !y || x.length !== y.length || Number(section.get('ANGLE') ?? 0) !== 0) return [];
  const [[x0, x1], [y0, y1]] = [x, y];
  const Points = x.map((value, i) => `${value},${y[i]}`).join(' ');
  const divide = Math.min(64, Math.max(1, Math.trunc(Number(section.get('DIVIDE')) || 1)));
  const kind = Number(section.get('SHAPE'));
  if (kind === 2) return [['Point', attributesOf({ X: x0!, Y: y0! })]];
  if (x1 === undefined || y1 === undefined) return [];
  switch (kind) {
    case 3:
      return [['Line', attributesOf({ X1: x0!, Y1: y0!, X2: x1, Y2: y1 })]];
    case 4:
    case 10:
      return [['Polyline', { Points }]];
    case 5:
      return cells([x0!, x1], [y0!, y1], 1);
    case 11:
      return cells([x0!, x1], [y0!, y1], divide);
    case 6:
    case 7: {
      const RadiusX = Math.abs(x1 - x0!) / 2;
      const RadiusY = kind === 6 ? RadiusX : Math.abs(y1 - y0!) / 2;
      const [X, Y] = [Math.min(x0!, x1) + RadiusX, Math.min(y0!, y1) + RadiusY];
      return [['Ellipse', attributesOf({ X, Y, RadiusX, RadiusY })]];
    }
    case 8:
    case 9:
      return [['Polygon', { Points }]];
    default:
      return [];
  }
}

/** Width of the line, pixels, and size of the letters, points. */
function lookOf(section: Section): Record<string, string> {
  const width = Number(section.get('LINEWIDTH'));
  const size = Number((section.get('FONT') ?? '').split(',')[1]);
  return {
    ...(width > 0 ? { StrokeWidth: String(width), StrokeWidthUnit: 'pixel' } : {}),
    ...(Number.isInteger(size) && size > 0 ? { FontSize: String(size), FontSizeUnit: 'pt' } : {}),
  };
}

/** Which plane they were drawn on is not told, so they belong to all. */
export async function readRois(files: FluoFiles, main: Ini, notice: (notice: Notice) => void): Promise<OmeRoi[]> {
  const rois: OmeRoi[] = [];
  let left = 0;
  const profile = main.get('ProfileSaveInfo');
  for (let i = 0; i < MOST_FILES; i++) {
    const path = profile?.get(`RoiFileName${i}`);
    if (path === undefined) break;
    const bytes = await files.read(path.split(/[\\/]/).at(-1)!);
    for (const [title, section] of bytes ? parseSections(bytes) : []) {
      if (title !== 'ROIBase Body' || !section.has('SHAPE')) continue;
      const shapes = shapesOf(section);
      if (shapes.length === 0) left++;
      else {
        const Shapes = shapes.map(([name, attributes], k): OmeElement => {
          return {
            name,
            attributes: { ID: `Shape:${rois.length}:${k}`, ...attributes, ...lookOf(section) },
            children: [],
          };
        });
        rois.push(defined({ ID: `ROI:${rois.length}`, Name: section.get('NAME')?.trim() || undefined, Shapes }));
      }
    }
  }
  if (left > 0) {
    const text = `${left} regions are turned or have no counterpart; they are left out`;
    notice({ code: 'OIF_ROI', rank: 'info', text });
  }
  return rois;
}
