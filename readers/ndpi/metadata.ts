// NDPI tags in the OME model.

import { pageChannels, parseDate, pixelSize } from '../../src/containers/tiff/metadata.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { OmeChannel, OmeImage, OmeInstrument, OmePixels, OmePlane } from '../../src/core/ome.js';
import { defined, positive, quantity } from '../../src/core/ome-build.js';
import { NDPI, type NdpiPage, type NdpiSlide, propertiesOf } from './pages.js';

export async function instrumentOf(slide: NdpiSlide): Promise<OmeInstrument> {
  const { page, lens } = slide.sizes[0]![0]!;
  const properties = new Map(await propertiesOf(page));
  const serial = properties.get('NDP.S/N') ?? (await page.ifd.text(NDPI.serial).catch(() => undefined));
  return defined<OmeInstrument>({
    ID: 'Instrument:0',
    Microscope: defined({
      Manufacturer: (await page.ifd.text(TAG.Make)) ?? 'Hamamatsu',
      Model: properties.get('Product') ?? (await page.ifd.text(TAG.Model)),
      SerialNumber: serial,
    }),
    Objectives: [
      defined({ ID: 'Objective:0:0', NominalMagnification: lens !== undefined && lens > 0 ? lens : undefined }),
    ],
  });
}

/** Focal planes are at distances of nanometres. */
function spacing(slide: NdpiSlide): number | undefined {
  const z = slide.sizes[0]!.map((each) => each.z);
  if (z.length < 2 || z.some((each) => each === undefined)) return undefined;
  return (z.at(-1)! - z[0]!) / (z.length - 1) / 1000;
}

export async function imageFacts({
  page,
}: NdpiPage): Promise<{ image: Partial<OmeImage>; pixels: Partial<OmePixels> }> {
  const size = await pixelSize(page.ifd);
  return {
    image: defined({
      AcquisitionDate: parseDate(await page.ifd.text(TAG.DateTime)),
      InstrumentRef: 'Instrument:0',
      ObjectiveSettings: { ID: 'Objective:0:0' },
    }),
    pixels: size.unitless ? {} : defined({ PhysicalSizeX: size.x, PhysicalSizeY: size.y }),
  };
}

export async function slideFacts(slide: NdpiSlide): Promise<{ image: Partial<OmeImage>; pixels: Partial<OmePixels> }> {
  const { image, pixels } = await imageFacts(slide.sizes[0]![0]!);
  return { image, pixels: defined({ ...pixels, PhysicalSizeZ: positive(spacing(slide), 'µm') }) };
}

/** Channel elements of one file: filter set and wavelength of fluorescence slides. */
export async function channelsOf({ page }: NdpiPage, fallback?: string): Promise<Partial<OmeChannel>[]> {
  const name = await page.ifd.text(NDPI.filterSet).catch(() => undefined);
  const wavelength = await page.ifd.number(NDPI.wavelength);
  return pageChannels(page).map((SamplesPerPixel) =>
    defined<Partial<OmeChannel>>({
      SamplesPerPixel,
      Name: name?.trim() || fallback,
      EmissionWavelength: positive(wavelength, 'nm'),
    }),
  );
}

/** Offsets of the scanned area on the slide, nm; one plane a channel element and focal plane. */
export function planesOf(slides: readonly (NdpiSlide | undefined)[], channels: readonly number[]): OmePlane[] {
  return slides.flatMap((slide, s) => {
    if (!slide) return [];
    const first = channels.slice(0, s).reduce((a, b) => a + b, 0);
    return Array.from({ length: channels[s]! }, (_, c) =>
      slide.sizes[0]!.flatMap(({ x, y, z }, k): OmePlane[] => {
        const place = defined({
          PositionX: quantity(x, 'nm'),
          PositionY: quantity(y, 'nm'),
          PositionZ: quantity(z, 'nm'),
        });
        return Object.keys(place).length > 0 ? [{ TheZ: k, TheC: first + c, TheT: 0, ...place }] : [];
      }),
    ).flat();
  });
}

export async function originalOf({ page }: NdpiPage, image: number, prefix: string): Promise<OriginalMetadata[]> {
  return (await propertiesOf(page)).map(([key, value]) => ({ image, key: `${prefix}NDPI ${key}`, value }));
}
