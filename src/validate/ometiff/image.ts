// One image of an OME-TIFF: its planes against the XML, its sub-resolutions, its pixels. OME-TIFF specification.

import type { PixelStorage } from '../../containers/ome-xml/document.js';
import type { TiffFile } from '../../containers/tiff/file.js';
import type { TiffIfd } from '../../containers/tiff/ifd.js';
import { buildLevel } from '../../containers/tiff/level.js';
import { gridKey, planeKey, type TiffPage } from '../../containers/tiff/page.js';
import { TAG } from '../../containers/tiff/tags.js';
import type { Level } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import type { OmeImage } from '../../core/ome.js';
import { checkLevelPixels } from '../pyramid.js';
import type { Report } from '../report.js';
import { checkDirectory } from './blocks.js';
import type { Members } from './members.js';
import { coverPlanes, type Plane, type PlaneSizes } from './planes.js';

export interface TiffImageFacts {
  readonly width: number;
  readonly height: number;
  readonly levels: number;
  readonly type: string;
  readonly compressions: readonly number[];
}

interface Described {
  readonly page: TiffPage;
  readonly subs: readonly TiffPage[];
}

export interface ImageTask {
  readonly image: OmeImage;
  readonly storage: PixelStorage;
  readonly index: number;
  readonly members: Members;
  readonly used: Map<string, Set<number>>;
  readonly pixels: boolean;
  /** The document is of a schema before 2016-06. */
  readonly old: boolean;
  readonly report: Report;
  readonly signal?: AbortSignal;
  readonly workers?: number;
}

export async function checkTiffImage(task: ImageTask): Promise<TiffImageFacts | undefined> {
  const { image, storage, index, report, members } = task;
  const where = `OME/Image[${index}]/Pixels[0]`;
  const { Pixels: pixels } = image;
  if (storage.tiffData.length === 0) {
    report.add(
      'OMETIFF_STORAGE',
      where,
      storage.metadataOnly ? 'MetadataOnly: no directory belongs to this image' : 'no TiffData',
    );
    return undefined;
  }
  const channels = pixels.Channels.length;
  const first = members.own?.file.ifds[0];
  const stored = (await first?.number(TAG.SamplesPerPixel)) ?? 1;
  // Old schemas have one channel of several samples where the file has a directory for each.
  const apart = task.old && stored === 1 && pixels.Channels.some((channel) => (channel.SamplesPerPixel ?? 1) > 1);
  const directories = channels > 0 && !apart ? channels : Math.max(1, Math.floor(pixels.SizeC / stored));
  const sizes: PlaneSizes = { t: pixels.SizeT, z: pixels.SizeZ, c: directories };
  if (sizes.t * sizes.c * sizes.z > members.limits.directories) {
    report.add('LIMIT', where, `${sizes.t * sizes.c * sizes.z} planes`);
    return undefined;
  }
  const planes = await coverPlanes(pixels, storage, sizes, members, task.used, where, report);
  const described: (Described | undefined)[] = [];
  let before: TiffPage | undefined;
  for (const [i, plane] of planes.entries()) {
    task.signal?.throwIfAborted();
    const one = plane && (await describePlane(plane, before, i, sizes, task));
    if (one) before = one.page;
    described.push(one || undefined);
  }
  checkBigEndian(storage, members, where, report);
  const model = described.find((each) => each !== undefined);
  if (!model) return undefined;
  const counts = new Set(
    described
      .filter((each) => each !== undefined)
      .map(({ subs }) => subs.map((sub) => `${sub.width} × ${sub.height}`).join(', ')),
  );
  if (counts.size > 1)
    report.add(
      'OMETIFF_SUBIFD_COUNT',
      where,
      `planes have different sub-resolutions: ${[...counts].map((text) => text || 'none').join(' against ')}`,
    );
  if (task.pixels) await checkPixels(described, sizes, where, task);
  return {
    width: model.page.width,
    height: model.page.height,
    levels: 1 + model.subs.length,
    type: pixels.Type,
    compressions: [...new Set(described.flatMap((each) => (each ? [each.page.compression] : [])))],
  };
}

function placeOf({ member, ifd }: Plane): string {
  return `${member.name === '' ? '' : `${member.name} `}IFD ${ifd}`;
}

async function describePlane(
  plane: Plane,
  before: TiffPage | undefined,
  index: number,
  sizes: PlaneSizes,
  task: ImageTask,
): Promise<Described | undefined> {
  const { report, image } = task;
  const { Pixels: pixels } = image;
  const where = placeOf(plane);
  const ifd = plane.member.file.ifds[plane.ifd]!;
  const page = await checkDirectory(ifd, where, before?.ifd.file === ifd.file ? before : undefined, report);
  if (!page) return undefined;
  if (page.width !== pixels.SizeX || page.height !== pixels.SizeY)
    report.add(
      'OMETIFF_SIZE',
      where,
      `${page.width} × ${page.height} pixels, the XML says ${pixels.SizeX} × ${pixels.SizeY}`,
    );
  const type = typeOf(page);
  if (type !== pixels.Type && !(pixels.Type === 'bit' && page.type === 'uint8'))
    report.add('OMETIFF_TYPE', where, `holds ${type}, the XML says ${pixels.Type}`);
  const channel = pixels.Channels[Math.floor(index / sizes.z) % sizes.c];
  const samples = channel ? (channel.SamplesPerPixel ?? 1) : undefined;
  // A palette makes three samples of one in readers; in the file it is one.
  if (samples !== undefined && samples !== page.samples && page.photometric !== 3)
    report.add(
      'OMETIFF_SAMPLES',
      where,
      `${page.samples} samples a pixel, the XML says ${samples}`,
      task.old ? 'warning' : undefined,
    );
  const { SignificantBits: bits } = pixels;
  if (bits !== undefined && bits > page.bits)
    report.add('OMETIFF_BITS', where, `SignificantBits is ${bits}, ${page.bits} bits are stored`);
  return { page, subs: await describeSubs(ifd, page, where, report) };
}

function typeOf({ bits, parts, type }: TiffPage): string {
  if (parts === 2) return type === 'double' ? 'double-complex' : 'complex';
  return bits === 1 ? 'bit' : type;
}

const mainChains = new WeakMap<TiffFile, ReadonlySet<number>>();

/** Positions of the directories of the main chain. */
function mainOffsets(file: TiffFile): ReadonlySet<number> {
  const known = mainChains.get(file) ?? new Set(file.ifds.map(({ offset }) => offset));
  mainChains.set(file, known);
  return known;
}

async function describeSubs(ifd: TiffIfd, page: TiffPage, where: string, report: Report): Promise<readonly TiffPage[]> {
  const offsets = (await ifd.numbers(TAG.SubIFDs)) ?? [];
  const subs: TiffPage[] = [];
  let last = page;
  for (const [k, offset] of [...offsets].entries()) {
    const place = `${where} SubIFD ${k}`;
    let sub: TiffIfd;
    try {
      sub = await ifd.file.ifdAt(offset);
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame === 'io') throw error;
      report.add('OMETIFF_SUBIFD', place, error.message);
      continue;
    }
    const found = await checkDirectory(sub, place, subs.at(-1), report);
    if (!found) continue;
    // Thumbnails and camera previews may be sub-directories too, but not in an OME-TIFF.
    if (
      found.width > last.width ||
      found.height > last.height ||
      found.width * found.height >= last.width * last.height
    )
      report.add(
        'OMETIFF_SUBIFD_SIZE',
        place,
        `${found.width} × ${found.height} pixels after ${last.width} × ${last.height}`,
      );
    if (found.channels !== page.channels || found.type !== page.type || found.bits !== page.bits)
      report.add(
        'OMETIFF_SUBIFD_TYPE',
        place,
        `${found.samples} × ${typeOf(found)}, the image has ${page.samples} × ${typeOf(page)}`,
      );
    if (!found.reduced) report.add('OMETIFF_SUBIFD_FLAG', place, 'NewSubfileType lacks bit 0');
    if (mainOffsets(ifd.file).has(sub.offset))
      report.add('OMETIFF_SUBIFD', place, 'the sub-resolution is in the main chain of directories, too');
    subs.push(found);
    last = found;
  }
  return subs;
}

function checkBigEndian(storage: PixelStorage, members: Members, where: string, report: Report): void {
  const file = members.own?.file;
  if (!file || storage.bigEndian === undefined || storage.bigEndian !== file.littleEndian) return;
  report.add(
    'OMETIFF_ENDIAN',
    where,
    `BigEndian is ${storage.bigEndian}, the file is ${file.littleEndian ? 'little' : 'big'}-endian`,
  );
}

async function checkPixels(
  described: readonly (Described | undefined)[],
  sizes: PlaneSizes,
  where: string,
  task: ImageTask,
): Promise<void> {
  const { report } = task;
  const model = described.find((each) => each !== undefined)!;
  const count = Math.min(...described.filter((each) => each !== undefined).map(({ subs }) => subs.length));
  const levels: { level: Level; name: string }[] = [];
  for (let k = 0; k <= count; k++) {
    const pages = described.map((each) => (k === 0 ? each?.page : each?.subs[k - 1]));
    const [first] = pages.filter((page) => page !== undefined);
    // Planes that differ are told already and cannot be laid side by side.
    const planes = pages.map((page) =>
      page && first && planeKey(page) === planeKey(first) && gridKey(page) === gridKey(first) ? { page } : undefined,
    );
    try {
      levels.push({ level: await buildLevel(planes, sizes), name: k === 0 ? where : `${where} level ${k}` });
    } catch (error) {
      report.fault(error, where, 'TIFF_BLOCK_BROKEN');
      return;
    }
  }
  const type = model.page.type;
  for (const [k, { level, name }] of levels.entries()) {
    const before = levels[k - 1];
    const fine = before && level.shape.every((n, i) => n <= before.level.shape[i]!) ? before : undefined;
    try {
      const { damage, wrong } = await checkLevelPixels(level, fine?.level, type, task);
      for (const { side, start, code, text } of damage) {
        // A plane without a directory is told as such.
        if (code === 'BLOCK_MISSING') continue;
        const place = side === 1 && fine ? fine.name : name;
        report.add('TIFF_BLOCK_BROKEN', place, `the block at t, c, z, y, x = ${start.join(', ')}: ${text}`);
      }
      if (wrong) report.add('OMETIFF_LEVEL_PIXELS', name, wrong);
    } catch (error) {
      report.fault(error, name, 'TIFF_BLOCK_BROKEN');
    }
  }
}
