// Aperio slides: one SVS file, or the files that an AFI list names, one a channel.

import { parseTiff, tiffSignature } from '../../src/containers/tiff/file.js';
import { buildLevel, type PlaneSource } from '../../src/containers/tiff/level.js';
import { describeTags, listTags } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { openTiff } from '../../src/containers/tiff/open.js';
import { planeKey } from '../../src/containers/tiff/page.js';
import { buildPyramid } from '../../src/containers/tiff/pyramid.js';
import type { Dataset, ImageSource, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeImage, OmeModel } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';
import { type AfiChannel, parseAfi } from './afi.js';
import { entryOf } from './description.js';
import { channelsOf, imageFacts, instrumentOf, originalOf, planesOf } from './metadata.js';
import { type Associated, colorOf, planeOf, readSlide, type Slide } from './slide.js';

interface Member {
  readonly slide?: Slide;
  readonly name?: string;
}

export async function openSvs(input: InputTree, options: OpenOptions): Promise<Dataset> {
  if (tiffSignature(input.head)) {
    const slide = await readSlide(await openTiff(input, options.limits), options);
    return assemble(input, [{ slide }], options, [], [slide.file.source.name]);
  }
  const bytes = await input.readSmall(input.name, options.limits.metadataBytes);
  const channels = parseAfi(bytes ?? new Uint8Array(), input.path);
  const missing: string[] = [];
  const files = [(await input.open()).name];
  const members: Member[] = [];
  for (const channel of channels) {
    const slide = await openChannel(input, channel, options);
    if (slide) files.push(slide.file.source.name);
    else missing.push(channel.path);
    members.push({ ...(slide ? { slide } : {}), ...(channel.name ? { name: channel.name } : {}) });
  }
  return assemble(input, members, options, missing, files);
}

async function openChannel(input: InputTree, { path }: AfiChannel, options: OpenOptions): Promise<Slide | undefined> {
  try {
    return await readSlide(await parseTiff(await input.open(path), options.limits), options);
  } catch (error) {
    if (!(error instanceof ImgconvError) || error.code !== 'NOT_FOUND') throw error;
    return undefined;
  }
}

async function assemble(
  input: InputTree,
  members: readonly Member[],
  options: OpenOptions,
  missing: readonly string[],
  files: readonly string[],
): Promise<Dataset> {
  const slides = members.flatMap(({ slide }) => slide ?? []);
  const model = slides[0];
  if (!model) throw formatError('AFI_MISSING', `none of the listed files exists: ${missing[0]}`, { file: input.path });
  const page = model.sizes[0]![0]!;
  for (const slide of slides) {
    const other = slide.sizes[0]![0]!;
    if (planeKey(other) === planeKey(page) && slide.focalPlanes === model.focalPlanes) continue;
    throw formatError('AFI_MIXED', `channels differ: ${planeKey(other)}, expected ${planeKey(page)}`, {
      file: slide.file.source.name,
    });
  }
  const grid = { t: 1, c: members.length, z: model.focalPlanes };
  const sizes = model.sizes.map((first) =>
    members.flatMap(({ slide }): (PlaneSource | undefined)[] => {
      const own = slide?.sizes.find((size) => planeKey(size[0]!) === planeKey(first[0]!));
      return first.map((_, z) => own?.[z] && planeOf(own[z]));
    }),
  );
  const levels = await buildPyramid(sizes, async (each) => ({ ...grid, color: await colorOf(each) }));
  const channels = members.map(({ slide, name }) => channelsOf(slide?.description, page, name));
  const planes = planesOf(
    members.map(({ slide }) => slide),
    channels.map((list) => list.length),
  );
  const { image, pixels } = imageFacts(model);
  const parts = {
    index: 0,
    name: input.name,
    page,
    levels,
    image,
    pixels: { ...pixels, ...(planes.length > 0 ? { Planes: planes } : {}) },
    channels: channels.flat(),
  };
  const images: ImageSource[] = [await imageSource(parts)];
  const omeImages: OmeImage[] = [omeImage(parts)];
  const original: OriginalMetadata[] = [];
  for (const [i, slide] of slides.entries()) {
    const prefix = slides.length > 1 ? `${members[i]!.name ?? `Channel ${i + 1}`} ` : '';
    original.push(...originalOf(slide.description, prefix));
    original.push(
      ...(await listTags(slide.sizes[0]![0]!.ifd, 0, prefix)).filter(({ key }) => !key.endsWith('ImageDescription')),
    );
  }
  for (const each of model.associated) {
    if (each.role === 'thumbnail' && options.reader.thumbnails !== 'true') continue;
    const added = await associatedImage(each, images.length);
    images.push(added.source);
    omeImages.push(added.image);
    original.push(...(await listTags(each.page.ifd, images.length - 1)));
  }
  for (const slide of slides) for (const notice of slide.file.notices) options.notice(notice);
  const user = entryOf(model.description, 'User');
  const ome: OmeModel = defined({
    Images: omeImages,
    Instruments: [instrumentOf(model.description)],
    Experimenters: user ? [{ ID: 'Experimenter:0', UserName: user }] : undefined,
  });
  return { format: 'svs', ome, images, original, files, ...(missing.length > 0 ? { missing } : {}) };
}

async function associatedImage(
  { page, name, role }: Associated,
  index: number,
): Promise<{ source: ImageSource; image: OmeImage }> {
  const level = await buildLevel([planeOf(page)], { t: 1, c: 1, z: 1, color: await colorOf(page) });
  const { channels } = await describeTags(page);
  const parts = { index, name, page, levels: [level] as const, channels };
  return { source: await imageSource(parts, { role }), image: omeImage(parts) };
}
