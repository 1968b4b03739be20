// Splitting a data set over files: which planes go where, and what the files are called.

import { ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeImage } from '../../src/core/ome.js';
import type { SplitAxis } from './options.js';

/** A run of planes of one image; positions along c count channel elements. */
export interface PlaneBox {
  readonly image: number;
  readonly start: { readonly t: number; readonly c: number; readonly z: number };
  readonly size: { readonly t: number; readonly c: number; readonly z: number };
}

export interface FilePlan {
  readonly name: string;
  readonly boxes: readonly PlaneBox[];
}

/** What is split, for each image: counts along t, c (channel elements), z. */
export interface SplitImage {
  readonly ome: OmeImage;
  /** Shape in planes: [t, channel elements, z]. */
  readonly planes: readonly [t: number, c: number, z: number];
}

const EXTENSION = /(\.ome)?\.(tiff?|btf|tf2|tf8)$/i;
const DEFAULTS: Readonly<Record<SplitAxis, string>> = {
  series: '',
  channels: '_c%c',
  z: '_z%z',
  timepoints: '_t%t',
  planes: '_t%t_c%c_z%z',
};

/** Characters that some file system refuses. */
function safe(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is to be removed
  return text.replace(/[\\/:*?"<>|\x00-\x1f]/g, '_').slice(0, 100);
}

/**
 * Files of an output called `name`. A name with %s (image number), %n (image name), %c, %z, %t (numbers) or %w (channel name) is a pattern;
 * another one gets what it lacks before its extension. Errors: usage SPLIT_NAMES where two files would have the same name.
 */
export function planFiles(name: string, images: readonly SplitImage[], split: SplitAxis | undefined): FilePlan[] {
  const whole = (image: number): PlaneBox => {
    const [t, c, z] = images[image]!.planes;
    return { image, start: { t: 0, c: 0, z: 0 }, size: { t, c, z } };
  };
  if (!split) return [{ name, boxes: images.map((_, image) => whole(image)) }];
  const extension = EXTENSION.exec(name)?.[0] ?? '';
  const hasPattern = /%[sncwzt]/.test(name);
  const series = images.length > 1 ? '_s%s' : '';
  const pattern = hasPattern
    ? name
    : `${name.slice(0, name.length - extension.length)}${series}${DEFAULTS[split]}${extension}`;
  const cut = { series: [], channels: ['c'], z: ['z'], timepoints: ['t'], planes: ['t', 'c', 'z'] }[split] as (
    | 't'
    | 'c'
    | 'z'
  )[];
  const files: FilePlan[] = [];
  for (const [image, { planes }] of images.entries()) {
    const size = { t: planes[0], c: planes[1], z: planes[2] };
    const steps = { ...size };
    for (const axis of cut) steps[axis] = 1;
    for (let t = 0; t < size.t; t += steps.t)
      for (let c = 0; c < size.c; c += steps.c)
        for (let z = 0; z < size.z; z += steps.z)
          files.push({
            name: fill(pattern, images[image]!.ome, image, { t, c, z }),
            boxes: [{ image, start: { t, c, z }, size: steps }],
          });
  }
  const seen = new Set<string>();
  for (const file of files) {
    const key = file.name.toLowerCase();
    if (seen.has(key))
      throw new ImgconvError(
        'usage',
        'SPLIT_NAMES',
        `two files would be called ${file.name}; use %s, %c, %z or %t in the output's name`,
      );
    seen.add(key);
  }
  return files;
}

function fill(pattern: string, image: OmeImage, number: number, at: { t: number; c: number; z: number }): string {
  return pattern.replace(/%([sncwzt])/g, (_, letter: string) => {
    switch (letter) {
      case 's':
        return String(number);
      case 'n':
        return safe(image.Name ?? `image${number}`);
      case 'w':
        return safe(image.Pixels.Channels[at.c]?.Name ?? String(at.c));
      default:
        return String(at[letter as 't' | 'c' | 'z']);
    }
  });
}

/** Number of a plane in a box whose first two letters after XY vary fastest, as `order` says. Positions count from the box's start. */
export function planeNumber(order: string, size: PlaneBox['size'], at: PlaneBox['start']): number {
  let number = 0;
  for (const letter of [...order.slice(2)].reverse()) {
    const axis = letter.toLowerCase() as 't' | 'c' | 'z';
    number = number * size[axis] + at[axis];
  }
  return number;
}

/** Planes of a box in the order of `order`. */
export function* planesOf(order: string, size: PlaneBox['size']): Iterable<PlaneBox['start']> {
  const [fast, middle, slow] = [...order.slice(2)].map((letter) => letter.toLowerCase() as 't' | 'c' | 'z') as [
    't',
    'c',
    'z',
  ];
  const at = { t: 0, c: 0, z: 0 };
  for (at[slow] = 0; at[slow] < size[slow]; at[slow]++)
    for (at[middle] = 0; at[middle] < size[middle]; at[middle]++)
      for (at[fast] = 0; at[fast] < size[fast]; at[fast]++) yield { ...at };
}

/** Tiles of a level of this shape. */
export function tileCounts(shape: Tczyx, tile: readonly [y: number, x: number]): readonly [y: number, x: number] {
  return [Math.ceil(shape[3] / tile[0]), Math.ceil(shape[4] / tile[1])];
}
