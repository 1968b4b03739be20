// QPTIFF: the XML of each page says what it is: FullResolution and ReducedResolution pages are channels of the pyramid's levels.

import { buildLevel } from '../../src/containers/tiff/level.js';
import { describeTags, listTags } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { openTiff } from '../../src/containers/tiff/open.js';
import { planeKey, type TiffPage } from '../../src/containers/tiff/page.js';
import { buildPyramid, isSmallerCopy, readablePages } from '../../src/containers/tiff/pyramid.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import { child, numberAt, textAt, type XmlElement } from '../../src/containers/xml/element.js';
import { parseXml } from '../../src/containers/xml/parse.js';
import type { Dataset, ImageSource, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import { type OmeChannel, type OmeImage, type OmePlane, omeColor } from '../../src/core/ome.js';
import { defined, quantity } from '../../src/core/ome-build.js';

interface QpiPage {
  readonly page: TiffPage;
  readonly xml?: XmlElement;
  readonly kind: string;
}

const ROLES: Readonly<Record<string, ImageSource['role']>> = {
  Thumbnail: 'thumbnail',
  Overview: 'macro',
  Label: 'label',
};

async function describe(page: TiffPage): Promise<QpiPage> {
  const text = (await page.ifd.text(TAG.ImageDescription)) ?? '';
  try {
    const xml = parseXml(text, { lenient: true, file: page.ifd.file.source.name });
    return { page, xml, kind: textAt(xml, 'ImageType') ?? '' };
  } catch (error) {
    if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
    return { page, kind: '' };
  }
}

function colorOf(text: string | undefined): number | undefined {
  const parts = text?.split(',').map(Number) ?? [];
  return parts.length === 3 && parts.every((n) => n >= 0 && n <= 255)
    ? omeColor(parts[0]!, parts[1]!, parts[2]!)
    : undefined;
}

/** Stage position in µm: XPosition and YPosition are in the unit of the resolution. */
async function placeOf(page: TiffPage): Promise<Pick<OmePlane, 'PositionX' | 'PositionY'>> {
  const unit = (await page.ifd.number(TAG.ResolutionUnit)) ?? 2;
  const scale = unit === 3 ? 10000 : unit === 2 ? 25400 : undefined;
  const place = async (tag: number) => {
    const value = await page.ifd.number(tag);
    return scale === undefined || value === undefined ? undefined : quantity(value * scale, 'µm');
  };
  return defined({ PositionX: await place(TAG.XPosition), PositionY: await place(TAG.YPosition) });
}

async function planeOf({ page, xml }: QpiPage, channel: number): Promise<OmePlane> {
  return defined({
    TheZ: 0,
    TheC: channel,
    TheT: 0,
    ExposureTime: quantity(numberAt(xml, 'ExposureTime'), 'µs'),
    ...(await placeOf(page)),
  });
}

/** Everything in the XML that has text, by its path. */
function listXml(element: XmlElement, prefix: string, image: number): OriginalMetadata[] {
  return element.children.flatMap((each): OriginalMetadata[] => {
    const key = `${prefix} ${each.name}`;
    if (each.children.length > 0) return listXml(each, key, image);
    const value = each.text.trim();
    return value === '' ? [] : [{ image, key, value }];
  });
}

const LINKS: Partial<OmeImage> = { InstrumentRef: 'Instrument:0', ObjectiveSettings: { ID: 'Objective:0:0' } };

export async function openQptiff(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const file = await openTiff(input, options.limits);
  const pages: QpiPage[] = [];
  for (const page of await readablePages(file.ifds, options.signal)) pages.push(await describe(page));
  const first = pages[0]!;
  const main = pages.filter(({ kind }) => kind === 'FullResolution' || kind === 'ReducedResolution');
  const full = main.filter(({ page }) => planeKey(page) === planeKey(first.page));
  if (full.length === 0)
    throw formatError('QPTIFF_EMPTY', 'the first page is not of full resolution', { file: file.source.name });
  const sizes = new Map<string, QpiPage[]>();
  for (const each of main) {
    // Levels come after the full size and are smaller.
    if (!full.includes(each) && !isSmallerCopy(each.page, first.page)) continue;
    const key = planeKey(each.page);
    sizes.set(key, [...(sizes.get(key) ?? []), each]);
  }
  const levels = await buildPyramid(
    [...sizes.values()].map((list) => list.map(({ page }) => ({ page }))),
    { t: 1, c: full.length, z: 1 },
  );
  const tags = await describeTags(first.page);
  const channels = full.flatMap(({ xml }) =>
    tags.channels.map(
      (channel): Partial<OmeChannel> =>
        defined({
          ...channel,
          Name: textAt(xml, 'Name') ?? textAt(xml, 'Biomarker'),
          Color: channel.SamplesPerPixel === 1 ? colorOf(textAt(xml, 'Color')) : undefined,
          DetectorSettings: { ID: 'Detector:0:0' },
        }),
    ),
  );
  const planes = await Promise.all(full.map(planeOf));
  const parts = {
    index: 0,
    name: input.name,
    page: first.page,
    levels,
    image: defined<Partial<OmeImage>>({ ...LINKS, AcquisitionDate: tags.image.AcquisitionDate }),
    pixels: { ...tags.pixels, ...(tags.channels.length === 1 ? { Planes: planes } : {}) },
    channels,
  };
  const images: ImageSource[] = [await imageSource(parts)];
  const omeImages: OmeImage[] = [omeImage(parts)];
  const original: OriginalMetadata[] = [];
  const list = async (each: QpiPage, image: number, prefix: string): Promise<void> => {
    if (each.xml) original.push(...listXml(each.xml, prefix, image));
    original.push(...(await listTags(each.page.ifd, image)).filter(({ key }) => key !== 'ImageDescription'));
  };
  for (const [i, each] of full.entries()) {
    if (i === 0) await list(each, 0, 'QPI');
    else if (each.xml) original.push(...listXml(each.xml, `QPI channel ${i + 1}`, 0));
  }
  for (const each of pages.filter((one) => !main.includes(one))) {
    const index = images.length;
    const own = await describeTags(each.page);
    const place = await placeOf(each.page);
    const added = {
      index,
      name: each.kind === 'Thumbnail' ? 'thumbnail' : each.kind || `image ${index + 1}`,
      page: each.page,
      levels: [await buildLevel([{ page: each.page }], { t: 1, c: 1, z: 1 })] as const,
      image: LINKS,
      pixels: {
        ...own.pixels,
        ...(own.channels.length === 1 ? { Planes: [{ TheZ: 0, TheC: 0, TheT: 0, ...place }] } : {}),
      },
      channels: own.channels,
    };
    images.push(await imageSource(added, { role: ROLES[each.kind] ?? 'preview' }));
    omeImages.push(omeImage(added));
    await list(each, index, 'QPI');
  }
  for (const notice of file.notices) options.notice(notice);
  const objective =
    textAt(first.xml, 'Objective') ?? textAt(child(first.xml, 'ScanProfile'), 'root/ScanResolution/ObjectiveName');
  const magnification = /^([0-9.]+)\s*x$/i.exec(objective ?? '')?.[1];
  const instrument = {
    ID: 'Instrument:0',
    Detectors: [defined({ ID: 'Detector:0:0', Model: textAt(first.xml, 'CameraName') })],
    Objectives: [
      defined({
        ID: 'Objective:0:0',
        Model: objective,
        NominalMagnification: magnification === undefined ? undefined : Number(magnification),
      }),
    ],
  };
  return {
    format: 'qptiff',
    ome: { Images: omeImages, Instruments: [instrument] },
    images,
    original,
    files: [file.source.name],
  };
}
