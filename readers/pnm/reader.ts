// Netpbm and PFM. Conventions: NOTES.md.

import { wholeBlock } from '../../src/containers/raster/whole.js';
import { AXIS, checkExtent, planeBlocks, type StoredAxis, storedBytes } from '../../src/containers/raw/blocks.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap, CodecStep } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { simpleImage } from '../../src/core/ome-build.js';
import { bitsOf, isBitmap, isFloat, isPlain, type PnmHeader, parseHeader, typeOf } from './header.js';

const HEADER_BYTES = 2 ** 16;

/** PBM counts ink: 1 is black. As everywhere else, values grow with light. */
const LIGHT: CodecStep = { id: 'invert', size: 1, bits: 1 };

interface Picture {
  readonly header: PnmHeader;
  /** Offset of the first pixel. */
  readonly offset: number;
}

/** Fastest axis first. */
function axesOf(header: PnmHeader): StoredAxis[] {
  const plane: StoredAxis[] = [
    { axis: AXIS.x, size: header.width },
    // PFM starts with the bottom row.
    { axis: AXIS.y, size: header.height, reversed: isFloat(header) },
  ];
  return header.samples > 1 ? [{ axis: AXIS.c, size: header.samples }, ...plane] : plane;
}

/** Pictures of raw files follow each other; the rest of a plain file is its only one. */
async function readPictures(source: ByteSource, options: OpenOptions): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (let at = 0; at < source.size && pictures.length < options.limits.directories; ) {
    const head = await source.read(at, Math.min(HEADER_BYTES, source.size - at));
    const header = parseHeader(head, source.name, at);
    const first = pictures[0]?.header;
    if (!header || (first && !sameKind(first, header))) {
      if (pictures.length === 0) break;
      const text = `${source.size - at} bytes behind the last picture are left out`;
      options.notice({ code: 'TRAILING_DATA', rank: 'info', text });
      break;
    }
    const offset = at + header.length;
    pictures.push({ header, offset });
    if (isPlain(header)) break;
    at = offset + storedBytes(axesOf(header), bitsOf(header));
  }
  if (pictures.length === 0) throw formatError('PNM_HEADER', `${source.name}: no Netpbm header`, { file: source.name });
  return pictures;
}

function sameKind(a: PnmHeader, b: PnmHeader): boolean {
  return (
    a.kind === b.kind && a.width === b.width && a.height === b.height && a.samples === b.samples && a.max === b.max
  );
}

function stepsOf(header: PnmHeader): CodecStep[] {
  if (isBitmap(header)) return [{ id: 'bits', bits: 1 }, LIGHT];
  return [...orderSteps(bitsOf(header) / 8, isFloat(header) && header.max < 0)];
}

function blocksOf(source: ByteSource, pictures: readonly Picture[], shape: Tczyx, options: OpenOptions): BlockMap {
  const { header, offset } = pictures[0]!;
  const { limits } = options;
  if (isPlain(header)) {
    const codecs = isBitmap(header) ? [{ id: 'plain-numbers', bitmap: true }, LIGHT] : [{ id: 'plain-numbers' }];
    return wholeBlock({
      file: source.name,
      offset,
      length: Math.max(0, source.size - offset),
      shape,
      type: typeOf(header),
      codecs,
      limits,
    });
  }
  const plane = axesOf(header);
  const bits = bitsOf(header);
  const bytes = storedBytes(plane, bits);
  const cut = checkExtent(source.name, bytes * pictures.length, source.size - offset, Math.ceil(bytes / header.height));
  if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
  return planeBlocks({
    file: source.name,
    plane,
    bits,
    codecs: stepsOf(header),
    counts: [pictures.length, 1, 1],
    fileBytes: source.size,
    maxBlocks: limits.directories,
    offsetOf: (t) => pictures[t]!.offset,
  });
}

export async function openPnm(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const pictures = await readPictures(source, options);
    const { header } = pictures[0]!;
    const type = typeOf(header);
    const shape: Tczyx = [pictures.length, header.samples, 1, header.height, header.width];
    const color = header.samples === 3 || (header.samples === 4 && header.tuple === 'RGB_ALPHA');
    const significant = isFloat(header) ? undefined : Math.ceil(Math.log2(header.max + 1));
    return {
      format: 'pnm',
      ome: {
        Images: [
          simpleImage({
            index: 0,
            name: input.name,
            shape,
            type,
            samplesPerPixel: color ? header.samples : 1,
            pixels: { SignificantBits: significant },
          }),
        ],
      },
      images: [
        {
          name: input.name,
          role: 'pixels',
          type,
          levels: [{ shape, blocks: blocksOf(source, pictures, shape, options) }],
        },
      ],
      original: originalMetadata(header),
      files: [source.name],
    };
  } finally {
    await source.close();
  }
}

function originalMetadata({ kind, max, tuple, comments }: PnmHeader): OriginalMetadata[] {
  return [
    { key: 'Format', value: `P${kind}` },
    { key: kind === 'F' || kind === 'f' ? 'Scale' : 'Maxval', value: String(max) },
    ...(tuple === undefined ? [] : [{ key: 'TupleType', value: tuple }]),
    ...comments.map((value) => ({ key: 'Comment', value })),
  ];
}
