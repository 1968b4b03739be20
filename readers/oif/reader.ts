// Olympus FluoView FV1000: .oif with its folder, or both inside an .oib. Layout and sources: NOTES.md.

import { parseTiff } from '../../src/containers/tiff/file.js';
import { buildLevel, type PlaneSource } from '../../src/containers/tiff/level.js';
import { pageChannels } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { describePage, planeKey, type TiffPage } from '../../src/containers/tiff/page.js';
import { blockTable } from '../../src/containers/tiff/table.js';
import type { Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import { type FluoFiles, oibFiles, oifFiles } from './files.js';
import { type Ini, parseIni } from './ini.js';
import { describe, readColor } from './metadata.js';
import { listPlanes, type PlaneFile, type PlaneList } from './planes.js';
import { readRois } from './rois.js';

const PARALLEL = 16;

/** First page of a plane's file; undefined (with a notice) where it cannot be read. */
async function readPlane(
  files: FluoFiles,
  plane: PlaneFile,
  before: TiffPage | undefined,
  options: OpenOptions,
): Promise<PlaneSource | undefined> {
  try {
    const source = await files.open(plane.name);
    if (!source) return undefined;
    const tiff = await parseTiff(source, options.limits, { first: 1 });
    const [ifd] = tiff.ifds;
    if (!ifd) return undefined;
    const page = await describePage(ifd, before);
    return { page, table: await blockTable(page) };
  } catch (error) {
    if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
    options.notice({ code: 'OIF_PLANE', rank: 'damage', text: `plane ${plane.name} is left out: ${error.message}` });
    return undefined;
  }
}

async function readPlanes(
  files: FluoFiles,
  list: PlaneList,
  options: OpenOptions,
): Promise<(PlaneSource | undefined)[]> {
  const sources: (PlaneSource | undefined)[] = [];
  let model: TiffPage | undefined;
  for (let i = 0; i < list.planes.length; i += PARALLEL) {
    options.signal?.throwIfAborted();
    const batch = list.planes.slice(i, i + PARALLEL);
    const read = await Promise.all(
      batch.map((plane) => (plane.present ? readPlane(files, plane, model, options) : undefined)),
    );
    for (const [k, source] of read.entries()) {
      model ??= source?.page;
      const fits = !source || !model || planeKey(source.page) === planeKey(model);
      if (!fits) {
        const found = `plane ${batch[k]!.name} has another size than the first and is left out`;
        options.notice({ code: 'OIF_PLANE', rank: 'damage', text: found });
      }
      sources.push(fits ? source : undefined);
    }
  }
  return sources;
}

async function readSettings(files: FluoFiles, list: PlaneList): Promise<(Ini | undefined)[]> {
  const all: (Ini | undefined)[] = [];
  for (let i = 0; i < list.planes.length; i += PARALLEL) {
    const batch = list.planes.slice(i, i + PARALLEL);
    const read = await Promise.all(batch.map(({ pty }) => files.read(pty)));
    all.push(...read.map((bytes) => bytes && parseIni(bytes)));
  }
  return all;
}

function rows(prefix: string, ini: Ini, unless?: Ini): OriginalMetadata[] {
  return [...ini].flatMap(([section, entries]) =>
    [...entries]
      .filter(([key, value]) => unless?.get(section)?.get(key) !== value)
      .map(([key, value]) => ({ key: `${prefix}[${section}] ${key}`, value })),
  );
}

/** Settings of the data set, those of each channel's first plane, and what differs in its other planes. */
function original(main: Ini, list: PlaneList, plane: readonly (Ini | undefined)[]): OriginalMetadata[] {
  const first = new Map<number, Ini>();
  const listed = rows('', main);
  for (const [i, each] of list.planes.entries()) {
    const ini = plane[i];
    if (!ini) continue;
    listed.push(...rows(`${each.pty} `, ini, first.get(each.channel)));
    if (!first.has(each.channel)) first.set(each.channel, ini);
  }
  return listed;
}

export async function openFluoView(format: 'oif' | 'oib', input: InputTree, options: OpenOptions): Promise<Dataset> {
  const files = await (format === 'oib' ? oibFiles : oifFiles)(input, options);
  const main = parseIni(files.main);
  const file = files.paths[0]!;
  const list = listPlanes(files, main, options.limits);
  const sources = await readPlanes(files, list, options);
  const model = sources.find((source) => source !== undefined)?.page;
  if (!model) {
    const beside = format === 'oif' ? `; the folder ${input.name}.files must lie beside it` : '';
    throw formatError('OIF_PLANES', `${file}: no plane of the image could be found${beside}`, { file });
  }
  const missing = list.planes.filter((plane) => !plane.present).map((plane) => plane.name);
  if (missing.length > 0) {
    const some = missing.slice(0, 3).join(', ');
    const found = `${missing.length} of ${list.planes.length} planes are missing: ${some}${missing.length > 3 ? ' …' : ''}`;
    options.notice({ code: 'OIF_MISSING', rank: 'damage', text: found });
  }
  if (list.folded.length > 0) {
    const found = `axis ${list.folded.join(', ')} has no counterpart in OME and continues the time axis`;
    options.notice({ code: 'OIF_AXIS', rank: 'loss', text: found });
  }
  const c = list.channels * list.lambdas;
  const level = files.place(await buildLevel(sources, { t: list.t, c, z: list.z }));
  const plane = await readSettings(files, list);
  const colors = await Promise.all(Array.from({ length: list.channels }, (_, i) => readColor(files, main, i)));
  const described = describe({ main, list, plane, colors });
  const rois = await readRois(files, main, options.notice);
  const each = pageChannels(model);
  const channels = described.channels.flatMap((channel) =>
    each.map((SamplesPerPixel) => ({ ...channel, SamplesPerPixel })),
  );
  const parts = {
    index: 0,
    name: input.name,
    page: model,
    levels: [level] as const,
    image: rois.length > 0 ? { ...described.image, ROIRefs: rois.map(({ ID }) => ID) } : described.image,
    pixels: described.pixels,
    channels,
  };
  return {
    format,
    ome: { Images: [omeImage(parts)], ...described.ome, ...(rois.length > 0 ? { ROIs: rois } : {}) },
    images: [await imageSource(parts)],
    original: original(main, list, plane),
    files: files.paths,
    ...(missing.length > 0 && format === 'oif'
      ? { missing: missing.map((name) => `${input.root}/${input.name}.files/${name}`) }
      : {}),
  };
}
