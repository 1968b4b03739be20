// DeltaVision header, extended header and log to the OME model.

import { outlineImage } from '../../src/containers/raw/model.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type {
  OmeChannel,
  OmeDetectorSettings,
  OmeImage,
  OmeInstrument,
  OmePlane,
  Quantity,
} from '../../src/core/ome.js';
import { positive } from '../../src/core/ome-build.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { type DvHeader, SECTION_FIELDS } from './header.js';
import { type Layout, sectionAt } from './layout.js';
import { lensOf } from './lenses.js';
import type { DvLog } from './log.js';

const FIELD = { time: 1, x: 2, y: 3, z: 4, exposure: 8, density: 9, excitation: 10 } as const;
const BINNINGS = new Set(['1x1', '2x2', '4x4', '8x8']);

export interface DvContext {
  readonly header: DvHeader;
  readonly sections: readonly (readonly number[])[];
  readonly layout: Layout;
  readonly log: DvLog;
}

export function instrumentOf({ header, log }: DvContext): OmeInstrument | undefined {
  const lens = header.lens > 0 ? lensOf(header.lens) : undefined;
  const { workingDistance, ...known } = lens ?? {};
  const named = log.objective;
  const objective = lens
    ? [{ ID: 'Objective:0:0', ...known, WorkingDistance: positive(workingDistance, 'mm') }]
    : named
      ? [
          {
            ID: 'Objective:0:0',
            Manufacturer: named.maker,
            NominalMagnification: named.magnification,
            LensNA: named.na,
          },
        ]
      : undefined;
  const detector = settingsOf(log) ? [{ ID: 'Detector:0:0', Model: log.camera }] : undefined;
  if (!objective && !detector) return undefined;
  return { ID: 'Instrument:0', Objectives: objective, Detectors: detector };
}

function settingsOf(log: DvLog): OmeDetectorSettings | undefined {
  const Binning = log.binning && BINNINGS.has(log.binning) ? log.binning : undefined;
  const ReadOutRate = positive(log.readOut, 'kHz');
  if (!Binning && log.gain === undefined && !ReadOutRate && !log.camera) return undefined;
  return { ID: 'Detector:0:0', Binning, Gain: log.gain, ReadOutRate };
}

function channelOf(context: DvContext, position: number, c: number): Partial<OmeChannel> {
  const { header, sections, layout, log } = context;
  const floats = sections[sectionAt(layout, { Z: 0, W: c, T: 0, P: position })];
  const density = floats?.[FIELD.density];
  return {
    Name: log.channelNames[c],
    EmissionWavelength: positive(header.wavelengths[c], 'nm'),
    ExcitationWavelength: positive(floats?.[FIELD.excitation], 'nm'),
    // A fraction, or a percentage from 1 on.
    NDFilter: density === undefined || !Number.isFinite(density) ? undefined : density >= 1 ? density / 100 : density,
    DetectorSettings: settingsOf(log),
  };
}

function planesOf({ sections, layout }: DvContext, position: number, shape: Tczyx, channels: number): OmePlane[] {
  const planes: OmePlane[] = [];
  const quantity = (value: number | undefined, unit: string): Quantity | undefined =>
    value === undefined || !Number.isFinite(value) ? undefined : { value, unit };
  for (let t = 0; t < shape[0]; t++) {
    for (let c = 0; c < channels; c++) {
      for (let z = 0; z < shape[2]; z++) {
        const floats = sections[sectionAt(layout, { Z: z, W: c, T: t, P: position })];
        if (!floats) continue;
        planes.push({
          TheZ: z,
          TheC: c,
          TheT: t,
          DeltaT: quantity(floats[FIELD.time], 's'),
          ExposureTime: quantity(floats[FIELD.exposure], 's'),
          PositionX: quantity(floats[FIELD.x], 'reference frame'),
          PositionY: quantity(floats[FIELD.y], 'reference frame'),
          PositionZ: quantity(floats[FIELD.z], 'reference frame'),
        });
      }
    }
  }
  return planes;
}

export interface DvImage {
  readonly index: number;
  readonly name: string;
  readonly shape: Tczyx;
  readonly type: PixelType;
  /** Complex: both parts of every wavelength are channels. */
  readonly parts: readonly string[] | undefined;
}

export function describe(context: DvContext, image: DvImage): OmeImage {
  const { header, log } = context;
  const { index, shape, parts } = image;
  const waves = header.sizes.W;
  const channels = Array.from({ length: waves }, (_, c) => channelOf(context, index, c)).flatMap((channel) =>
    parts ? parts.map((part) => ({ ...channel, Name: channel.Name ? `${channel.Name} ${part}` : part })) : [channel],
  );
  const planes = parts ? [] : planesOf(context, index, shape, waves);
  const [x, y, z] = header.pixel.map((size) => positive(size, 'µm'));
  const instrument = instrumentOf(context);
  const created = header.seconds === undefined ? undefined : new Date(header.seconds * 1000).toISOString().slice(0, 19);
  return outlineImage({
    index,
    name: image.name,
    shape,
    type: image.type,
    channels,
    pixels: { PhysicalSizeX: x, PhysicalSizeY: y, PhysicalSizeZ: z, Planes: planes.length > 0 ? planes : undefined },
    image: {
      AcquisitionDate: created ?? log.created,
      Description: header.titles[0] || undefined,
      InstrumentRef: instrument?.ID,
      ObjectiveSettings: instrument?.Objectives ? { ID: 'Objective:0:0' } : undefined,
    },
  });
}

/** The extended header is kept by field: one value a section, in stored order. */
export function originalMetadata({ header, sections, log }: DvContext): OriginalMetadata[] {
  const rows = header.original.map(([key, value]) => ({ key, value }));
  for (const [i, field] of SECTION_FIELDS.entries()) {
    if (i >= (sections[0]?.length ?? 0)) break;
    rows.push({ key: `Sections ${field}`, value: sections.map((floats) => floats[i]).join(' ') });
  }
  return [...rows, ...log.values.map(([key, value]) => ({ key, value }))];
}
