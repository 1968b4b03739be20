// FITS. Layout and sources: NOTES.md.

import {
  AXIS,
  checkExtent,
  rawBlocks,
  type StoredAxis,
  shapeOf,
  storedBytes,
} from '../../src/containers/raw/blocks.js';
import { outlineImage } from '../../src/containers/raw/model.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap } from '../../src/core/blocks.js';
import type {
  ByteSource,
  Dataset,
  ImageSource,
  InputTree,
  OpenOptions,
  OriginalMetadata,
} from '../../src/core/contracts.js';
import { ImgconvError, unsupported } from '../../src/core/errors.js';
import type { OmeImage, Quantity } from '../../src/core/ome.js';
import { positive } from '../../src/core/ome-build.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { lengthWord } from '../../src/core/unit-words.js';
import { type Hdu, readHdu, UNIT } from './header.js';
import { imageOfTiles, tileBlocks, tileObstacle } from './tiles.js';

const TYPES: Readonly<Record<number, PixelType>> = {
  8: 'uint8',
  16: 'int16',
  32: 'int32',
  64: 'int64',
  [-32]: 'float',
  [-64]: 'double',
};

/** All units; a broken one ends the list with a notice, if an image came before it. */
async function readAll(input: InputTree, source: ByteSource, options: OpenOptions): Promise<Hdu[]> {
  const list: Hdu[] = [];
  for (let at = 0; at < source.size; ) {
    options.signal?.throwIfAborted();
    let hdu: Hdu | undefined;
    try {
      hdu = await readHdu(source, at);
    } catch (error) {
      // What follows the last unit may be anything; that is how many files end.
      if (!(error instanceof ImgconvError) || list.length === 0) throw error;
      options.notice({ code: 'FITS_TAIL', rank: 'info', text: `${input.path}: what follows at ${at} is no FITS unit` });
      break;
    }
    if (!hdu) break;
    list.push(hdu);
    if (list.length > options.limits.images) {
      throw new ImgconvError('limit', 'IMAGE_COUNT', `${input.path}: more than ${options.limits.images} units`, {
        file: input.path,
      });
    }
    at = hdu.offset + Math.ceil(hdu.length / UNIT) * UNIT;
  }
  return list;
}

/** x, y, z, t; the fifth and further axes are c. */
function axesOf({ axes }: Hdu): readonly StoredAxis[] {
  const [x = 1, y = 1, z = 1, t = 1, ...rest] = axes;
  const c = rest.reduce((a, b) => a * b, 1);
  const list: StoredAxis[] = [
    { axis: AXIS.x, size: x },
    { axis: AXIS.y, size: y },
    { axis: AXIS.z, size: z },
    { axis: AXIS.t, size: t },
  ];
  return c > 1 ? [...list, { axis: AXIS.c, size: c }] : list;
}

/** '2004-08-06T12:34:56.7' or a date alone, of the observation; UTC by definition, unless TIMESYS says otherwise. */
function dateOf({ values }: Hdu): string | undefined {
  const text = values.get('DATE-OBS') ?? '';
  const time = /^\d{4}-\d\d-\d\d$/.test(text) && values.get('TIME-OBS') ? `${text}T${values.get('TIME-OBS')}` : text;
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/.exec(time);
  return match && !Number.isNaN(Date.parse(`${time}Z`)) ? time : undefined;
}

function stepOf({ values }: Hdu, axis: number): Quantity | undefined {
  // Degrees and the like are no pixel sizes.
  const unit = lengthWord(values.get(`CUNIT${axis}`));
  return unit ? positive(Math.abs(Number(values.get(`CDELT${axis}`))), unit) : undefined;
}

function tellScale({ values }: Hdu, name: string, options: OpenOptions): void {
  const [scale, zero] = [Number(values.get('BSCALE') ?? 1), Number(values.get('BZERO') ?? 0)];
  if (scale === 1 && zero === 0) return;
  const text = `${name}: values are stored ones; the header scales them: value = ${scale} x stored + ${zero} (kept as BSCALE and BZERO)`;
  options.notice({ code: 'VALUE_SCALE', rank: 'info', text });
}

function isTiled({ kind, values }: Hdu): boolean {
  return kind === 'BINTABLE' && values.get('ZIMAGE') === 'T';
}

function plainBlocks(source: ByteSource, hdu: Hdu, axes: readonly StoredAxis[], options: OpenOptions): BlockMap {
  const { offset } = hdu;
  const file = source.name;
  const bits = Math.abs(hdu.bitpix);
  const available = Math.max(0, source.size - offset);
  const cut = checkExtent(file, storedBytes(axes, bits), available, storedBytes(axes.slice(0, 2), bits));
  if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
  const codecs = orderSteps(bits / 8, false);
  return rawBlocks({ file, offset, available, axes, bits, codecs, maxBlocks: options.limits.directories });
}

export async function openFits(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const hdus = await readAll(input, source, options);
    const obstacles: string[] = [];
    const pictures = hdus.filter((hdu) => {
      if (!isTiled(hdu)) return (hdu.kind === 'SIMPLE' || hdu.kind === 'IMAGE') && hdu.length > 0;
      const obstacle = tileObstacle(hdu);
      if (obstacle) obstacles.push(obstacle);
      return !obstacle;
    });
    if (pictures.length === 0) {
      const kinds = `it holds ${hdus.map((hdu) => hdu.kind).join(', ')}`;
      const what = obstacles.length > 0 ? `tiles with ${obstacles[0]} are not supported` : kinds;
      throw unsupported('FITS_NO_IMAGE', `${file}: no image that can be read: ${what}`, { file });
    }
    for (const obstacle of obstacles) {
      options.notice({
        code: 'FITS_TILES',
        rank: 'loss',
        text: `${file}: an image is left out: tiles with ${obstacle}`,
      });
    }
    const images: ImageSource[] = [];
    const omeImages: OmeImage[] = [];
    const original: OriginalMetadata[] = [];
    for (const hdu of hdus) {
      const index = pictures.indexOf(hdu);
      const image = pictures.length > 1 && index >= 0 ? index : undefined;
      for (const [key, value] of hdu.cards) original.push({ ...(image === undefined ? {} : { image }), key, value });
    }
    for (const [index, found] of pictures.entries()) {
      const tiled = isTiled(found);
      const hdu = tiled ? imageOfTiles(found) : found;
      const title = hdu.values.get('EXTNAME');
      const name = pictures.length === 1 ? input.name : `${input.name} #${index + 1}${title ? ` ${title}` : ''}`;
      const type = TYPES[hdu.bitpix]!;
      const axes = axesOf(hdu);
      tellScale(hdu, name, options);
      const blocks = tiled
        ? await tileBlocks(source, hdu, axes, options.limits)
        : plainBlocks(source, hdu, axes, options);
      const shape = shapeOf(axes);
      images.push({ name, role: 'pixels', type, levels: [{ shape, blocks }] });
      const Description = hdu.values.get('OBJECT') || hdu.values.get('TITLE');
      omeImages.push(
        outlineImage({
          index,
          name,
          shape,
          type,
          image: { AcquisitionDate: dateOf(hdu), ...(Description ? { Description } : {}) },
          pixels: { PhysicalSizeX: stepOf(hdu, 1), PhysicalSizeY: stepOf(hdu, 2), PhysicalSizeZ: stepOf(hdu, 3) },
        }),
      );
    }
    return { format: 'fits', ome: { Images: omeImages }, images, original, files: [file] };
  } finally {
    await source.close();
  }
}
