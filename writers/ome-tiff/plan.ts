// The plan of an OME-TIFF or a set of them: files, planes, levels, tiles and their coding. Pure.

import { channelSamples } from '../../src/core/channels.js';
import type { Dataset, ImageSource, Level, Notice } from '../../src/core/contracts.js';
import { unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeChannel, OmeImage, OmeModel } from '../../src/core/ome.js';
import { pickParts } from '../../src/core/pick.js';
import { bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';
import { type ImagePick, pickedShape, selectModel } from '../../src/core/select.js';
import type { Reduction } from '../../src/pipeline/contract.js';
import { halfSize, levelCoding, storedCoding, type TileCoding, tileCoding, tileSize } from './coding.js';
import { type FilePlan, type PlaneBox, planFiles } from './files.js';
import type { OmeTiffOptions } from './options.js';

export interface TiffLevel {
  readonly shape: Tczyx;
  readonly tile: readonly [y: number, x: number];
  readonly coding: TileCoding;
  /** Stored level that the pixels are taken from. */
  readonly reuse?: Level;
  /** Stored tiles are handed on as they are. */
  readonly handedOn: boolean;
}

export interface TiffImage {
  readonly name: string;
  readonly source: ImageSource;
  readonly pick: ImagePick;
  /** Samples a plane: 3 for RGB. */
  readonly samples: number;
  readonly shape: Tczyx;
  readonly levels: readonly [TiffLevel, ...TiffLevel[]];
  readonly reduction: Reduction;
  readonly fill: number;
}

export interface TiffPlan {
  /** Of the output; a pattern where it has %. */
  readonly name: string;
  readonly options: OmeTiffOptions;
  readonly files: readonly FilePlan[];
  readonly images: readonly TiffImage[];
  readonly ome: OmeModel;
  readonly notices: readonly Notice[];
}

/** Errors: usage SELECTION, OME_TIFF_OPTION, SPLIT_NAMES; unsupported OME_PIXEL_TYPE. */
export function planOmeTiff(dataset: Dataset, options: OmeTiffOptions, name: string): TiffPlan {
  const notices: Notice[] = [];
  const picks = pickParts(dataset, options);
  const selected = selectModel(dataset.ome, picks);
  notices.push(...selected.notices);
  const omeImages: OmeImage[] = [];
  const images = picks.map((pick, i) => {
    const source = dataset.images[pick.index]!;
    const { ome, samples } = evenChannels(selected.model.Images[i]!, pick, options, notices);
    omeImages.push(ome);
    return planImage(source, pick, ome, samples, options, notices);
  });
  const split = images.map(({ shape, samples }, i) => ({
    ome: omeImages[i]!,
    planes: [shape[0], shape[1] / samples, shape[2]] as const,
  }));
  return {
    name,
    options,
    files: planFiles(name, split, options.split),
    images,
    ome: { ...selected.model, Images: omeImages },
    notices,
  };
}

/** A plane holds the samples of one channel: all channels of an image need the same number of them, or get one each. */
function evenChannels(
  image: OmeImage,
  pick: ImagePick,
  options: OmeTiffOptions,
  notices: Notice[],
): { ome: OmeImage; samples: number } {
  const { Pixels } = image;
  const sizeC = pickedShape(pick)[1];
  const channels = channelSamples(Pixels, sizeC);
  const [first] = channels;
  const samples = channels.every(({ count }) => count === first?.count) ? (first?.count ?? 1) : 1;
  const even = samples * channels.length === sizeC && samples > 1;
  const list: OmeChannel[] = even
    ? channels.map(({ channel }, c) => channel ?? { ID: `Channel:${image.ID}:${c}`, SamplesPerPixel: samples })
    : [];
  if (!even) {
    for (const { channel, count } of channels) {
      for (let s = 0; s < count; s++) {
        const ID = channel && s === 0 ? channel.ID : `${channel?.ID ?? `Channel:${image.ID}`}:${list.length}`;
        list.push({ ...channel, ID, SamplesPerPixel: 1 });
      }
    }
    if (channels.some(({ count }) => count > 1))
      notices.push({
        code: 'CHANNELS_SPLIT',
        rank: 'info',
        text: `image ${image.Name ?? image.ID}: samples of its channels are written as planes of their own`,
      });
  }
  const bits = Pixels.SignificantBits;
  const pixels = {
    ...Pixels,
    ...(bits !== undefined && { SignificantBits: Math.min(bits, 8 * bytesPerSample(pick.type)) }),
    Channels: list,
    DimensionOrder: options.dimensionOrder,
  };
  return { ome: { ...image, Pixels: pixels }, samples: even ? samples : 1 };
}

function planImage(
  source: ImageSource,
  pick: ImagePick,
  ome: OmeImage,
  samples: number,
  options: OmeTiffOptions,
  notices: Notice[],
): TiffImage {
  const { type } = source;
  const name = ome.Name || source.name || ome.ID;
  if (type === 'int64' || type === 'uint64')
    throw unsupported(
      'OME_PIXEL_TYPE',
      `image ${name} has ${type} pixels, which OME-TIFF cannot name; convert to OME-Zarr`,
    );
  const shape = pickedShape(pick);
  const categorical = source.categorical === true || source.palette !== undefined;
  for (const label of source.labels ?? [])
    notices.push({
      code: 'LABEL_DROPPED',
      rank: 'loss',
      text: `label ${label.name} of image ${name} is left out: OME-TIFF has no place for label images`,
    });
  const reduction: Reduction =
    options.downsample === 'simple' ? 'nearest' : categorical || options.downsample === 'mode' ? 'mode' : 'mean';
  return {
    name,
    source,
    pick,
    samples,
    shape,
    levels: planLevels(source, pick, shape, samples, options, reduction),
    reduction,
    fill: options.fillValue ?? source.levels[0].blocks.fill,
  };
}

/** Whether the wanted compression lets stored tiles of this coding through. */
function wanted(coding: TileCoding, options: OmeTiffOptions): boolean {
  if (options.transcode) return false;
  if (options.compression === 'auto') return coding.name !== 'none';
  return options.compression === coding.name && options.quality === undefined && options.level === undefined;
}

function planLevels(
  source: ImageSource,
  pick: ImagePick,
  shape: Tczyx,
  samples: number,
  options: OmeTiffOptions,
  reduction: Reduction,
): readonly [TiffLevel, ...TiffLevel[]] {
  const mean = reduction === 'mean';
  const categorical = source.categorical === true || source.palette !== undefined;
  const stored = pick.crop ? undefined : handOn(source.levels[0], source.type, samples, options);
  const chosen = options.compression === 'auto' ? 'deflate' : options.compression;
  const coding = stored
    ? levelCoding(stored.coding, source, samples, options, categorical)
    : tileCoding(chosen, source.type, samples, options, categorical);
  const tile = stored?.tile ?? tileSize(options, shape);
  const first: TiffLevel = { shape, tile, coding: stored?.coding ?? coding, handedOn: stored !== undefined };
  const levels: [TiffLevel, ...TiffLevel[]] = [first];
  for (let last = first; ; ) {
    const small = last.shape[3] <= options.targetMinSize && last.shape[4] <= options.targetMinSize;
    const single = last.shape[3] === 1 && last.shape[4] === 1;
    if (single || (options.resolutions === undefined ? small : levels.length >= options.resolutions)) return levels;
    const half: Tczyx = [shape[0], shape[1], shape[2], Math.ceil(last.shape[3] / 2), Math.ceil(last.shape[4] / 2)];
    const reuse = pick.crop ? undefined : findStored(source, shape, half, levels.length);
    const passed = reuse && stored && handOn(reuse, source.type, samples, options);
    const fine =
      levels.length === 1 && stored && mean && !pick.crop ? halfSize(source.levels[0], stored.coding) : undefined;
    const level = reuse && (passed || options.reuseLevels) ? reuse : fine;
    const size: Tczyx = level ? [half[0], half[1], half[2], level.shape[3], level.shape[4]] : half;
    last = {
      shape: size,
      tile: passed?.tile ?? tile,
      coding: passed?.coding ?? coding,
      handedOn: passed !== undefined,
      ...(level && { reuse: level }),
    };
    levels.push(last);
  }
}

function handOn(
  level: Level,
  type: PixelType,
  samples: number,
  options: OmeTiffOptions,
): ReturnType<typeof storedCoding> {
  const found = storedCoding(level, type, samples);
  return found && wanted(found.coding, options) ? found : undefined;
}

/** A stored level of exactly 1/2^n of the full size, rounded up or down. */
function findStored(source: ImageSource, full: Tczyx, half: Tczyx, n: number): Level | undefined {
  const fits = (size: number, axis: 3 | 4): boolean => {
    const exact = full[axis] / 2 ** n;
    return [half[axis], Math.ceil(exact), Math.max(1, Math.floor(exact))].includes(size);
  };
  return source.levels.slice(1).find((level) => fits(level.shape[3], 3) && fits(level.shape[4], 4));
}

/** Selection of the samples and planes of a box, on top of what the pick selects. */
export function boxSelection(
  image: TiffImage,
  box: PlaneBox,
): { t?: number[]; c?: number[]; z?: number[]; y: number; x: number } {
  const { pick, samples, shape } = image;
  const range = (
    list: readonly number[] | undefined,
    from: number,
    count: number,
    size: number,
  ): number[] | undefined => {
    if (from === 0 && count === size) return list && [...list];
    return Array.from({ length: count }, (_, i) => (list ? list[from + i]! : from + i));
  };
  return {
    t: range(pick.t, box.start.t, box.size.t, shape[0]),
    c: range(pick.c, box.start.c * samples, box.size.c * samples, shape[1]),
    z: range(pick.z, box.start.z, box.size.z, shape[2]),
    y: pick.crop?.y ?? 0,
    x: pick.crop?.x ?? 0,
  };
}
