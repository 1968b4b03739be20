// Hamamatsu slides: one NDPI file, or the files that an NDPIS list names, one a channel.

import { parseTiff, tiffSignature } from '../../src/containers/tiff/file.js';
import { buildLevel, type PlaneSource } from '../../src/containers/tiff/level.js';
import { describeTags, listTags } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { planeKey } from '../../src/containers/tiff/page.js';
import { buildPyramid } from '../../src/containers/tiff/pyramid.js';
import type { Dataset, ImageSource, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeImage } from '../../src/core/ome.js';
import { channelsOf, imageFacts, instrumentOf, originalOf, planesOf, slideFacts } from './metadata.js';
import { parseNdpis } from './ndpis.js';
import { type NdpiPage, type NdpiSlide, planeOf, readSlide, TABLES } from './pages.js';

interface Member {
  readonly name?: string;
  readonly slide?: NdpiSlide;
}

async function openSlide(input: InputTree, name: string | undefined, options: OpenOptions): Promise<NdpiSlide> {
  return readSlide(await parseTiff(await input.open(name), options.limits, { ndpi: true }), options);
}

export async function openNdpi(input: InputTree, options: OpenOptions): Promise<Dataset> {
  if (tiffSignature(input.head)) {
    const slide = await openSlide(input, undefined, options);
    return assemble(input, [{ slide }], options, [slide.file.source.name], []);
  }
  const bytes = (await input.readSmall(input.name, options.limits.metadataBytes)) ?? new Uint8Array();
  const files = [`${input.root}/${input.name}`];
  const missing: string[] = [];
  const members: Member[] = [];
  const present = new Map((await input.list()).map(({ name }) => [name.toLowerCase(), name]));
  for (const name of parseNdpis(new TextDecoder('latin1').decode(bytes), input.path)) {
    const found = present.get(name.toLowerCase());
    const label = name.replace(/\.ndpi$/i, '').replace(/^.*[-_]/, '');
    if (found === undefined) {
      missing.push(name);
      members.push({ name: label });
      continue;
    }
    const slide = await openSlide(input, found, options);
    files.push(slide.file.source.name);
    members.push({ name: label, slide });
  }
  return assemble(input, members, options, files, missing);
}

/** `--option whole=BYTES`: largest plane that is decoded in one piece. */
function wholeLimit(options: OpenOptions): number | undefined {
  const text = options.reader.whole;
  if (text === undefined) return undefined;
  const bytes = Number(text);
  if (!(bytes >= 0))
    throw new ImgconvError(
      'usage',
      'NDPI_WHOLE',
      `option whole is ${JSON.stringify(text)}, expected a number of bytes`,
    );
  return bytes;
}

async function assemble(
  input: InputTree,
  members: readonly Member[],
  options: OpenOptions,
  files: readonly string[],
  missing: readonly string[],
): Promise<Dataset> {
  const slides = members.flatMap(({ slide }) => slide ?? []);
  const model = slides[0];
  if (!model)
    throw formatError('NDPIS_MISSING', `none of the listed files exists: ${missing[0]}`, { file: input.path });
  const first = model.sizes[0]![0]!;
  for (const slide of slides) {
    const other = slide.sizes[0]![0]!.page;
    if (planeKey(other) === planeKey(first.page) && slide.focalPlanes === model.focalPlanes) continue;
    throw formatError('NDPIS_MIXED', `channels differ: ${planeKey(other)}, expected ${planeKey(first.page)}`, {
      file: slide.file.source.name,
    });
  }
  const whole = wholeLimit(options);
  const sizes: (PlaneSource | undefined)[][] = [];
  for (const size of model.sizes) {
    const planes: (PlaneSource | undefined)[] = [];
    for (const { slide } of members) {
      const own = slide?.sizes.find((each) => planeKey(each[0]!.page) === planeKey(size[0]!.page));
      for (const z of size.keys()) planes.push(own?.[z] && (await planeOf(own[z].page, whole)));
    }
    sizes.push(planes);
  }
  const levels = await buildPyramid(sizes, { t: 1, c: members.length, z: model.focalPlanes });
  const known = await channelsOf(first);
  const channels = await Promise.all(
    // A missing file tells nothing about its channel but the name.
    members.map(async ({ slide, name }) =>
      slide
        ? channelsOf(slide.sizes[0]![0]!, name)
        : known.map(({ SamplesPerPixel }) => ({ SamplesPerPixel, ...(name ? { Name: name } : {}) })),
    ),
  );
  const planes = planesOf(
    members.map(({ slide }) => slide),
    channels.map((list) => list.length),
  );
  const { image, pixels } = await slideFacts(model);
  const parts = {
    index: 0,
    name: input.name,
    page: first.page,
    levels,
    image,
    pixels: { ...pixels, ...(planes.length > 0 ? { Planes: planes } : {}) },
    channels: channels.flat(),
  };
  const images: ImageSource[] = [await imageSource(parts)];
  const omeImages: OmeImage[] = [omeImage(parts)];
  const original: OriginalMetadata[] = [];
  for (const { slide, name } of members) {
    if (slide) original.push(...(await listing(slide.sizes[0]![0]!, 0, name === undefined ? '' : `${name} `)));
  }
  for (const each of model.others) {
    const index = images.length;
    const added = await otherImage(each, index);
    images.push(added.source);
    omeImages.push(added.image);
    original.push(...(await listing(each, index, '')));
  }
  for (const slide of slides) for (const notice of slide.file.notices) options.notice(notice);
  return {
    format: 'ndpi',
    ome: { Images: omeImages, Instruments: [await instrumentOf(model)] },
    images,
    original,
    files,
    ...(missing.length > 0 ? { missing } : {}),
  };
}

async function listing(page: NdpiPage, image: number, prefix: string): Promise<OriginalMetadata[]> {
  const tags = (await listTags(page.page.ifd, image, prefix)).filter(
    ({ key }) => !TABLES.has(key.slice(prefix.length)),
  );
  return [...(await originalOf(page, image, prefix)), ...tags];
}

async function otherImage(each: NdpiPage, index: number): Promise<{ source: ImageSource; image: OmeImage }> {
  const { lens, page } = each;
  const name = lens === -1 ? 'macro' : lens === -2 ? 'map' : `image ${index}`;
  const { image, pixels } = await imageFacts(each);
  const parts = {
    index,
    name,
    page,
    levels: [await buildLevel([await planeOf(page)], { t: 1, c: 1, z: 1 })] as const,
    image,
    pixels,
    channels: (await describeTags(page)).channels,
  };
  return { source: await imageSource(parts, { role: lens === -1 ? 'macro' : 'preview' }), image: omeImage(parts) };
}
