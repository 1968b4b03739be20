// MRC headers to the OME model.

import { outlineImage } from '../../src/containers/raw/model.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeImage, OmePlane, Quantity } from '../../src/core/ome.js';
import { positive } from '../../src/core/ome-build.js';
import type { ExtendedHeader } from './extended.js';
import type { MrcHeader } from './header.js';
import type { Mode } from './modes.js';

/** Å, but old FEI software (extended type AGAR) wrote µm: its own pixel size in m tells where it is known. */
function unitOf(header: MrcHeader, extended: ExtendedHeader): 'Å' | 'µm' {
  if (header.extendedType !== 'AGAR') return 'Å';
  const meters = Number(extended.sections[0]?.values.find(([key]) => key === 'PixelSize')?.[1]);
  const size = header.cell[0] / header.grid[0];
  if (!(meters > 0)) return 'µm';
  return Math.abs((size * 1e-10) / meters - 1) < 0.05 ? 'Å' : 'µm';
}

/** Voxel size along columns, rows and sections: cell length by sampling, of the cell axis that each is mapped to. */
export function voxelSize(header: MrcHeader, extended: ExtendedHeader): readonly (Quantity | undefined)[] {
  const unit = unitOf(header, extended);
  const sizes = header.map.map((axis) => positive(header.cell[axis - 1]! / header.grid[axis - 1]!, unit));
  const [fx, fy] = extended.pixelSize ?? [];
  const fei = (meters: number | undefined): Quantity | undefined => positive(meters && meters * 1e10, 'Å');
  return [sizes[0] ?? fei(fx), sizes[1] ?? fei(fy), sizes[2]];
}

function planesOf(extended: ExtendedHeader, shape: Tczyx, channels: number): OmePlane[] | undefined {
  if (!extended.sections.some((s) => s.stage || s.exposure !== undefined)) return undefined;
  const planes: OmePlane[] = [];
  const length = (value: number | undefined): Quantity | undefined =>
    value === undefined || !Number.isFinite(value) ? undefined : { value, unit: 'µm' };
  extended.sections.forEach((section, i) => {
    for (let c = 0; c < channels; c++) {
      planes.push({
        TheZ: i % shape[2],
        TheC: c,
        TheT: Math.floor(i / shape[2]),
        ExposureTime: positive(section.exposure, 's'),
        PositionX: length(section.stage?.x),
        PositionY: length(section.stage?.y),
        PositionZ: length(section.stage?.z),
      });
    }
  });
  return planes;
}

export function describe(
  name: string,
  header: MrcHeader,
  extended: ExtendedHeader,
  mode: Mode,
  shape: Tczyx,
): OmeImage {
  const [x, y, z] = voxelSize(header, extended);
  const channels = mode.names?.map((Name) => ({ Name }));
  const Planes = planesOf(extended, shape, channels?.length ?? 1);
  return outlineImage({
    index: 0,
    name,
    shape,
    type: mode.type,
    samples: mode.names ? undefined : [mode.samples],
    channels,
    pixels: { PhysicalSizeX: x, PhysicalSizeY: y, PhysicalSizeZ: z, Planes },
  });
}

export function originalMetadata(header: MrcHeader, extended: ExtendedHeader): OriginalMetadata[] {
  const { statistics } = header;
  const rows: [string, string | number | readonly number[]][] = [
    ['Columns, rows, sections', header.size],
    ['Mode', header.mode],
    ['Start', header.start],
    ['Grid size', header.grid],
    ['Cell size', header.cell],
    ['Cell angles', header.angles],
    ['Axis order', header.map],
    ['Minimum', statistics.min],
    ['Maximum', statistics.max],
    ['Mean', statistics.mean],
    ['RMS', statistics.rms],
    ['Space group', header.spaceGroup],
    ['Extended header bytes', header.extendedBytes],
    ['Extended header type', header.extendedType],
    ['Format version', header.version],
    ['Origin', header.origin],
  ];
  if (header.imodFlags !== undefined) rows.push(['IMOD flags', header.imodFlags]);
  for (const [i, label] of header.labels.entries()) rows.push([`Label ${i}`, label]);
  rows.push(...extended.global.map(([key, value]): [string, string] => [key, value]));
  extended.sections.forEach((section, i) => {
    for (const [key, value] of section.values) rows.push([`Section ${i} ${key}`, value]);
  });
  return rows.map(([key, value]) => ({ key, value: typeof value === 'object' ? value.join(' ') : String(value) }));
}
