// Several images in one hierarchy: bioformats2raw.layout, OME/ with series and METADATA.ome.xml.
// OME-NGFF 0.4 and 0.5, "bioformats2raw.layout".

import { children, numberAttribute, type XmlElement } from '../../containers/xml/element.js';
import { parseXml } from '../../containers/xml/parse.js';
import { asList, asObject, asText, isObject } from '../../containers/zarr/json.js';
import { joinKey } from '../../containers/zarr/store.js';
import { lengthSymbol } from '../../core/unit-words.js';
import { metres } from '../../core/units.js';
import { checkOmeXml } from '../omexml/check.js';
import type { Report } from '../report.js';
import type { ImageFacts, ZarrContext } from '../zarr/context.js';
import { isChannel } from './axes.js';
import { checkImage, resolve } from './image.js';
import { checkLabelsOf } from './labels.js';
import { type OmeGroup, omeGroup } from './version.js';

const XML = 'METADATA.ome.xml';
/** Relative difference of two numbers that mean the same: some writers round to five digits. */
const NEAR = 1e-4;

/** A root with `bioformats2raw.layout`, or any root with a group OME. `plate`: its images are found by the plate. */
export async function checkCollection(root: OmeGroup, context: ZarrContext): Promise<void> {
  const { report } = context;
  const layout = root.ome['bioformats2raw.layout'];
  if (layout !== undefined && layout !== 3)
    report.add(
      'NGFF_LAYOUT',
      root.path,
      `bioformats2raw.layout is ${JSON.stringify(layout)}`,
      // Early versions of the layout; readers take them.
      root.zarr === 2 && (layout === 1 || layout === 2) ? 'warning' : undefined,
    );
  const folder = joinKey(root.path, 'OME');
  const node = await context.node(folder);
  const group = node?.kind === 'group' ? omeGroup(node, root.said, report) : undefined;
  const hasPlate = root.ome.plate !== undefined;
  const series = group ? checkSeries(group, context) : undefined;
  if (layout !== undefined && !hasPlate) await checkImages(root, series, context);
  else if (series) await findImages(root, series, folder, context);
  const xml = await context.store.get(joinKey(folder, XML));
  if (!xml) {
    if (layout !== undefined) report.add('NGFF_OME_XML_MISSING', folder, `there is no ${XML}`);
    return;
  }
  checkOmeXml(xml, joinKey(folder, XML), report);
  let document: XmlElement;
  try {
    document = parseXml(xml, { maxBytes: context.limits.metadataBytes });
  } catch {
    // Told by checkOmeXml.
    return;
  }
  compare(document, root, series, joinKey(folder, XML), context);
}

function checkSeries(group: OmeGroup, context: ZarrContext): readonly string[] | undefined {
  const { series } = group.ome;
  if (series === undefined) return undefined;
  const paths = asList(series).map(asText);
  if (Array.isArray(series) && paths.every((path) => path !== undefined)) {
    if (new Set(paths).size < paths.length)
      context.report.add('NGFF_SERIES', group.path, 'series names an image twice');
    if (paths.length === 0) context.report.add('NGFF_SERIES', group.path, 'series is empty', 'warning');
    return paths as string[];
  }
  context.report.add('NGFF_SERIES', group.path, 'series is no list of paths');
  return undefined;
}

async function checkImages(root: OmeGroup, series: readonly string[] | undefined, context: ZarrContext): Promise<void> {
  if (series) return findImages(root, series, joinKey(root.path, 'OME'), context, true);
  const numbers = (await context.store.list(root.path))
    .filter((entry) => entry.folder && /^\d+$/.test(entry.name))
    .map((entry) => Number(entry.name));
  numbers.sort((a, b) => a - b);
  // A single image at the root, with the layout beside it.
  if (numbers.length === 0 || root.ome.multiscales !== undefined) return;
  if (numbers.some((n, i) => n !== i)) {
    const missing = numbers.findIndex((n, i) => n !== i);
    context.report.add(
      'NGFF_SERIES_MISSING',
      root.path,
      `images are numbered from 0 without gaps, but there is no ${missing}`,
    );
  }
  await findImages(root, numbers.map(String), root.path, context, true);
}

async function findImages(
  root: OmeGroup,
  paths: readonly string[],
  where: string,
  context: ZarrContext,
  check = false,
): Promise<void> {
  for (const path of paths) {
    const key = resolve(root.path, path, where, context);
    if (key === undefined) continue;
    const node = await context.node(key);
    if (node?.kind !== 'group') {
      context.report.add('NGFF_SERIES_MISSING', where, `there is no image ${path}`);
      continue;
    }
    if (!check || context.images.some((image) => image.path === key)) continue;
    const group = omeGroup(node, root.said, context.report);
    if (group?.ome.multiscales === undefined)
      context.report.add('NGFF_MULTISCALES', key, 'the image has no multiscales');
    else await checkLabelsOf(group, await checkImage(group, context, false), context);
  }
}

const TYPES: Readonly<Record<string, readonly string[]>> = {
  uint8: ['uint8', 'bit'],
  bit: ['bit', 'uint8', 'int8'],
};

/** Images of the XML against arrays: by series, by plate fields in their order, or by the number of images. */
function compare(
  document: XmlElement,
  root: OmeGroup,
  series: readonly string[] | undefined,
  where: string,
  context: ZarrContext,
): void {
  const { report } = context;
  const described = children(document, 'Image');
  const images = context.images.filter((image) => !image.isLabel);
  const ordered = series
    ? series.map((path) => images.find((image) => image.path === joinKey(root.path, path.replace(/\/+$/, ''))))
    : images;
  const binaryOnly = children(document, 'BinaryOnly').length > 0;
  if (binaryOnly) {
    report.add('NGFF_OME_XML_PIXELS', where, 'BinaryOnly refers to another file');
    return;
  }
  if (described.length !== ordered.length) {
    report.add('NGFF_OME_XML_IMAGES', where, `${described.length} images are described, there are ${ordered.length}`);
    return;
  }
  described.forEach((image, i) => {
    const [pixels] = children(image, 'Pixels');
    const facts = ordered[i];
    if (!pixels) return;
    if (children(pixels, 'TiffData').length > 0 || children(pixels, 'BinData').length > 0)
      report.add('NGFF_OME_XML_PIXELS', where, `Image[${i}] has TiffData or BinData`);
    if (!facts) return;
    compareSizes(pixels, facts, `${where} Image[${i}]`, context);
    compareMeaning(pixels, facts, `${where} Image[${i}]`, context.report);
  });
}

function compareSizes(pixels: XmlElement, image: ImageFacts, where: string, { report }: ZarrContext): void {
  const [level] = image.levels;
  if (!level || image.axes.length !== level.array.shape.length) return;
  const extents = new Map<string, number>();
  image.axes.forEach((axis, i) => {
    const letter = axis.type === 'time' ? 'T' : isChannel(axis) ? 'C' : axis.name.toUpperCase();
    extents.set(letter, level.array.shape[i]!);
  });
  for (const letter of ['X', 'Y', 'Z', 'C', 'T']) {
    const said = numberAttribute(pixels, `Size${letter}`);
    const found = extents.get(letter) ?? 1;
    if (said !== undefined && said !== found)
      report.add('NGFF_OME_XML_SIZES', where, `Size${letter} is ${said}, ${level.path} has ${found}`);
  }
  const type = pixels.attribute('Type');
  const stored = level.array.type.ome;
  if (type !== undefined && type !== stored && !TYPES[stored]?.includes(type))
    report.add('NGFF_OME_XML_SIZES', where, `Type is ${type}, ${level.path} holds ${stored}`);
}

/** Pixel sizes and names of channels are said twice: a tool that changes one of them leaves the other behind. */
function compareMeaning(pixels: XmlElement, image: ImageFacts, where: string, report: Report): void {
  const scale = image.levels[0]?.scale;
  image.axes.forEach((axis, i) => {
    const letter = axis.name.toUpperCase();
    const said = numberAttribute(pixels, `PhysicalSize${letter}`);
    const from = metres(pixels.attribute(`PhysicalSize${letter}Unit`) ?? 'µm');
    const to = metres(lengthSymbol(axis.unit ?? '') ?? '');
    const found = scale?.[i];
    if (said === undefined || found === undefined || from === undefined || to === undefined) return;
    if (Math.abs(said * from - found * to) > NEAR * said * from)
      report.add(
        'NGFF_OME_XML_DIFFERS',
        where,
        `PhysicalSize${letter} is ${said} ${pixels.attribute(`PhysicalSize${letter}Unit`) ?? 'µm'}, the scale along ${axis.name} ${found} ${axis.unit}`,
      );
  });
  const channels = children(pixels, 'Channel');
  const labels = asList(asObject(image.ome.omero).channels).map((channel) => asText(asObject(channel).label));
  // Samples of RGB are channels of their own in "omero".
  if (labels.length !== channels.length) return;
  channels.forEach((channel, i) => {
    const name = channel.attribute('Name');
    if (name && labels[i] && name !== labels[i])
      report.add(
        'NGFF_OME_XML_DIFFERS',
        where,
        `channel ${i} is ${JSON.stringify(name)}, in "omero" ${JSON.stringify(labels[i])}`,
      );
  });
}

/** True if this group is the folder OME of a collection. */
export function isOmeFolder({ ome }: OmeGroup): boolean {
  return ome.series !== undefined && !isObject(ome.plate) && ome.multiscales === undefined;
}
