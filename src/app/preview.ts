// A picture of an image as a person expects it: channel colours, contrast from quantiles, RGB as it is; several images as a contact sheet.

import { channelColor, samplesOf } from '../../writers/ngff/omero.js';
import { type OpenRequest, openInput } from '../app.js';
import type { Dataset, ImageSource, Level } from '../core/contracts.js';
import { ImgconvError } from '../core/errors.js';
import type { OmeImage } from '../core/ome.js';
import { integerRange } from '../core/pixel-type.js';
import { LevelReader } from '../pipeline/read.js';

/** 8-bit RGB, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

export interface PreviewOptions extends OpenRequest {
  /** Longer side, pixels. */
  readonly size: number;
  /** Images to show; absent: all, at most 64. */
  readonly series?: readonly number[];
  /** Plane and time point; absent: the middle plane, the first time point. */
  readonly z?: number;
  readonly t?: number;
  readonly channels?: readonly number[];
}

const MOST_IMAGES = 64;
const GAP = 4;
/** Source rows read at a time. */
const BAND_BYTES = 32 * 2 ** 20;
/** Samples that one pixel of the picture averages along each axis. */
const TAPS = 4;

/** Errors: usage PREVIEW; those of opening and reading. */
export async function previewInput(path: string, options: PreviewOptions): Promise<Picture> {
  const { dataset, tree } = await openInput(path, options);
  try {
    const wanted = chooseImages(dataset, options);
    const columns = Math.ceil(Math.sqrt(wanted.length));
    const cell = wanted.length === 1 ? options.size : Math.floor((options.size - GAP * (columns - 1)) / columns);
    if (cell < 8)
      throw new ImgconvError('usage', 'PREVIEW', `--size ${options.size} is too small for ${wanted.length} images`);
    const pictures: Picture[] = [];
    for (const index of wanted) pictures.push(await drawImage(dataset, index, cell, options));
    return pictures.length === 1 ? pictures[0]! : sheet(pictures, columns, cell);
  } finally {
    await tree.close();
  }
}

function chooseImages({ images }: Dataset, { series }: PreviewOptions): readonly number[] {
  const wrong = series?.find((index) => index >= images.length);
  if (wrong !== undefined)
    throw new ImgconvError(
      'usage',
      'PREVIEW',
      `--series ${wrong}: the input has ${images.length} images, counted from 0`,
    );
  return series ?? images.map((_, index) => index).slice(0, MOST_IMAGES);
}

/** The coarsest level that is at least as large as the picture. */
function fittingLevel(image: ImageSource, size: number): Level {
  const fits = image.levels.filter(({ shape }) => Math.max(shape[3], shape[4]) >= size);
  return fits.at(-1) ?? image.levels[0];
}

async function drawImage(dataset: Dataset, index: number, size: number, options: PreviewOptions): Promise<Picture> {
  const image = dataset.images[index]!;
  const level = fittingLevel(image, size);
  const [sizeT, sizeC, sizeZ, sizeY, sizeX] = level.shape;
  const scale = Math.max(1, Math.max(sizeX, sizeY) / size);
  const width = Math.max(1, Math.round(sizeX / scale));
  const height = Math.max(1, Math.round(sizeY / scale));
  const at = { t: Math.min(options.t ?? 0, sizeT - 1), z: Math.min(options.z ?? Math.floor(sizeZ / 2), sizeZ - 1) };
  const colors = colorsOf(image, dataset.ome.Images[index]!, sizeC);
  const shown = (options.channels ?? defaultChannels(image, sizeC)).filter((c) => c < sizeC);
  const sum = new Float32Array(width * height * 3);
  for (const c of shown) {
    const values = await reduce(image, level, { ...at, c }, width, height);
    if (image.palette) lookUp(sum, values, image.palette);
    else add(sum, values, colors.rgb ? typeWindow(image) : window(image, c, values), colors.list[c]!);
  }
  return { width, height, rgb: Uint8Array.from(sum, (v) => Math.max(0, Math.min(255, Math.round(v)))) };
}

function defaultChannels({ display }: ImageSource, sizeC: number): number[] {
  const all = Array.from({ length: sizeC }, (_, c) => c);
  const active = all.filter((c) => display?.[c]?.active ?? true);
  // A fourth sample of RGB is alpha; beyond seven channels a blend shows nothing.
  return (active.length > 0 ? active : all).slice(0, 7);
}

function colorsOf(
  image: ImageSource,
  ome: OmeImage,
  count: number,
): { rgb: boolean; list: (readonly [number, number, number])[] } {
  const samples = samplesOf(ome.Pixels, count);
  const rgb = image.type === 'uint8' && samples.every(({ parts }) => parts >= 3);
  const list = samples.map((sample, i) => {
    if (sample.parts === 4 && sample.part === 3) return [0, 0, 0] as const;
    const value = Number.parseInt(channelColor(sample, i, count), 16);
    return [value >> 16, (value >> 8) & 255, value & 255] as const;
  });
  return { rgb, list };
}

/** One plane at the size of the picture: each value the mean of up to 4 × 4 samples of its part of the plane. */
async function reduce(
  image: ImageSource,
  level: Level,
  at: { t: number; c: number; z: number },
  width: number,
  height: number,
): Promise<Float32Array> {
  const [, , , sizeY, sizeX] = level.shape;
  const reader = new LevelReader(level, image.type, { damage: () => {} });
  const out = new Float32Array(width * height);
  const rowsAtOnce = Math.max(1, Math.floor(BAND_BYTES / (8 * sizeX)));
  const nearest = image.categorical === true || image.palette !== undefined;
  try {
    for (let y = 0; y < height; ) {
      const first = Math.floor((y * sizeY) / height);
      let last = y;
      while (last + 1 < height && Math.floor(((last + 2) * sizeY) / height) - first <= rowsAtOnce) last++;
      const rows = Math.max(1, Math.ceil(((last + 1) * sizeY) / height) - first);
      const start = [at.t, at.c, at.z, first, 0] as const;
      const pixels = await reader.read({ start, shape: [1, 1, 1, Math.min(rows, sizeY - first), sizeX] });
      for (; y <= last; y++) {
        const ys = taps((y * sizeY) / height, ((y + 1) * sizeY) / height, nearest);
        for (let x = 0; x < width; x++) {
          const xs = taps((x * sizeX) / width, ((x + 1) * sizeX) / width, nearest);
          let total = 0;
          for (const v of ys) for (const u of xs) total += Number(pixels[(v - first) * sizeX + u]);
          out[y * width + x] = total / (ys.length * xs.length);
        }
      }
    }
  } finally {
    reader.close();
  }
  return out;
}

/** Evenly spread whole positions from `from` up to `to`. */
function taps(from: number, to: number, nearest: boolean): number[] {
  const low = Math.floor(from);
  const count = Math.max(1, Math.min(nearest ? 1 : TAPS, Math.ceil(to) - low));
  return Array.from({ length: count }, (_, i) => low + Math.floor((i * (Math.ceil(to) - low)) / count));
}

type Window = readonly [start: number, end: number];

function typeWindow({ type }: ImageSource): Window {
  return integerRange(type) ?? [0, 1];
}

/** What the source says, else the 0.1 % and 99.9 % quantiles. */
function window(image: ImageSource, c: number, values: Float32Array): Window {
  const told = image.display?.[c]?.window;
  if (told) return [told.start, told.end];
  const sorted = values.filter(Number.isFinite).sort();
  const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))] ?? 0;
  return [at(0.001), at(0.999)];
}

function add(
  sum: Float32Array,
  values: Float32Array,
  [start, end]: Window,
  color: readonly [number, number, number],
): void {
  const range = end > start ? end - start : 1;
  for (let i = 0; i < values.length; i++) {
    const share = Math.max(0, Math.min(1, (values[i]! - start) / range));
    if (!(share > 0)) continue;
    for (let k = 0; k < 3; k++) sum[3 * i + k]! += share * color[k]!;
  }
}

function lookUp(sum: Float32Array, values: Float32Array, { depth, rgb }: NonNullable<ImageSource['palette']>): void {
  const view = new DataView(rgb.buffer, rgb.byteOffset, rgb.byteLength);
  const entries = rgb.length / (depth === 16 ? 6 : 3);
  for (let i = 0; i < values.length; i++) {
    const entry = Math.min(entries - 1, Math.max(0, Math.round(values[i]!)));
    for (let k = 0; k < 3; k++)
      sum[3 * i + k]! += depth === 16 ? view.getUint16(entry * 6 + 2 * k, true) >> 8 : view.getUint8(entry * 3 + k);
  }
}

/** Pictures in rows on a grey ground, each in the middle of its cell. */
function sheet(pictures: readonly Picture[], columns: number, cell: number): Picture {
  const rows = Math.ceil(pictures.length / columns);
  const width = columns * (cell + GAP) - GAP;
  const height = rows * (cell + GAP) - GAP;
  const rgb = new Uint8Array(width * height * 3).fill(64);
  for (const [i, picture] of pictures.entries()) {
    const left = (i % columns) * (cell + GAP) + Math.floor((cell - picture.width) / 2);
    const top = Math.floor(i / columns) * (cell + GAP) + Math.floor((cell - picture.height) / 2);
    for (let y = 0; y < picture.height; y++) {
      const row = picture.rgb.subarray(y * picture.width * 3, (y + 1) * picture.width * 3);
      rgb.set(row, ((top + y) * width + left) * 3);
    }
  }
  return { width, height, rgb };
}
