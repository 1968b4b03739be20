// DM tags to the OME model.

import { outlineImage } from '../../src/containers/raw/model.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { OmeElement, OmeImage, OmeInstrument, OmePlane, OmeRoi, Quantity } from '../../src/core/ome.js';
import { defined, positive } from '../../src/core/ome-build.js';
import type { DmPixels } from './pixels.js';
import { at, type DmNode, items, numberOf, textOf } from './tags.js';

/** Length units of calibrations; reciprocal and energy units are no pixel sizes. */
const LENGTHS: Readonly<Record<string, string>> = {
  pm: 'pm',
  A: 'Å',
  Å: 'Å',
  nm: 'nm',
  um: 'µm',
  µm: 'µm',
  μm: 'µm',
  mm: 'mm',
  cm: 'cm',
  m: 'm',
};

/** Windows FILETIME: 100 ns since 1601, UTC. */
function fileTime(ticks: number | undefined): string | undefined {
  if (ticks === undefined || ticks <= 0) return undefined;
  const ms = (ticks - 116444736000000000) / 1e4;
  return ms > 0 && ms < 8e12 ? `${new Date(ms).toISOString().slice(0, 19)}Z` : undefined;
}

/**
 * Tags of an image, or, where it was made from others, of the one it was made from: StackBuilder keeps them as 'Tags at creation'.
 * Stage and exposure, which differ from slice to slice, are not looked up there.
 */
function origin(tags: DmNode | undefined): DmNode | undefined {
  const source = at(tags, 'source/Tags at creation');
  return at(tags, 'Microscope Info') || !at(source, 'Microscope Info') ? tags : source;
}

function acquired(tags: DmNode | undefined): string | undefined {
  const exact = fileTime(numberOf(at(tags, 'DataBar/Acquisition Time (OS)')));
  if (exact) return exact;
  const epoch = numberOf(at(tags, 'Acquisition/Frame/Sequence/Acquisition Start Time (epoch)'));
  return epoch && epoch > 0 && epoch < 8e12 ? `${new Date(epoch).toISOString().slice(0, 19)}Z` : undefined;
}

/** Name of the person and of what was looked at. */
export function session(tags: DmNode | undefined): { readonly operator?: string; readonly specimen?: string } {
  const text = (name: string): string | undefined =>
    textOf(at(tags, `Session Info/${name}`)) ?? textOf(at(tags, `Microscope Info/${name}`));
  return { operator: text('Operator'), specimen: text('Specimen') };
}

/** Pixels of the camera that were read as one, where the OME model has a name for it. */
function binning(tags: DmNode | undefined): string | undefined {
  const node = at(tags, 'Acquisition/Parameters/High Level/Binning');
  const both = node?.kind === 'value' && Array.isArray(node.value) ? node.value.map(Number) : [];
  return both.length === 2 && both[0] === both[1] && [1, 2, 4, 8].includes(both[0]!)
    ? `${both[0]}x${both[1]}`
    : undefined;
}

const EXPOSURES = [
  'DataBar/Exposure Time (s)',
  'Acquisition/Parameters/High Level/Exposure (s)',
  'Acquisition/Parameters/Detector/Exposure (s)',
  'Acquisition/Parameters/Detector/exposure (s)',
  'EELS/Acquisition/Exposure (s)',
  'CL/Acquisition/Exposure (s)',
];

function exposure(tags: DmNode | undefined): Quantity | undefined {
  for (const path of EXPOSURES) {
    const seconds = positive(numberOf(at(tags, path)), 's');
    if (seconds) return seconds;
  }
  return undefined;
}

export interface Stage {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
}

/** Every stage position below a node, in tag order. */
export function stagePositions(node: DmNode | undefined): Stage[] {
  if (node?.kind !== 'group') return [];
  if (node.name !== 'Stage Position') return node.children.flatMap(stagePositions);
  const [x, y, z] = ['Stage X', 'Stage Y', 'Stage Z'].map((name) => numberOf(at(node, name)));
  return x === undefined && y === undefined ? [] : [{ x, y, z }];
}

export function hasGroup(node: DmNode | undefined, name: string): boolean {
  return node?.kind === 'group' && (node.name === name || node.children.some((each) => hasGroup(each, name)));
}

export interface DmImage {
  readonly index: number;
  readonly name: string;
  readonly node: DmNode;
  readonly pixels: DmPixels;
  readonly stage: Stage | undefined;
  /** Instrument of the image's own tags. */
  readonly instrument: OmeInstrument | undefined;
  readonly rois: readonly OmeRoi[];
  /** Person who took it. */
  readonly operator: string | undefined;
  /** Of calibrations without one. */
  readonly unit: string | undefined;
}

export function instrumentOf(node: DmNode, index: number): OmeInstrument | undefined {
  const tags = origin(at(node, 'ImageTags'));
  const info = at(tags, 'Microscope Info');
  const model = textOf(at(info, 'Name')) ?? textOf(at(info, 'Microscope'));
  const above = (name: string): number | undefined => positive(numberOf(at(info, name)), '')?.value;
  const magnification = above('Indicated Magnification');
  const actual = above('Actual Magnification');
  const device = textOf(at(tags, 'DataBar/Device Name')) ?? textOf(at(tags, 'Acquisition/Device/Name'));
  const voltage = positive(numberOf(at(info, 'Voltage')), 'V');
  if (!model && !magnification && !actual && !device && !voltage) return undefined;
  return {
    ID: `Instrument:${index}`,
    Microscope: model ? { Model: model } : undefined,
    Objectives:
      magnification || actual
        ? [
            defined({
              ID: `Objective:${index}:0`,
              NominalMagnification: magnification,
              CalibratedMagnification: actual,
            }),
          ]
        : undefined,
    Detectors: device || voltage ? [{ ID: `Detector:${index}:0`, Model: device }] : undefined,
  };
}

function planesOf(image: DmImage, tags: DmNode | undefined): OmePlane[] | undefined {
  const { shape, samples } = image.pixels;
  const ExposureTime = exposure(tags);
  const { stage } = image;
  if (!ExposureTime && !stage) return undefined;
  const length = (value: number | undefined): Quantity | undefined =>
    value === undefined ? undefined : { value, unit: 'µm' };
  const where = { PositionX: length(stage?.x), PositionY: length(stage?.y), PositionZ: length(stage?.z) };
  const planes: OmePlane[] = [];
  for (let TheT = 0; TheT < shape[0]; TheT++) {
    for (let TheC = 0; TheC < shape[1] / samples; TheC++) {
      for (let TheZ = 0; TheZ < shape[2]; TheZ++) planes.push({ TheZ, TheC, TheT, ExposureTime, ...where });
    }
  }
  return planes;
}

function pixelSizes(image: DmImage): readonly (Quantity | undefined)[] {
  const entries = items(at(image.node, 'ImageData/Calibrations/Dimension'));
  return image.pixels.calibration.map((i) => {
    const written = textOf(at(entries[i], 'Units'));
    const unit = written ? LENGTHS[written] : image.unit;
    return unit === undefined ? undefined : positive(Math.abs(numberOf(at(entries[i], 'Scale')) ?? 0), unit);
  });
}

/** Some calibration of the image has no unit: the image was not calibrated, or not in lengths. */
export function lacksUnit(node: DmNode): boolean {
  return items(at(node, 'ImageData/Calibrations/Dimension')).some((entry) => !textOf(at(entry, 'Units')));
}

/** `operators`: names in the order of the experimenters. */
export function describe(image: DmImage, operators: readonly string[]): OmeImage {
  const tags = at(image.node, 'ImageTags');
  const [x, y, z] = pixelSizes(image);
  const { pixels, instrument } = image;
  const detector = instrument?.Detectors?.[0];
  const made = origin(tags);
  const settings = detector && {
    DetectorSettings: {
      ID: detector.ID,
      Voltage: positive(numberOf(at(made, 'Microscope Info/Voltage')), 'V'),
      Binning: binning(tags),
    },
  };
  const names = pixels.channelNames ?? [undefined];
  return outlineImage({
    index: image.index,
    name: image.name,
    shape: pixels.shape,
    type: pixels.type,
    samples: pixels.samples === 4 ? [4] : undefined,
    channels: names.map((Name) => ({ Name, ...settings })),
    pixels: {
      TimeIncrement: pixels.timeIncrement,
      PhysicalSizeX: x,
      PhysicalSizeY: y,
      PhysicalSizeZ: z,
      Planes: planesOf(image, tags),
    },
    image: {
      AcquisitionDate: acquired(tags) ?? acquired(made),
      Description: session(tags).specimen,
      ExperimenterRef: image.operator && `Experimenter:${operators.indexOf(image.operator)}`,
      InstrumentRef: instrument?.ID,
      ObjectiveSettings: instrument?.Objectives ? { ID: instrument.Objectives[0]!.ID } : undefined,
      ROIRefs: image.rois.length > 0 ? image.rois.map((roi) => roi.ID) : undefined,
    },
  });
}

const SHAPES: Readonly<Record<number, string>> = { 2: 'Line', 5: 'Rectangle', 6: 'Ellipse', 13: 'Label' };

/** Annotations of the document's displays: lines, rectangles, ellipses and texts. */
export function roisOf(root: DmNode): OmeRoi[] {
  const rois: OmeRoi[] = [];
  const lists = items(at(root, 'DocumentObjectList')).map((each) => items(at(each, 'AnnotationGroupList')));
  for (const annotation of lists.flat()) {
    const name = SHAPES[numberOf(at(annotation, 'AnnotationType')) ?? -1];
    const box = at(annotation, 'Rectangle');
    if (!name || box?.kind !== 'value' || !Array.isArray(box.value) || box.value.length !== 4) continue;
    const [top, left, bottom, right] = box.value.map(Number) as [number, number, number, number];
    const numbers: Readonly<Record<string, Readonly<Record<string, number>>>> = {
      Line: { X1: left, Y1: top, X2: right, Y2: bottom },
      Rectangle: { X: left, Y: top, Width: right - left, Height: bottom - top },
      Ellipse: {
        X: (left + right) / 2,
        Y: (top + bottom) / 2,
        RadiusX: (right - left) / 2,
        RadiusY: (bottom - top) / 2,
      },
      Label: { X: left, Y: top },
    };
    const index = rois.length;
    const attributes: Record<string, string> = { ID: `Shape:${index}:0` };
    for (const [key, value] of Object.entries(numbers[name]!)) attributes[key] = String(value);
    const text = textOf(at(annotation, 'Text'));
    if (text) attributes.Text = text;
    const shape: OmeElement = { name, attributes, children: [] };
    rois.push({ ID: `ROI:${index}`, Shapes: [shape] });
  }
  return rois;
}

/** The tag tree, one row a value: unnamed tags by their position. Arrays that stay in the file are named with their length. */
export function flatten(root: DmNode): OriginalMetadata[] {
  const rows: OriginalMetadata[] = [];
  const visit = (node: DmNode, key: string): void => {
    if (node.kind === 'group') {
      for (const [i, each] of node.children.entries()) visit(each, `${key}${key ? '/' : ''}${each.name || i}`);
    } else if (node.kind === 'value') {
      const { value } = node;
      rows.push({ key, value: typeof value === 'object' ? value.join(' ') : String(value) });
    } else rows.push({ key, value: `array of ${node.count} elements` });
  };
  visit(root, '');
  return rows;
}
