// Opens an OME-Zarr hierarchy: metadata only. See NOTES.md for versions and quirks.

import { mapLanes } from '../../src/containers/lanes.js';
import { asList, asObject } from '../../src/containers/zarr/json.js';
import { readNode } from '../../src/containers/zarr/node.js';
import { openStore } from '../../src/containers/zarr/open.js';
import type { ZarrStore } from '../../src/containers/zarr/store.js';
import type { Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeModel } from '../../src/core/ome.js';
import { Collector } from './collect.js';
import { ngffContent } from './groups.js';
import { ImageOpener, type OpenedImage } from './image.js';
import { omeImage, omePlate, originalRows } from './metadata.js';
import { describe, mergeModel } from './ome-xml.js';

/** Images that can be read; of several images those that cannot are left out with a notice. */
async function openImages(collector: Collector, store: ZarrStore, options: OpenOptions): Promise<OpenedImage[]> {
  const opener = new ImageOpener(store, options);
  const { images } = collector.found;
  const opened = await mapLanes(images, async (node) => {
    options.signal?.throwIfAborted();
    try {
      return await opener.open(node);
    } catch (error) {
      if (!(error instanceof ImgconvError) || images.length === 1) throw error;
      options.notice({ code: error.code, rank: 'damage', text: `image ${node.path} is left out: ${error.message}` });
      return undefined;
    }
  });
  return opened.filter((image) => image !== undefined);
}

/** Keys that imgconv writes from the model: in its own outputs they say nothing that the model does not. */
const DERIVED = [
  'version',
  'multiscales',
  'omero',
  'plate',
  'well',
  'labels',
  'image-label',
  'series',
  'bioformats2raw.layout',
  'imgconv',
];

function isOwn({ node }: OpenedImage): boolean {
  const { metadata } = asObject(asList(ngffContent(node).multiscales)[0]);
  return asObject(metadata).method === 'imgconv';
}

function withoutDerived(rows: readonly OriginalMetadata[], own: boolean): readonly OriginalMetadata[] {
  return own ? rows.filter((row) => !DERIVED.includes(row.key.split('/').at(-1)!)) : rows;
}

function originalOf(
  collector: Collector,
  images: readonly OpenedImage[],
  described: readonly OriginalMetadata[],
): OriginalMetadata[] {
  const rows = [...described];
  const allOwn = images.every(isOwn);
  for (const node of collector.found.groups) {
    rows.push(...withoutDerived(originalRows(node.path, node.attributes), allOwn));
  }
  for (const [i, image] of images.entries()) {
    rows.push(...withoutDerived(originalRows(image.node.path, image.node.attributes, i), isOwn(image)));
    for (const [path, attributes] of image.arrays) rows.push(...originalRows(path, attributes, i));
  }
  // What an earlier conversion kept is in the OME-XML already.
  const seen = new Set<string>();
  return rows.filter(({ image, key, value }) => {
    const id = JSON.stringify([image, key, value]);
    return !seen.has(id) && seen.add(id);
  });
}

export async function openNgff(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const store = await openStore(input, options.limits);
  const root = store && (await readNode(store, ''));
  if (!store || !root) {
    throw formatError('NGFF_METADATA', `${input.path}: no Zarr metadata found`, { file: input.path });
  }
  const collector = new Collector(store, options);
  await collector.add(root);
  const { found } = collector;
  const images = await openImages(collector, store, options);
  if (images.length === 0)
    throw formatError('NGFF_NO_IMAGES', `${input.path}: no image that can be read`, { file: input.path });
  const own = images.map(omeImage);
  const paths = images.map((image) => image.node.path);
  const described = await describe(store, options);
  const merged: OmeModel = described ? mergeModel(described, own, paths, images.map(isOwn), options) : { Images: own };
  const ids = new Map(paths.map((path, i) => [path, merged.Images[i]!.ID]));
  const plates = merged.Plates ?? found.plates.map((plate, index) => omePlate(plate, index, ids));
  return {
    format: 'ngff',
    ome: { ...merged, ...(plates.length > 0 ? { Plates: plates } : {}) },
    images: images.map((image, i) => ({ ...image.source, name: merged.Images[i]!.Name ?? image.source.name })),
    original: originalOf(collector, images, described?.original ?? []),
    files: store.files,
    ...(found.missing.length > 0 ? { missing: found.missing.map((key) => `${store.name}/${key}`) } : {}),
  };
}
