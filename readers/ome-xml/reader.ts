// OME-XML with pixels in BinData elements: one a plane in DimensionOrder (OME model, "BinData"), sometimes one for all.
// Blocks are pieces of base64 text in the file; positions in the text are positions in the file as long as characters are bytes.

import type { BinDataBlock, PixelStorage } from '../../src/containers/ome-xml/document.js';
import { type OmeXmlFile, openOmeXml } from '../../src/containers/ome-xml/input.js';
import type { Chain, CodecStep } from '../../src/core/blocks.js';
import type { Dataset, ImageSource, InputTree, Level, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeImage } from '../../src/core/ome.js';
import { completeChannels } from '../../src/core/ome-build.js';
import { bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';

const TYPES: readonly string[] = ['int8', 'int16', 'int32', 'uint8', 'uint16', 'uint32', 'float', 'double'];

export async function openOmeXmlDataset(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const file = await openOmeXml(input, options.limits);
  const { document } = file;
  for (const notice of document.notices) options.notice(notice);
  if (document.model.Images.length === 0)
    throw formatError('OME_EMPTY', 'the OME-XML has no image', { file: file.name });
  const images: ImageSource[] = [];
  const models: OmeImage[] = [];
  for (const [index, image] of document.model.Images.entries()) {
    const opened = openImage(file, image, document.storage[index]!, index, options);
    models.push(opened.model);
    images.push(opened.source);
  }
  return {
    format: 'ome-xml',
    ome: { ...document.model, Images: models },
    images,
    original: document.original,
    files: [file.name],
  };
}

function openImage(
  file: OmeXmlFile,
  image: OmeImage,
  storage: PixelStorage,
  index: number,
  options: OpenOptions,
): { model: OmeImage; source: ImageSource } {
  const { Pixels } = image;
  const where = { file: file.name, part: `image ${index}` };
  if (!TYPES.includes(Pixels.Type)) {
    throw unsupported('OME_XML_TYPE', `pixels of type ${Pixels.Type || '(none)'} in OME-XML are not handled`, where);
  }
  const type = Pixels.Type as PixelType;
  const shape: Tczyx = [Pixels.SizeT, Pixels.SizeC, Pixels.SizeZ, Pixels.SizeY, Pixels.SizeX];
  const planes = shape[0] * shape[1] * shape[2];
  if (planes > options.limits.directories || planes * shape[3] * shape[4] > Number.MAX_SAFE_INTEGER) {
    throw new ImgconvError(
      'limit',
      'PLANE_COUNT',
      `the XML describes ${planes} planes, the limit is ${options.limits.directories}`,
      where,
    );
  }
  const blocks = storage.binData.filter((block) => block.end > block.start);
  if (blocks.length > 0 && !file.bytewise) {
    throw unsupported('OME_XML_ENCODING', 'pixels in OME-XML that is encoded as UTF-16 are not handled', where);
  }
  const layout = layoutOf(image, shape, storage, blocks.length);
  const missing = layout.count - Math.min(layout.count, blocks.length);
  if (missing > 0) {
    const text = storage.metadataOnly
      ? 'it is metadata alone'
      : `${missing} of ${layout.count} BinData elements are missing or empty`;
    options.notice({ code: 'OME_PLANES_MISSING', rank: 'damage', text: `image ${index} lacks pixels: ${text}` });
  }
  const blockBytes = layout.block.reduce((product, n) => product * n, bytesPerSample(type));
  if (blocks.length > 0 && blockBytes > options.limits.blockBytes) {
    throw new ImgconvError(
      'limit',
      'BLOCK_SIZE',
      `a BinData element of ${blockBytes} bytes, the limit is ${options.limits.blockBytes}`,
      where,
    );
  }
  const level = makeLevel(file, shape, type, storage.binData, layout);
  return {
    model: { ...image, Pixels: { ...Pixels, Channels: completeChannels(Pixels.Channels, Pixels.SizeC, index) } },
    source: { name: image.Name || `image ${index}`, role: 'pixels', type, levels: [level] },
  };
}

interface BlockLayout {
  readonly block: Tczyx;
  readonly order: string;
  /** BinData elements that the image needs. */
  readonly count: number;
  /** Grid index of the k-th element. */
  place(k: number): number;
}

/** How the elements fill the image: each a plane, each all samples of a plane, or one the whole image. */
function layoutOf(image: OmeImage, shape: Tczyx, storage: PixelStorage, found: number): BlockLayout {
  const [t, c, z, y, x] = shape;
  const letters = image.Pixels.DimensionOrder.slice(2).toLowerCase();
  const pictures = t * z;
  if (
    c > 1 &&
    pictures === storage.binData.length &&
    t * c * z !== storage.binData.length &&
    pictures > 0 &&
    found > 0
  ) {
    if (pictures > 1 || (image.Pixels.Channels[0]?.SamplesPerPixel ?? 1) === c) {
      const order = storage.interleaved ? 'tzyxc' : 'tczyx';
      return { block: [1, c, 1, y, x], order, count: pictures, place: places([t, 1, z], letters) };
    }
  }
  if (storage.binData.length === 1 && t * c * z > 1) {
    return { block: shape, order: `${[...letters].reverse().join('')}yx`, count: 1, place: () => 0 };
  }
  return { block: [1, 1, 1, y, x], order: 'tczyx', count: t * c * z, place: places([t, c, z], letters) };
}

/** k-th element in dimension order to its index in a grid of t, c, z. */
function places([t, c, z]: readonly [number, number, number], letters: string): (k: number) => number {
  const sizes: Readonly<Record<string, number>> = { t, c, z };
  return (k) => {
    const at: Record<string, number> = { t: 0, c: 0, z: 0 };
    let rest = k;
    for (const letter of letters) {
      at[letter] = rest % sizes[letter]!;
      rest = Math.floor(rest / sizes[letter]!);
    }
    return (at.t! * c + at.c!) * z + at.z!;
  };
}

function makeLevel(
  file: OmeXmlFile,
  shape: Tczyx,
  type: PixelType,
  blocks: readonly BinDataBlock[],
  layout: BlockLayout,
): Level {
  const offset = new Float64Array(layout.count).fill(-1);
  const length = new Float64Array(layout.count);
  const chain = new Uint8Array(layout.count);
  const chains: Chain[] = [];
  const known = new Map<string, number>();
  for (const [k, block] of blocks.slice(0, layout.count).entries()) {
    if (block.end <= block.start) continue;
    const codecs = codecsOf(block, type, file);
    const key = JSON.stringify(codecs);
    let number = known.get(key);
    if (number === undefined) {
      number = chains.push({ codecs, order: layout.order }) - 1;
      known.set(key, number);
    }
    const at = layout.place(k);
    offset[at] = file.mark + block.start;
    length[at] = block.end - block.start;
    chain[at] = number;
  }
  if (chains.length === 0) chains.push({ codecs: [], order: layout.order });
  return {
    shape,
    blocks: {
      layout: { kind: 'grid', block: layout.block, edge: 'clipped' },
      address: { kind: 'table', file: 0, offset, length },
      files: [file.name],
      chains: chains as [Chain, ...Chain[]],
      ...(chains.length > 1 && { chain }),
      fill: 0,
      absent: 'missing',
    },
  };
}

function codecsOf(block: BinDataBlock, type: PixelType, file: OmeXmlFile): CodecStep[] {
  const steps: CodecStep[] = [{ id: 'base64' }];
  if (block.compression === 'zlib') steps.push({ id: 'deflate' });
  else if (block.compression === 'bzip2') steps.push({ id: 'bzip2' });
  else if (block.compression !== 'none') {
    throw unsupported('OME_XML_COMPRESSION', `BinData compression ${block.compression} is not handled`, {
      file: file.name,
      offset: file.mark + block.start,
    });
  }
  const size = bytesPerSample(type);
  if (block.bigEndian && size > 1) steps.push({ id: 'endian', size });
  return steps;
}
