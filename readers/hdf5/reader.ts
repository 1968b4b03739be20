// Plain HDF5 files, such as ilastik's: every numeric array is an image. See NOTES.md.

import { textOf } from '../../src/containers/hdf5/attributes.js';
import { datasetLevel, pixelsOf } from '../../src/containers/hdf5/level.js';
import type { Object5, Objects } from '../../src/containers/hdf5/object.js';
import { attributeRows, hdf5Of } from '../../src/containers/hdf5/open.js';
import { pixelTypeOf } from '../../src/containers/hdf5/types.js';
import { type AxisHint, assignAxes } from '../../src/containers/zarr/axes.js';
import { asList, asObject, asText, parseJson } from '../../src/containers/zarr/json.js';
import type { Dataset, ImageSource, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeImage } from '../../src/core/ome.js';
import { simpleImage } from '../../src/core/ome-build.js';

const DEEPEST = 16;
const MOST_ROWS = 1000;

interface Found {
  readonly arrays: Object5[];
  /** One dimension: images of one row, where there is nothing else. */
  readonly rowsOnly: Object5[];
  readonly rows: OriginalMetadata[];
  readonly skipped: string[];
  /** Addresses of objects: several links may lead to one, in circles too. */
  readonly seen: Set<number>;
}

async function collect(
  objects: Objects,
  group: Object5,
  depth: number,
  found: Found,
  options: OpenOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  found.rows.push(...attributeRows(group.path, group.attributes));
  for (const link of group.links) {
    const path = group.path === '' ? link.name : `${group.path}/${link.name}`;
    if (link.address === undefined || link.name.includes('/')) {
      if (link.external) found.skipped.push(`${path} (in ${link.external[0]})`);
      continue;
    }
    if (found.seen.has(link.address)) continue;
    found.seen.add(link.address);
    const object = await objects.get(path);
    if (!object) continue;
    if (!object.dataset) {
      if (depth > 0) await collect(objects, object, depth - 1, found, options);
      continue;
    }
    const { type, space } = object.dataset;
    if (space.shape.length < 2 || !pixelTypeOf(type)) {
      // Scales of axes (EMD) are no spectra.
      const row = space.shape.length === 1 && !space.empty && pixelTypeOf(type) && !/^dim\d+$/.test(link.name);
      if (row && found.rowsOnly.length < MOST_ROWS) found.rowsOnly.push(object);
      else found.rows.push(...attributeRows(path, object.attributes));
      continue;
    }
    found.arrays.push(object);
    if (found.arrays.length > options.limits.images) {
      throw new ImgconvError('limit', 'IMAGE_COUNT', `more than ${options.limits.images} arrays`, {
        file: objects.file.name,
      });
    }
  }
}

/** VIGRA's axistags, or labels of HDF5 dimension scales. Letters of ilastik: t, z, y, x, c. */
function hintsOf(object: Object5): readonly AxisHint[] | undefined {
  const tags = textOf(object.attributes.get('axistags'));
  if (tags) {
    try {
      const axes = asList(asObject(parseJson(Buffer.from(tags), object.path)).axes);
      return axes.map((axis) => ({ name: asText(asObject(axis).key) }));
    } catch (error) {
      if (!(error instanceof ImgconvError)) throw error;
    }
  }
  const labels = object.attributes.get('DIMENSION_LABELS')?.texts;
  return labels?.some((label) => label !== '') ? labels.map((name) => ({ name: name || undefined })) : undefined;
}

interface Opened {
  readonly source: ImageSource;
  readonly ome: OmeImage;
}

async function openArray(
  objects: Objects,
  object: Object5,
  index: number,
  name: string,
  options: OpenOptions,
): Promise<Opened> {
  const dataset = object.dataset!;
  const { shape: extents } = dataset.space;
  const label = `${objects.file.name}: ${object.path}`;
  const { axes, borrowed } = assignAxes(extents, hintsOf(object), label);
  for (const { name: axis, axis: letter } of borrowed) {
    const text = `${label}: dimension ${JSON.stringify(axis)} becomes ${letter}, as OME has no such axis`;
    options.notice({ code: 'HDF5_AXIS', rank: 'loss', text });
  }
  const shape = [1, 1, 1, 1, 1];
  for (const [i, axis] of axes.entries()) if (axis >= 0) shape[axis] = extents[i]!;
  const type = pixelsOf(objects.file, dataset);
  const level = await datasetLevel([{ file: objects.file, dataset, t: 0, c: 0 }], axes, shape as unknown as Tczyx);
  const sizes = object.attributes.get('element_size_um')?.numbers;
  const size = (axis: number) => {
    const value = sizes?.length === 3 ? sizes[axis - 2] : undefined;
    return value !== undefined && value > 0 ? { value, unit: 'µm' } : undefined;
  };
  const [x, y, z] = [size(4), size(3), size(2)];
  const pixels = {
    ...(x ? { PhysicalSizeX: x } : {}),
    ...(y ? { PhysicalSizeY: y } : {}),
    ...(z ? { PhysicalSizeZ: z } : {}),
  };
  return {
    source: { name, role: 'pixels', type, levels: [level] },
    ome: simpleImage({ index, name, shape: level.shape, type, pixels }),
  };
}

export async function openArrays(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const objects = await hdf5Of(input, options.limits);
  const file = objects.file.name;
  const found: Found = { arrays: [], rowsOnly: [], rows: [], skipped: [], seen: new Set([objects.file.root]) };
  await collect(objects, await objects.root(), DEEPEST, found, options);
  if (found.skipped.length > 0) {
    const text = `arrays in other files are left out: ${found.skipped.slice(0, 3).join(', ')}`;
    options.notice({ code: 'HDF5_EXTERNAL', rank: 'loss', text });
  }
  const arrays = found.arrays.length > 0 ? found.arrays : found.rowsOnly;
  const opened: Opened[] = [];
  const rows = [...found.rows];
  for (const object of arrays) {
    const name = arrays.length === 1 ? input.name : object.path;
    try {
      opened.push(await openArray(objects, object, opened.length, name, options));
      rows.push(...attributeRows(object.path, object.attributes, opened.length - 1));
    } catch (error) {
      if (!(error instanceof ImgconvError) || arrays.length === 1 || error.blame === 'io') throw error;
      const rank = error.blame === 'format' ? 'damage' : 'loss';
      options.notice({ code: error.code, rank, text: `left out: ${error.message}` });
    }
  }
  if (opened.length === 0)
    throw formatError('HDF5_EMPTY', `${file}: no array of numbers that could be an image`, { file });
  return {
    format: 'hdf5',
    ome: { Images: opened.map(({ ome }) => ome) },
    images: opened.map(({ source }) => source),
    original: rows,
    files: [file],
  };
}
