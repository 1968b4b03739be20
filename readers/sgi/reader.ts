// SGI images (The SGI Image File Format 1.00, P. Haeberli): header of 512 bytes, channels one after the other, rows from the bottom,
// big-endian. Run-length coded files hold tables of row offsets and lengths, which may point anywhere.

import { rasterDataset } from '../../src/containers/raster/dataset.js';
import { AXIS, checkExtent, rawBlocks, storedBytes } from '../../src/containers/raw/blocks.js';
import type { BlockMap, Chain } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';

const HEADER = 512;

export async function openSgi(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const head = await source.read(0, Math.min(HEADER, source.size));
    if (head.length < HEADER) throw formatError('SGI_HEADER', `${file}: too short for an SGI image`, { file });
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const size = head[3]! as 1 | 2;
    const dimensions = view.getUint16(4);
    const width = view.getUint16(6);
    const height = dimensions > 1 ? view.getUint16(8) : 1;
    const channels = dimensions > 2 ? view.getUint16(10) : 1;
    if (width === 0 || height === 0 || channels === 0) {
      throw formatError('SGI_HEADER', `${file}: ${width} × ${height} pixels, ${channels} channels`, {
        file,
        offset: 6,
      });
    }
    if (view.getUint32(104) !== 0)
      throw unsupported('SGI_MAP', `${file}: SGI colour map kind ${view.getUint32(104)}`, { file });
    const type = size === 1 ? 'uint8' : 'uint16';
    const shape: Tczyx = [1, channels, 1, height, width];
    const blocks = head[2] === 1 ? await coded(source, shape, size, options) : raw(source, shape, size, options);
    const name = Buffer.from(head.subarray(24, 104)).toString('latin1').split('\0')[0]!.trim();
    return rasterDataset({
      format: 'sgi',
      name: input.name,
      file,
      shape,
      type,
      blocks,
      color: channels === 3 || channels === 4,
      original: name === '' ? [] : [{ key: 'ImageName', value: name }],
    });
  } finally {
    await source.close();
  }
}

function raw(source: ByteSource, shape: Tczyx, size: number, { limits, notice }: OpenOptions): BlockMap {
  const axes = [
    { axis: AXIS.x, size: shape[4] },
    { axis: AXIS.y, size: shape[3], reversed: true },
    { axis: AXIS.c, size: shape[1] },
  ];
  const available = source.size - HEADER;
  const cut = checkExtent(source.name, storedBytes(axes, size * 8), available, shape[4] * size);
  if (cut) notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
  const codecs = size === 2 ? [{ id: 'endian', size }] : [];
  return rawBlocks({
    file: source.name,
    offset: HEADER,
    available,
    axes,
    bits: size * 8,
    codecs,
    maxBlocks: limits.directories,
  });
}

/** One block a channel: the stretch of the file that holds its rows. */
async function coded(source: ByteSource, shape: Tczyx, size: number, { limits }: OpenOptions): Promise<BlockMap> {
  const [, channels, , height, width] = shape;
  const file = source.name;
  const rows = channels * height;
  if (channels > 65_535 || rows * 8 > limits.metadataBytes || width * height * size > limits.blockBytes) {
    throw new ImgconvError(
      'limit',
      'BLOCK_SIZE',
      `${file}: ${channels} channels of ${width} × ${height} exceed the limits`,
      { file },
    );
  }
  if (HEADER + rows * 8 > source.size) {
    throw formatError('TRUNCATED', `${file}: the tables of ${rows} rows reach beyond the file`, {
      file,
      offset: HEADER,
    });
  }
  const table = await source.read(HEADER, rows * 8);
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const offset = new Float64Array(channels).fill(-1);
  const length = new Float64Array(channels);
  const chains: Chain[] = [];
  for (let c = 0; c < channels; c++) {
    const starts = Array.from({ length: height }, (_, y) => view.getUint32((c * height + y) * 4));
    const lengths = starts.map((start, y) =>
      Math.min(view.getUint32((rows + c * height + y) * 4), Math.max(0, source.size - start)),
    );
    const first = starts.reduce((a, b) => Math.min(a, b));
    const last = starts.reduce((a, start, y) => Math.max(a, start + lengths[y]!), 0);
    if (first < source.size && last - first <= limits.blockBytes) {
      offset[c] = first;
      length[c] = Math.min(last, source.size) - first;
    }
    const offsets = starts.flatMap((start, y) => [start - first, lengths[y]!]);
    chains.push({ codecs: [{ id: 'sgi-rle', size, offsets }], order: 'tczyx' });
  }
  return {
    layout: { kind: 'grid', block: [1, 1, 1, height, width], edge: 'clipped' },
    address: { kind: 'table', file: 0, offset, length },
    files: [file],
    chains: chains as [Chain, ...Chain[]],
    chain: Uint16Array.from({ length: channels }, (_, i) => i),
    fill: 0,
    absent: 'missing',
  };
}
