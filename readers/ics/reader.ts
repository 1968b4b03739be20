// ICS. Layout and sources: NOTES.md.

import { isGzip } from '../../src/containers/gzip/head.js';
import {
  AXIS,
  type AxisIndex,
  checkExtent,
  rawBlocks,
  type StoredAxis,
  shapeOf,
  storedBytes,
} from '../../src/containers/raw/blocks.js';
import { packedArray } from '../../src/containers/raw/gzip.js';
import { outlineImage } from '../../src/containers/raw/model.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import type { Quantity } from '../../src/core/ome.js';
import { defined, positive } from '../../src/core/ome-build.js';
import { bytesPerSample } from '../../src/core/pixel-type.js';
import { lengthWord, timeWord } from '../../src/core/unit-words.js';
import { headerName } from './format.js';
import { type IcsHeader, readHeader } from './header.js';

const KNOWN: Readonly<Record<string, AxisIndex>> = {
  x: AXIS.x,
  y: AXIS.y,
  z: AXIS.z,
  t: AXIS.t,
  ch: AXIS.c,
  c: AXIS.c,
  p: AXIS.c,
  probe: AXIS.c,
};

interface Axes {
  readonly stored: readonly StoredAxis[];
  /** Position in the header's lists, by axis. */
  readonly index: ReadonlyMap<AxisIndex, number>;
}

/** Axes of other names (lifetime, spectra) take what is free: c, t, z. */
function axesOf(header: IcsHeader, file: string): Axes {
  const stored: StoredAxis[] = header.complex ? [{ axis: AXIS.c, size: 2 }] : [];
  const taken = new Set<AxisIndex>(stored.map((each) => each.axis));
  const names = new Set(header.axes.map((each) => KNOWN[each.name]));
  const index = new Map<AxisIndex, number>();
  for (const each of header.axes) {
    const known = KNOWN[each.name];
    const free = ([AXIS.c, AXIS.t, AXIS.z, AXIS.y, AXIS.x] as const).find(
      (axis) => !taken.has(axis) && !names.has(axis),
    );
    const axis = known !== undefined && !taken.has(known) ? known : free;
    if (axis === undefined) {
      if (each.size === 1) continue;
      throw unsupported('ICS_AXES', `${file}: too many dimensions: ${header.axes.map((a) => a.name).join(' ')}`, {
        file,
      });
    }
    taken.add(axis);
    stored.push({ axis, size: each.size });
    index.set(axis, each.index);
  }
  return { stored, index };
}

interface Place {
  readonly source: ByteSource;
  readonly start: number;
}

/** ICS 2: behind the header, or where `source file` says. ICS 1: in .ids beside it, which may be compressed as a whole. */
async function pixelsOf(input: InputTree, header: IcsHeader, own: ByteSource): Promise<Place> {
  if (header.version === 2) {
    const file = header.fields.get('source file')?.join(' ');
    if (!file) return { source: own, start: header.bytes };
    const start = Number(header.fields.get('source offset')?.[0] ?? 0);
    return {
      source: await input.open(file.replaceAll('\\', '/').replace(/^.*\//, '')),
      start: start > 0 ? Math.trunc(start) : 0,
    };
  }
  const stem = own.name
    .replace(/^.*[\\/]/, '')
    .replace(/\.ics$/i, '')
    .toLowerCase();
  const entries = await input.list('');
  for (const wanted of [`${stem}.ids`, `${stem}.ids.gz`]) {
    const entry = entries.find((each) => !each.folder && each.name.toLowerCase() === wanted);
    if (entry) return { source: await input.open(entry.name), start: 0 };
  }
  throw new ImgconvError(
    'io',
    'NOT_FOUND',
    `${own.name}: the pixels should be in ${stem}.ids beside it, which does not exist`,
    { file: own.name },
  );
}

async function blocksOf(
  { source, start }: Place,
  header: IcsHeader,
  axes: readonly StoredAxis[],
  options: OpenOptions,
): Promise<BlockMap> {
  const file = source.name;
  const { type } = header;
  const bits = 8 * bytesPerSample(type);
  const needed = storedBytes(axes, bits);
  if (!Number.isSafeInteger(start + needed)) throw formatError('EXTENT', `${file}: sizes make no sense`, { file });
  const codecs = orderSteps(bits / 8, header.littleEndian);
  const head = await source.read(start, Math.min(3, Math.max(0, source.size - start)));
  // Some writers say gzip and store plainly, or the other way round: the first bytes tell, where the length fits.
  if (isGzip(head) && (header.gzip || source.size - start < needed)) {
    return packedArray({
      file,
      fileBytes: source.size,
      start,
      skip: 0,
      axes,
      bits,
      type,
      codecs,
      limits: options.limits,
    });
  }
  const available = source.size - start;
  const cut = checkExtent(file, needed, available, storedBytes(axes.slice(0, 2), bits));
  if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
  return rawBlocks({ file, offset: start, available, axes, bits, codecs, maxBlocks: options.limits.directories });
}

export async function openIcs(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const name = /\.ids(\.gz)?$/i.test(input.name) ? await headerName(input) : undefined;
  const own = await input.open(name);
  let place: Place | undefined;
  try {
    const header = await readHeader(own);
    const { stored, index } = axesOf(header, own.name);
    place = await pixelsOf(input, header, own);
    const blocks = await blocksOf(place, header, stored, options);
    const shape = shapeOf(stored);
    const step = (axis: AxisIndex, symbol: typeof lengthWord): Quantity | undefined => {
      const at = index.get(axis);
      if (at === undefined) return undefined;
      const unit = symbol(header.fields.get('parameter units')?.[at]);
      return unit ? positive(Number(header.fields.get('parameter scale')?.[at]), unit) : undefined;
    };
    const description = header.original
      .filter(([key]) => /^history (description|comment)$/i.test(key))
      .map(([, value]) => value);
    // The name that the image had when it was written; often with the folders of another machine.
    const title = header.fields
      .get('filename')
      ?.join(' ')
      .replace(/^.*[\\/]/, '');
    const image = outlineImage({
      index: 0,
      name: title || input.name,
      shape,
      type: header.type,
      channels: header.complex ? ['Real', 'Imaginary'].map((Name) => ({ Name })) : undefined,
      image: description.length > 0 ? { Description: description.join('\n') } : {},
      pixels: defined({
        SignificantBits: header.significantBits,
        PhysicalSizeX: step(AXIS.x, lengthWord),
        PhysicalSizeY: step(AXIS.y, lengthWord),
        PhysicalSizeZ: step(AXIS.z, lengthWord),
        TimeIncrement: step(AXIS.t, timeWord),
      }),
    });
    return {
      format: 'ics',
      ome: { Images: [image] },
      images: [{ name: input.name, role: 'pixels', type: header.type, levels: [{ shape, blocks }] }],
      original: header.original.map(([key, value]) => ({ key, value })),
      files: [...new Set([own.name, place.source.name])],
    };
  } finally {
    await own.close();
    await place?.source.close();
  }
}
