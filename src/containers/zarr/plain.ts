// Arrays without NGFF metadata as images: the model says sizes and type, and pixel sizes where the reader knows any.

import type { Dataset, ImageSource, Level, OpenOptions, OriginalMetadata } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import type { OmeImage, Quantity } from '../../core/ome.js';
import type { ZarrArray } from './array.js';
import { type AxisHint, assignAxes } from './axes.js';
import { type JsonObject, printJson } from './json.js';
import { isSmaller, toLevel } from './level.js';
import type { ZarrStore } from './store.js';

export interface PlainImage {
  readonly name: string;
  readonly array: ZarrArray;
  readonly axes?: readonly AxisHint[];
  /** Pixel size for each dimension of the array, where it is known. */
  readonly spacing?: readonly (Quantity | undefined)[];
  /** Stored smaller versions, largest first, with the same axes. */
  readonly levels?: readonly ZarrArray[];
}

interface Opened {
  readonly plain: PlainImage;
  readonly levels: readonly [Level, ...Level[]];
  readonly spacing: readonly (Quantity | undefined)[];
}

async function openPlain(plain: PlainImage, store: ZarrStore, options: OpenOptions): Promise<Opened> {
  const { array } = plain;
  const hints = plain.axes ?? array.dimensionNames?.map((name) => ({ name }));
  const { axes, borrowed } = assignAxes(array.shape, hints, array.name);
  for (const { name, axis } of borrowed) {
    const text = `${array.name}: dimension ${JSON.stringify(name)} becomes ${axis}, as OME has no such axis`;
    options.notice({ code: 'ZARR_AXIS', rank: 'loss', text });
  }
  const spacing: (Quantity | undefined)[] = [undefined, undefined, undefined, undefined, undefined];
  axes.forEach((axis, dimension) => {
    if (axis >= 0) spacing[axis] = plain.spacing?.[dimension];
  });
  const levels: [Level, ...Level[]] = [await toLevel(array, axes, store)];
  for (const smaller of plain.levels ?? []) {
    const same = smaller.shape.length === array.shape.length && smaller.type.ome === array.type.ome;
    const level = same ? await toLevel(smaller, axes, store) : undefined;
    if (level && isSmaller(level, levels.at(-1)!)) levels.push(level);
    else {
      const text = `level ${smaller.name} does not shrink along x and y alone and is left out; it can be computed`;
      options.notice({ code: 'ZARR_LEVEL', rank: 'info', text });
    }
  }
  return { plain, levels, spacing };
}

function omeImage({ plain, levels, spacing }: Opened, index: number): OmeImage {
  const [t, c, z, y, x] = levels[0].shape;
  const complex = plain.array.type.parts === 2;
  return {
    ID: `Image:${index}`,
    Name: plain.name,
    Pixels: {
      ID: `Pixels:${index}`,
      DimensionOrder: 'XYZCT',
      Type: plain.array.type.ome,
      SizeX: x,
      SizeY: y,
      SizeZ: z,
      SizeC: c,
      SizeT: t,
      PhysicalSizeX: spacing[4],
      PhysicalSizeY: spacing[3],
      PhysicalSizeZ: spacing[2],
      Channels: Array.from({ length: c }, (_, i) => ({
        ID: `Channel:${index}:${i}`,
        SamplesPerPixel: 1,
        ...(complex ? { Name: i % 2 === 0 ? 'real' : 'imaginary' } : {}),
      })),
    },
  };
}

/** Attributes as key and text; `image` is the image that they belong to. */
export function attributeRows(path: string, attributes: JsonObject, image?: number): OriginalMetadata[] {
  return Object.entries(attributes).map(([name, value]) => ({
    ...(image === undefined ? {} : { image }),
    key: path === '' ? name : `${path}/${name}`,
    value: typeof value === 'string' ? value : printJson(value),
  }));
}

/** One image for each array. Of several arrays those that hold no pixels are left out with a notice. */
export async function plainDataset(
  format: string,
  images: readonly (() => PlainImage)[],
  groups: readonly OriginalMetadata[],
  store: ZarrStore,
  options: OpenOptions,
): Promise<Dataset> {
  const opened: Opened[] = [];
  for (const image of images) {
    options.signal?.throwIfAborted();
    try {
      opened.push(await openPlain(image(), store, options));
    } catch (error) {
      if (!(error instanceof ImgconvError) || images.length === 1 || error.blame === 'io') throw error;
      options.notice({
        code: error.code,
        rank: error.blame === 'format' ? 'damage' : 'loss',
        text: `left out: ${error.message}`,
      });
    }
  }
  if (opened.length === 0) {
    throw new ImgconvError('unsupported', 'ZARR_NO_IMAGES', `${store.name}: no array that holds pixels`, {
      file: store.name,
    });
  }
  const sources = opened.map(
    ({ plain, levels }): ImageSource => ({
      name: plain.name,
      role: 'pixels',
      type: plain.array.type.pixel,
      levels,
    }),
  );
  const rows = opened.flatMap(({ plain }, i) => attributeRows(plain.array.path, plain.array.attributes, i));
  return {
    format,
    ome: { Images: opened.map(omeImage) },
    images: sources,
    original: [...groups, ...rows],
    files: store.files,
  };
}

/** Name of an array: its key, or for the root the name of the input without extensions. */
export function plainName(path: string, store: ZarrStore): string {
  if (path !== '') return path;
  const base =
    store.name
      .replace(/[/\\]+$/, '')
      .split(/[/\\]/)
      .at(-1) ?? '';
  return base.replace(/(\.zarr|\.n5)?(\.zip)?$/i, '') || base;
}
