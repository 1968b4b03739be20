// Aperio's keys in the OME model.

import { pageChannels, significantBits } from '../../src/containers/tiff/metadata.js';
import type { TiffPage } from '../../src/containers/tiff/page.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import { type OmeChannel, type OmeImage, type OmeInstrument, type OmePlane, omeColor } from '../../src/core/ome.js';
import { defined, positive, quantity } from '../../src/core/ome-build.js';
import { type AperioDescription, dateOf, entryOf, exposureOf, numberOf } from './description.js';
import type { Slide } from './slide.js';

export function instrumentOf(description: AperioDescription): OmeInstrument {
  const serial = entryOf(description, 'ScanScope ID');
  return defined<OmeInstrument>({
    ID: 'Instrument:0',
    Microscope: serial ? { Manufacturer: 'Aperio', SerialNumber: serial } : undefined,
    Objectives: [defined({ ID: 'Objective:0:0', NominalMagnification: numberOf(description, 'AppMag') })],
  });
}

/** `DisplayColor` is a Windows colour: blue in the high byte. */
function colorOf(description: AperioDescription): number | undefined {
  const value = numberOf(description, 'DisplayColor');
  if (value === undefined || value < 0 || value > 0xffffff) return undefined;
  return omeColor(value & 255, (value >> 8) & 255, value >> 16);
}

const UNKNOWN: AperioDescription = { software: '', picture: '', entries: [] };

/** Channel elements of one file's pages. */
export function channelsOf(known: AperioDescription | undefined, page: TiffPage, name?: string): Partial<OmeChannel>[] {
  const description = known ?? UNKNOWN;
  const counts = pageChannels(page);
  const single = counts.length === 1 && counts[0] === 1;
  return counts.map((SamplesPerPixel) =>
    defined({
      SamplesPerPixel,
      Name: name ?? (single ? entryOf(description, 'Dye') : undefined),
      EmissionWavelength: positive(numberOf(description, 'Emission Wavelength'), 'nm'),
      ExcitationWavelength: positive(numberOf(description, 'Excitation Wavelength'), 'nm'),
      Color: single ? colorOf(description) : undefined,
    }),
  );
}

/** Position of the scanned area on the slide, and exposure, for every plane. */
export function planesOf(slides: readonly (Slide | undefined)[], channels: readonly number[]): OmePlane[] {
  return slides.flatMap((slide, s) => {
    if (!slide) return [];
    const { description, focalPlanes } = slide;
    const facts = defined({
      PositionX: quantity(numberOf(description, 'Left'), 'mm'),
      PositionY: quantity(numberOf(description, 'Top'), 'mm'),
      ExposureTime: quantity(exposureOf(description), 's'),
    });
    if (Object.keys(facts).length === 0) return [];
    const first = channels.slice(0, s).reduce((a, b) => a + b, 0);
    return Array.from({ length: channels[s]! }, (_, c) =>
      Array.from({ length: focalPlanes }, (_, z): OmePlane => ({ TheZ: z, TheC: first + c, TheT: 0, ...facts })),
    ).flat();
  });
}

export function imageFacts(slide: Slide): { image: Partial<OmeImage>; pixels: Partial<OmeImage['Pixels']> } {
  const { description } = slide;
  const size = positive(numberOf(description, 'MPP'), 'µm');
  return {
    image: defined({
      AcquisitionDate: dateOf(description),
      Description: description.software || undefined,
      InstrumentRef: 'Instrument:0',
      ObjectiveSettings: { ID: 'Objective:0:0' },
      ExperimenterRef: entryOf(description, 'User') ? 'Experimenter:0' : undefined,
    }),
    pixels: defined({
      PhysicalSizeX: size,
      PhysicalSizeY: size,
      PhysicalSizeZ: positive(slide.spacing, 'µm'),
      SignificantBits: significantBits(slide.sizes[0]![0]!),
    }),
  };
}

export function originalOf(description: AperioDescription, prefix: string): OriginalMetadata[] {
  const list: [string, string][] = [['software', description.software]];
  if (description.picture) list.push(['picture', description.picture]);
  return [...list, ...description.entries].map(([key, value]) => ({ key: `${prefix}Aperio ${key}`, value, image: 0 }));
}
