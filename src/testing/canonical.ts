// The OME model of a data set as plain data in which equal content is equal: for comparing what several formats say of the same images.

import type { Dataset } from '../core/contracts.js';
import type { OmeChannel, OmeModel } from '../core/ome.js';

/** Left out: how planes are stored (dimension order), who wrote the document, and whatever is empty or the schema's default. */
export function canonicalModel({ ome, images, original }: Pick<Dataset, 'ome' | 'images' | 'original'>): unknown {
  const { Creator: _writer, Images, ...rest } = ome;
  return clean({
    ...rest,
    Images: Images.map((image, i) => ({ ...image, Pixels: pixels(image.Pixels), role: images[i]?.role })),
    original: originals(original),
  });
}

function pixels({ DimensionOrder: _order, ...rest }: OmeModel['Images'][number]['Pixels']): object {
  const channels = Array.from({ length: Math.max(rest.Channels.length, 1) }, (_, c) => channel(rest.Channels[c]));
  return { ...rest, Channels: channels };
}

function channel(found: OmeChannel | undefined): object {
  return { ...found, SamplesPerPixel: found?.SamplesPerPixel ?? 1 };
}

/** The order of pairs of different images means nothing. */
function originals(rows: Dataset['original']): unknown {
  return [...rows]
    .sort((a, b) => (a.image ?? -1) - (b.image ?? -1))
    .map(({ image, key, value }) => ({ image: image ?? 'all', key, value }));
}

/** Without undefined values, empty lists and empty objects; keys sorted. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, each]) => [key, clean(each)] as const)
    .filter(([, each]) => !isEmpty(each));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  return Array.isArray(value) && value.length === 0;
}
