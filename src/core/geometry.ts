// Axis order everywhere: t, c, z, y, x. Unit: pixels (whole planes for t, c, z). `c` counts samples: an RGB image has 3.

/** Sizes, counts or positions in the order t, c, z, y, x. */
export type Tczyx = readonly [t: number, c: number, z: number, y: number, x: number];

/** A box of pixels. */
export interface Region {
  readonly start: Tczyx;
  readonly shape: Tczyx;
}

/** Element-wise function of two vectors. */
export function map2(a: Tczyx, b: Tczyx, f: (a: number, b: number) => number): Tczyx {
  return [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3]), f(a[4], b[4])];
}

/** Number of pixels in a box of this shape. */
export function pixelCount(shape: Tczyx): number {
  return shape[0] * shape[1] * shape[2] * shape[3] * shape[4];
}

/** How many blocks of shape `block` cover `shape`, per axis. */
export function gridCounts(shape: Tczyx, block: Tczyx): Tczyx {
  return map2(shape, block, (s, b) => Math.ceil(s / b));
}

/** C-order index of `position` in a grid of `counts`. */
export function gridIndex(position: Tczyx, counts: Tczyx): number {
  let index = 0;
  for (let axis = 0; axis < 5; axis++) index = index * counts[axis]! + position[axis]!;
  return index;
}

/** Inverse of `gridIndex`. */
export function gridPosition(index: number, counts: Tczyx): Tczyx {
  const position = [0, 0, 0, 0, 0];
  let rest = index;
  for (let axis = 4; axis >= 0; axis--) {
    const count = counts[axis]!;
    position[axis] = rest % count;
    rest = Math.floor(rest / count);
  }
  return position as unknown as Tczyx;
}

/** The part of `a` that `b` covers, or undefined where they do not meet. */
export function intersect(a: Region, b: Region): Region | undefined {
  const start = map2(a.start, b.start, Math.max);
  const end = [0, 1, 2, 3, 4].map((i) => Math.min(a.start[i]! + a.shape[i]!, b.start[i]! + b.shape[i]!));
  const shape = end.map((e, i) => e - start[i]!);
  return shape.every((n) => n > 0) ? { start, shape: shape as unknown as Tczyx } : undefined;
}
