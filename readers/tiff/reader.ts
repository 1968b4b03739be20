// Plain TIFF: which pages belong together. Pages of one size and type are the time points of one image, as Bio-Formats has it; as soon as
// one page differs, every page is an image. Reduced-resolution pages and sub-directories are pyramid levels.

import type { TiffFile } from '../../src/containers/tiff/file.js';
import type { TiffIfd } from '../../src/containers/tiff/ifd.js';
import { buildLevel, type PlaneSource } from '../../src/containers/tiff/level.js';
import { describeTags, listDifferences, listTags, type PageModel } from '../../src/containers/tiff/metadata.js';
import { type ImageParts, imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { openTiff } from '../../src/containers/tiff/open.js';
import { describePage, planeKey, type TiffPage } from '../../src/containers/tiff/page.js';
import { stackTables } from '../../src/containers/tiff/table.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type {
  Dataset,
  ImageSource,
  InputTree,
  Level,
  OpenOptions,
  OriginalMetadata,
} from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { OmeExperimenter, OmeImage } from '../../src/core/ome.js';

/** A page with its smaller copies, largest first. */
interface Stack {
  readonly page: TiffPage;
  readonly reduced: TiffPage[];
}

export async function openTiffDataset(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const file = await openTiff(input, options.limits);
  const { stacks, others } = await sortPages(file, await describeAll(file, options));
  const first = stacks[0]!.page;
  const same = stacks.every(({ page }) => planeKey(page) === planeKey(first) && page.depth === 1);
  const groups = same ? [stacks] : stacks.map((stack) => [stack]);
  for (const page of others) groups.push([{ page, reduced: [] }]);
  if (groups.length > options.limits.images) {
    throw new ImgconvError(
      'limit',
      'IMAGE_COUNT',
      `${groups.length} pages of different kinds, the limit is ${options.limits.images} images`,
      {
        file: file.source.name,
      },
    );
  }
  const images: ImageSource[] = [];
  const omeImages: OmeImage[] = [];
  const original: OriginalMetadata[] = [];
  const experimenters: OmeExperimenter[] = [];
  for (const [index, group] of groups.entries()) {
    const { page } = group[0]!;
    const model = await describeTags(page);
    const name = groups.length === 1 ? input.name : `${input.name} #${index + 1}`;
    const parts = await assemble(group, model, index, name, options);
    omeImages.push(omeImage(parts));
    images.push(await imageSource(parts, page.reduced && index >= stacks.length ? { role: 'thumbnail' } : {}));
    original.push(...(await listTags(page.ifd, groups.length === 1 ? undefined : index)));
    if (groups.length === 1) original.push(...(await listDifferences(group.map((stack) => stack.page.ifd))));
    if (model.experimenter && experimenters.length === 0) experimenters.push(model.experimenter);
    if (model.unitless && index === 0) {
      options.notice({
        code: 'TIFF_NO_UNIT',
        rank: 'info',
        text: 'the resolution tags name no unit: taken as pixels per micrometre',
      });
    }
  }
  for (const notice of file.notices) options.notice(notice);
  return {
    format: 'tiff',
    ome: { Images: omeImages, ...(experimenters.length > 0 ? { Experimenters: experimenters } : {}) },
    images,
    original,
    files: [file.source.name],
  };
}

async function assemble(
  group: readonly Stack[],
  model: PageModel,
  index: number,
  name: string,
  options: OpenOptions,
): Promise<ImageParts> {
  const { page } = group[0]!;
  const keepInk = options.reader.ink === 'stored';
  const planes = (await hiddenPlanes(group)) ?? group.map((stack): PlaneSource => ({ page: stack.page }));
  const at = { t: planes.length, c: 1, z: 1, keepInk };
  const levels: [Level, ...Level[]] = [await buildLevel(planes, at)];
  if (planes.length === group.length) {
    for (let k = 0; k < group[0]!.reduced.length; k++) {
      const copies = group.map((stack) => stack.reduced[k]);
      const key = planeKey(copies[0]!);
      // A level that some planes lack, or hold in another size, is no level of the image.
      if (!copies.every((copy): copy is TiffPage => copy !== undefined && planeKey(copy) === key)) break;
      levels.push(
        await buildLevel(
          copies.map((copy) => ({ page: copy })),
          at,
        ),
      );
    }
  }
  return { index, name, page, levels, image: model.image, pixels: model.pixels, channels: model.channels };
}

/** tifffile writes a whole series behind one directory when asked to "truncate": the description tells its shape. */
async function hiddenPlanes(group: readonly Stack[]): Promise<PlaneSource[] | undefined> {
  if (group.length !== 1) return undefined;
  const { page } = group[0]!;
  const text = page.ifd.has(TAG.ImageDescription) ? await page.ifd.text(TAG.ImageDescription) : undefined;
  if (!text?.startsWith('{"shape"') || !text.includes('"truncated": true')) return undefined;
  const shape = (/^\{"shape": \[([0-9, ]*)\]/.exec(text)?.[1] ?? '').split(',').reduce((a, b) => a * Number(b), 1);
  const count = shape / (page.width * page.height * page.depth * page.samples);
  if (!Number.isInteger(count) || count < 2 || count > page.ifd.file.limits.directories) return undefined;
  const tables = await stackTables(page, count);
  return tables?.map((table) => ({ page, table }));
}

async function describeAll(file: TiffFile, options: OpenOptions): Promise<TiffPage[]> {
  const pages: TiffPage[] = [];
  let failure: ImgconvError | undefined;
  for (const ifd of file.ifds) {
    options.signal?.throwIfAborted();
    try {
      pages.push(await describePage(ifd, pages.at(-1)));
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
      failure ??= error;
      file.report('TIFF_PAGE', 'damage', `a page is left out: ${error.message}`);
    }
  }
  if (pages.length === 0)
    throw failure ?? new ImgconvError('format', 'TIFF_EMPTY', 'the file has no page', { file: file.source.name });
  return pages;
}

/** True if `small` can be a level of `page`. */
function isReduction(small: TiffPage, page: TiffPage): boolean {
  return (
    small.width <= page.width &&
    small.height <= page.height &&
    small.width * small.height < page.width * page.height &&
    small.channels === page.channels &&
    small.type === page.type &&
    small.bits === page.bits &&
    small.depth === page.depth &&
    small.photometric === page.photometric
  );
}

/** Full-size pages with their levels; `others`: masks, previews and sub-images that are no levels. */
async function sortPages(file: TiffFile, pages: readonly TiffPage[]): Promise<{ stacks: Stack[]; others: TiffPage[] }> {
  const stacks: Stack[] = [];
  const others: TiffPage[] = [];
  const main = pages.some((page) => !page.reduced && !page.mask);
  for (const page of pages) {
    const last = stacks.at(-1);
    if (last && main && page.reduced && isReduction(page, last.reduced.at(-1) ?? last.page)) last.reduced.push(page);
    else if (last && main && (page.reduced || page.mask)) others.push(page);
    else stacks.push({ page, reduced: [] });
  }
  for (const stack of stacks) {
    if (!stack.page.ifd.has(TAG.SubIFDs)) continue;
    const subs = await Promise.all((await file.subIfds(stack.page.ifd)).map(subPage));
    const found = subs.filter((sub): sub is TiffPage => sub !== undefined);
    found.sort((a, b) => b.width * b.height - a.width * a.height);
    for (const sub of found) {
      if (isReduction(sub, stack.reduced.at(-1) ?? stack.page)) stack.reduced.push(sub);
      else others.push(sub);
    }
  }
  return { stacks, others };
}

/** A sub-directory that has an image; others (private metadata) are of no use here. */
async function subPage(ifd: TiffIfd): Promise<TiffPage | undefined> {
  try {
    return await describePage(ifd);
  } catch {
    return undefined;
  }
}
