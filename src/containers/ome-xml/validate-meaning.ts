// What ome.xsd does not catch: sizes against channels and planes, coverage by TiffData, plates, regions, annotations without an owner.

import { children, descendants, numberAttribute, type XmlElement } from '../xml/element.js';

type Add = (severity: 'error' | 'warning', code: string, path: string, message: string) => void;

const BITS: Readonly<Record<string, number>> = {
  bit: 1,
  int8: 8,
  uint8: 8,
  int16: 16,
  uint16: 16,
  int32: 32,
  uint32: 32,
  float: 32,
  double: 64,
  complex: 64,
  'double-complex': 128,
};
const ORIGINAL = 'openmicroscopy.org/OriginalMetadata';

export function checkMeaning(root: XmlElement, add: Add): void {
  children(root, 'Image').forEach((image, i) => {
    for (const pixels of children(image, 'Pixels')) checkPixels(pixels, `OME/Image[${i}]/Pixels[0]`, add);
  });
  for (const [i, plate] of children(root, 'Plate').entries()) checkPlate(plate, `OME/Plate[${i}]`, add);
  checkRegions(root, add);
  checkAnnotations(root, add);
}

function checkPixels(pixels: XmlElement, path: string, add: Add): void {
  const size = (axis: string): number => numberAttribute(pixels, `Size${axis}`) ?? 0;
  const channels = children(pixels, 'Channel');
  const samples = channels.map((each) => numberAttribute(each, 'SamplesPerPixel') ?? 1);
  const sum = samples.reduce((a, b) => a + b, 0);
  const type = pixels.attribute('Type') ?? '';
  if (channels.length > 0 && sum !== size('C')) {
    add(
      'error',
      'OME_CHANNELS',
      path,
      `SizeC is ${size('C')}, but the ${channels.length} channels hold ${sum} samples`,
    );
  }
  const significant = numberAttribute(pixels, 'SignificantBits');
  if (significant !== undefined && significant > (BITS[type] ?? Number.POSITIVE_INFINITY)) {
    add('error', 'OME_SIGNIFICANT_BITS', path, `SignificantBits is ${significant}, but ${type} has ${BITS[type]}`);
  }
  const effective = channels.length > 0 ? channels.length : size('C');
  const seen = new Set<string>();
  children(pixels, 'Plane').forEach((plane, i) => {
    const [z, c, t] = ['TheZ', 'TheC', 'TheT'].map((name) => numberAttribute(plane, name) ?? 0) as [
      number,
      number,
      number,
    ];
    if (z >= size('Z') || c >= Math.max(effective, size('C')) || t >= size('T')) {
      const sizes = `${size('Z')}, ${effective}, ${size('T')}`;
      add('error', 'OME_PLANE', `${path}/Plane[${i}]`, `plane z ${z}, c ${c}, t ${t} is outside of the sizes ${sizes}`);
    }
    const key = `${z} ${c} ${t}`;
    if (seen.has(key))
      add('warning', 'OME_PLANE', `${path}/Plane[${i}]`, `plane z ${z}, c ${c}, t ${t} is described twice`);
    seen.add(key);
  });
  checkTiffData(pixels, size('Z') * size('T') * effective, path, add);
  checkBinData(pixels, (size('X') * size('Y') * size('Z') * size('C') * size('T') * (BITS[type] ?? 0)) / 8, path, add);
}

function checkTiffData(pixels: XmlElement, planes: number, path: string, add: Add): void {
  const blocks = children(pixels, 'TiffData');
  // A block without IFD and PlaneCount takes all planes of its file.
  if (
    blocks.length === 0 ||
    blocks.some((each) => each.attribute('PlaneCount') === undefined && each.attribute('IFD') === undefined)
  )
    return;
  const stated = blocks.reduce((total, each) => total + (numberAttribute(each, 'PlaneCount') ?? 1), 0);
  if (stated < planes) add('warning', 'OME_TIFFDATA', path, `TiffData describes ${stated} of ${planes} planes`);
  if (stated > planes)
    add('warning', 'OME_TIFFDATA', path, `TiffData describes ${stated} planes, the sizes make ${planes}`);
}

function checkBinData(pixels: XmlElement, bytes: number, path: string, add: Add): void {
  const blocks = children(pixels, 'BinData');
  if (blocks.length === 0 || blocks.some((each) => (each.attribute('Compression') ?? 'none') !== 'none')) return;
  const stored = blocks.reduce((total, each) => total + base64Bytes(each), 0);
  if (stored < bytes) add('warning', 'OME_BINDATA', path, `BinData holds ${stored} bytes, the sizes make ${bytes}`);
}

function base64Bytes(element: XmlElement): number {
  const text = element.text.replace(/\s+/g, '');
  return Math.floor((text.replace(/=+$/, '').length * 3) / 4);
}

function checkPlate(plate: XmlElement, path: string, add: Add): void {
  const rows = numberAttribute(plate, 'Rows') ?? Number.POSITIVE_INFINITY;
  const columns = numberAttribute(plate, 'Columns') ?? Number.POSITIVE_INFINITY;
  const places = new Set<string>();
  const indices = new Set<number>();
  children(plate, 'Well').forEach((well, i) => {
    const row = numberAttribute(well, 'Row') ?? 0;
    const column = numberAttribute(well, 'Column') ?? 0;
    if (row >= rows || column >= columns) {
      add(
        'warning',
        'OME_WELL',
        `${path}/Well[${i}]`,
        `row ${row}, column ${column} is outside of ${rows} × ${columns}`,
      );
    }
    if (places.has(`${row} ${column}`))
      add('warning', 'OME_WELL', `${path}/Well[${i}]`, `a second well at row ${row}, column ${column}`);
    places.add(`${row} ${column}`);
    for (const sample of children(well, 'WellSample')) {
      const index = numberAttribute(sample, 'Index') ?? 0;
      if (indices.has(index))
        add(
          'warning',
          'OME_WELL_SAMPLE',
          `${path}/Well[${i}]`,
          `well sample index ${index} is not unique in the plate`,
        );
      indices.add(index);
    }
  });
}

function checkRegions(root: XmlElement, add: Add): void {
  const largest = { TheZ: 0, TheC: 0, TheT: 0 };
  for (const image of children(root, 'Image')) {
    for (const pixels of children(image, 'Pixels')) {
      for (const name of ['TheZ', 'TheC', 'TheT'] as const) {
        largest[name] = Math.max(largest[name], numberAttribute(pixels, `Size${name.slice(3)}`) ?? 0);
      }
    }
  }
  children(root, 'ROI').forEach((roi, i) => {
    for (const union of children(roi, 'Union')) {
      for (const shape of union.children) {
        for (const name of ['TheZ', 'TheC', 'TheT'] as const) {
          const value = numberAttribute(shape, name);
          if (value === undefined || value < largest[name]) continue;
          add('warning', 'OME_ROI', `OME/ROI[${i}]`, `${shape.name} has ${name} ${value}, no image is that large`);
        }
      }
    }
  });
}

function checkAnnotations(root: XmlElement, add: Add): void {
  const used = new Set<string>();
  for (const ref of descendants(root, 'AnnotationRef')) used.add(ref.attribute('ID') ?? '');
  for (const holder of children(root, 'StructuredAnnotations')) {
    holder.children.forEach((each, i) => {
      const id = each.attribute('ID') ?? '';
      // Original metadata belongs to the whole file where nothing refers to it.
      if (used.has(id) || each.attribute('Namespace') === ORIGINAL) return;
      add(
        'warning',
        'OME_ORPHAN',
        `OME/StructuredAnnotations/${each.name}[${i}]`,
        `nothing refers to annotation "${id}"`,
      );
    });
  }
}
