// One image of an OME-TIFF: its planes as pages, its levels, and a model that agrees with them.

import type { PixelStorage } from '../../src/containers/ome-xml/document.js';
import type { TiffFile } from '../../src/containers/tiff/file.js';
import { buildLevel } from '../../src/containers/tiff/level.js';
import { pageChannels, significantBits } from '../../src/containers/tiff/metadata.js';
import { describePage, planeKey, type TiffPage } from '../../src/containers/tiff/page.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { Level, Notice } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeImage } from '../../src/core/ome.js';
import { completeChannels, defined } from '../../src/core/ome-build.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import type { Members } from './members.js';
import { type FoundBlock, type PlanePlace, type PlaneSizes, placePlanes } from './planes.js';

export interface OpenedImage {
  readonly model: OmeImage;
  readonly levels: readonly [Level, ...Level[]];
  readonly type: PixelType;
  /** A page of it; undefined where all planes are missing. */
  readonly page?: TiffPage;
}

const KNOWN: readonly string[] = ['int8', 'int16', 'int32', 'uint8', 'uint16', 'uint32', 'float', 'double'];

export class ImageOpener {
  constructor(
    private readonly members: Members,
    private readonly notice: (notice: Notice) => void,
    /** Directory at which an image without TiffData attributes starts, by image. */
    private readonly starts: ReadonlyMap<number, number>,
    /** True if the file holds one image: its other directories may be levels. */
    private readonly single: boolean,
    private readonly keepInk: boolean,
  ) {}

  async open(image: OmeImage, storage: PixelStorage, index: number): Promise<OpenedImage> {
    const blocks = await this.blocks(storage, index);
    const first = await this.firstPage(blocks);
    if (!first) return this.absent(image, index);
    const { Pixels } = image;
    const samples = first.channels;
    const c = directories(image, samples);
    const sizes: PlaneSizes = { t: Pixels.SizeT, c, z: Pixels.SizeZ };
    this.checkCount(sizes, first.ifd.file);
    const places = placePlanes(blocks, sizes, Pixels.DimensionOrder, samples);
    const model = this.agree(image, first, c * samples, index);
    const pages = await this.pages(places, first, index);
    const at = { ...sizes, keepInk: this.keepInk };
    const levels: [Level, ...Level[]] = [await buildLevel(pages.map(source), at)];
    for (const level of await this.levels(pages, first, places)) levels.push(await buildLevel(level.map(source), at));
    return { model, levels, type: first.type, page: first };
  }

  private async blocks(storage: PixelStorage, index: number): Promise<FoundBlock[]> {
    const start = this.starts.get(index);
    const list = storage.tiffData.length > 0 ? storage.tiffData : [{}];
    const found: FoundBlock[] = [];
    for (const block of list) {
      const file = await this.members.find(block);
      found.push({
        file,
        block: start === undefined ? block : { ...block, ifd: start, planeCount: file?.ifds.length ?? 0 },
      });
    }
    return found;
  }

  /** First page that exists and can be read. */
  private async firstPage(blocks: readonly FoundBlock[]): Promise<TiffPage | undefined> {
    let failure: unknown;
    for (const { file, block } of blocks) {
      const ifd = file?.ifds[block.ifd ?? 0];
      if (!ifd) continue;
      try {
        return await describePage(ifd);
      } catch (error) {
        if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
        failure ??= error;
      }
    }
    if (failure) throw failure;
    return undefined;
  }

  /** Pages of all planes; undefined for those that are missing or unlike the first. */
  private async pages(
    places: readonly (PlanePlace | undefined)[],
    first: TiffPage,
    index: number,
  ): Promise<(TiffPage | undefined)[]> {
    const key = planeKey(first);
    const pages: (TiffPage | undefined)[] = [];
    let missing = 0;
    let unlike = 0;
    for (const place of places) {
      let page: TiffPage | undefined;
      const ifd = place?.file.ifds[place.ifd];
      try {
        page = ifd && (ifd === first.ifd ? first : await describePage(ifd));
      } catch (error) {
        if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
      }
      if (!page) missing++;
      else if (planeKey(page) !== key) {
        unlike++;
        page = undefined;
      }
      pages.push(page);
    }
    if (missing > 0) {
      const text = `${missing} of ${places.length} planes of image ${index} are not in the file or its set`;
      this.notice({ code: 'OME_PLANES_MISSING', rank: 'damage', text });
    }
    if (unlike > 0) {
      const text = `${unlike} of ${places.length} planes of image ${index} differ from its first in size or pixel type and are left out`;
      this.notice({ code: 'OME_PLANES_UNLIKE', rank: 'damage', text });
    }
    return pages;
  }

  /** Reduced copies, largest first: SubIFDs of every plane, or (early raw2ometiff) further directories of the main chain. */
  private async levels(
    pages: readonly (TiffPage | undefined)[],
    first: TiffPage,
    places: readonly (PlanePlace | undefined)[],
  ): Promise<(TiffPage | undefined)[][]> {
    if (!first.ifd.has(TAG.SubIFDs)) return this.chainLevels(pages, first, places);
    const stacks: TiffPage[][] = [];
    for (const page of pages) stacks.push(page ? await subPages(page) : []);
    const model = stacks[pages.findIndex((page) => page !== undefined)] ?? [];
    const levels: (TiffPage | undefined)[][] = [];
    for (let k = 0; k < model.length; k++) {
      const key = planeKey(model[k]!);
      const level = stacks.map((stack) => (stack[k] && planeKey(stack[k]!) === key ? stack[k] : undefined));
      // A level that some planes lack is no level of the image.
      if (level.some((page, i) => page === undefined && pages[i] !== undefined)) break;
      levels.push(level);
    }
    return levels;
  }

  private async chainLevels(
    pages: readonly (TiffPage | undefined)[],
    first: TiffPage,
    places: readonly (PlanePlace | undefined)[],
  ): Promise<TiffPage[][]> {
    const { file } = first.ifd;
    const count = pages.length;
    const inOrder = places.every((place) => place?.file === file && place.ifd < count);
    if (!this.single || !inOrder || file.ifds.length <= count || file.ifds.length % count !== 0) return [];
    const software = (await first.ifd.text(TAG.Software)) ?? '';
    const levels: TiffPage[][] = [];
    let last = first;
    for (let k = 1; k < file.ifds.length / count; k++) {
      const level: TiffPage[] = [];
      for (const place of places) {
        const page = await pageOrNothing(file, k * count + place!.ifd);
        if (!page || !isReduction(page, last) || !(page.reduced || /faas/i.test(software))) return levels;
        if (level[0] && planeKey(page) !== planeKey(level[0])) return levels;
        level.push(page);
      }
      levels.push(level);
      last = level[0]!;
    }
    return levels;
  }

  /** The model with sizes, type and channels as the tags have them; where the XML says otherwise, a notice. */
  private agree(image: OmeImage, page: TiffPage, samples: number, index: number): OmeImage {
    const { Pixels } = image;
    const differ = (what: string, xml: string | number, tags: string | number): void => {
      const text = `image ${index}: the XML says ${what} ${xml}, the TIFF tags ${tags}; the tags count`;
      this.notice({ code: 'OME_TAGS_DIFFER', rank: 'info', text });
    };
    const special = (Pixels.Type === 'bit' && page.bits === 1) || (Pixels.Type.includes('complex') && page.parts === 2);
    if (Pixels.Type !== page.type && !special) differ('type', Pixels.Type || '(none)', page.type);
    if (Pixels.SizeX !== page.width || Pixels.SizeY !== page.height) {
      differ('size', `${Pixels.SizeX} × ${Pixels.SizeY}`, `${page.width} × ${page.height}`);
    }
    if (Pixels.SizeC !== samples) differ('SizeC', Pixels.SizeC, samples);
    const limit = (page.bits / page.parts) * (page.parts === 2 ? 2 : 1);
    const bits =
      Pixels.SignificantBits !== undefined && Pixels.SignificantBits <= limit ? Pixels.SignificantBits : undefined;
    return {
      ...image,
      Pixels: defined({
        ...Pixels,
        Type: special ? Pixels.Type : page.type,
        SignificantBits: bits ?? significantBits(page),
        SizeX: page.width,
        SizeY: page.height,
        SizeC: samples,
        Channels: completeChannels(Pixels.Channels, samples, index, together(page, image)),
      }),
    };
  }

  /** An image whose files are all missing: sizes from the XML, every plane absent. */
  private absent(image: OmeImage, index: number): OpenedImage {
    const { Pixels } = image;
    const type = (KNOWN.includes(Pixels.Type) ? Pixels.Type : 'uint8') as PixelType;
    const shape: Tczyx = [Pixels.SizeT, Pixels.SizeC, Pixels.SizeZ, Pixels.SizeY, Pixels.SizeX];
    const planes = Pixels.SizeT * Pixels.SizeC * Pixels.SizeZ;
    const text = `${planes} of ${planes} planes of image ${index} are not in the file or its set`;
    this.notice({ code: 'OME_PLANES_MISSING', rank: 'damage', text });
    this.checkCount({ t: Pixels.SizeT, c: Pixels.SizeC, z: Pixels.SizeZ });
    const model = {
      ...image,
      Pixels: { ...Pixels, Type: type, Channels: completeChannels(Pixels.Channels, Pixels.SizeC, index) },
    };
    const level: Level = {
      shape,
      blocks: {
        layout: { kind: 'grid', block: [1, 1, 1, Pixels.SizeY, Pixels.SizeX], edge: 'clipped' },
        address: {
          kind: 'table',
          file: 0,
          offset: new Float64Array(planes).fill(-1),
          length: new Float64Array(planes),
        },
        files: [],
        chains: [{ codecs: [], order: 'tczyx' }],
        fill: 0,
        absent: 'missing',
      },
    };
    return { model, levels: [level], type };
  }

  /** Refuses sizes that no honest file has before lists are made for them. */
  private checkCount(sizes: PlaneSizes, file?: TiffFile): void {
    const planes = sizes.t * sizes.c * sizes.z;
    const limit = file?.limits.directories ?? 5_000_000;
    if (planes <= limit) return;
    throw new ImgconvError('limit', 'PLANE_COUNT', `the XML describes ${planes} planes, the limit is ${limit}`, {
      file: file?.source.name,
    });
  }
}

const source = (page: TiffPage | undefined): { page: TiffPage } | undefined => page && { page };

/** Directories along c: SizeC counts samples; writers who count pictures instead are believed where the channel elements say the same. */
function directories(image: OmeImage, samples: number): number {
  const { SizeC, Channels } = image.Pixels;
  if (samples === 1) return SizeC;
  if (SizeC % samples === 0) return SizeC / samples;
  return Channels.length > 0 && Channels.length <= SizeC ? Channels.length : SizeC;
}

/** Samples of one channel element: the page's where it is a colour picture, or where the XML agrees. */
function together(page: TiffPage, image: OmeImage): number {
  const color = pageChannels(page)[0]!;
  const stated = image.Pixels.Channels[0]?.SamplesPerPixel ?? 1;
  return color > 1 || (stated > 1 && stated === page.channels) ? page.channels : 1;
}

function isReduction(small: TiffPage, page: TiffPage): boolean {
  return (
    small.width <= page.width &&
    small.height <= page.height &&
    small.width * small.height < page.width * page.height &&
    small.channels === page.channels &&
    small.type === page.type &&
    small.bits === page.bits
  );
}

async function subPages(page: TiffPage): Promise<TiffPage[]> {
  const found: TiffPage[] = [];
  for (const ifd of await page.ifd.file.subIfds(page.ifd)) {
    try {
      found.push(await describePage(ifd));
    } catch (error) {
      if (!(error instanceof ImgconvError)) throw error;
    }
  }
  found.sort((a, b) => b.width * b.height - a.width * a.height);
  const levels: TiffPage[] = [];
  for (const each of found) if (isReduction(each, levels.at(-1) ?? page)) levels.push(each);
  return levels;
}

async function pageOrNothing(file: TiffFile, index: number): Promise<TiffPage | undefined> {
  const ifd = file.ifds[index];
  try {
    return ifd && (await describePage(ifd));
  } catch (error) {
    if (!(error instanceof ImgconvError)) throw error;
    return undefined;
  }
}
