// Two data sets side by side: pixels of the full size, sizes, types, and the metadata that a person would miss.

import type { Dataset, ImageSource } from '../core/contracts.js';
import { asPixels, integerRange } from '../core/pixel-type.js';
import { compareModels } from './compare-models.js';
import { hashImage } from './hash.js';
import { type PlaneRows, planeRows } from './planes.js';
import type { Comparison, Difference, PixelComparison } from './schemas.js';

const SIZES = ['sizeT', 'sizeC', 'sizeZ', 'sizeY', 'sizeX'] as const;

/** Compare two open data sets, image by image. `lossless`: an image may differ in nothing. */
export async function compareDatasets(a: Dataset, b: Dataset, names: { a: string; b: string }): Promise<Comparison> {
  const differences: Difference[] = [];
  const pixels: PixelComparison[] = [];
  if (a.images.length !== b.images.length) {
    differences.push({
      kind: 'images',
      what: 'number of images',
      a: String(a.images.length),
      b: String(b.images.length),
    });
  }
  const count = Math.min(a.images.length, b.images.length);
  for (let i = 0; i < count; i++) {
    const [p, q] = [a.images[i]!, b.images[i]!];
    const found = compareShape(p, q, i);
    differences.push(...found);
    if (found.some(({ kind }) => kind === 'size' || kind === 'type')) continue;
    const result = await compareImages(p, q, i, a.ome.Images[i]?.Name ?? p.name);
    pixels.push(result);
    if (result.equal < result.planes) {
      const { planes, equal, largest, psnr } = result;
      const what = `${planes - equal} of ${planes} planes differ, largest difference ${largest}`;
      differences.push({
        image: i,
        kind: 'pixels',
        what: psnr === undefined ? what : `${what}, PSNR ${psnr.toFixed(2)} dB`,
      });
    }
  }
  differences.push(...compareModels(a.ome, b.ome, count));
  return { ...names, equal: differences.length === 0, pixels, differences };
}

function compareShape(a: ImageSource, b: ImageSource, image: number): Difference[] {
  const differences: Difference[] = [];
  const [p, q] = [a.levels[0].shape, b.levels[0].shape];
  for (const [axis, name] of SIZES.entries()) {
    if (p[axis] !== q[axis])
      differences.push({ image, kind: 'size', what: name, a: String(p[axis]), b: String(q[axis]) });
  }
  if (a.type !== b.type) differences.push({ image, kind: 'type', what: 'pixel type', a: a.type, b: b.type });
  return differences;
}

/** Equal hashes settle it; only images that differ are read again to say where and by how much. */
async function compareImages(a: ImageSource, b: ImageSource, image: number, name: string): Promise<PixelComparison> {
  const [p, q] = [await hashImage(a), await hashImage(b)];
  const sha256 = { sha256A: p.sha256, sha256B: q.sha256, damaged: p.damaged + q.damaged };
  if (p.sha256 !== q.sha256) return { ...(await comparePixels(a, b, image, name)), ...sha256 };
  const planes = p.planes.length;
  return { a: image, b: image, name, planes, equal: planes, largest: 0, ...sha256 };
}

/** Sums for one pair of images. */
class Tally {
  largest = 0;
  squares = 0;
  values = 0;
  low = Number.POSITIVE_INFINITY;
  high = Number.NEGATIVE_INFINITY;
  first: PixelComparison['first'];
  readonly unequal = new Set<number>();

  add(
    at: Omit<PlaneRows, 'bytes'>,
    width: number,
    plane: number,
    a: Uint8Array,
    b: Uint8Array,
    type: ImageSource['type'],
  ): void {
    this.values += a.length;
    if (Buffer.compare(a, b) === 0) return;
    this.unequal.add(plane);
    const [p, q] = [asPixels(a, type), asPixels(b, type)];
    for (let i = 0; i < p.length; i++) {
      const [v, w] = [Number(p[i]), Number(q[i])];
      if (v === w || (Number.isNaN(v) && Number.isNaN(w))) continue;
      this.first ??= { t: at.t, c: at.c, z: at.z, y: at.y + Math.floor(i / width), x: i % width };
      const difference = Math.abs(v - w);
      this.largest = Math.max(this.largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
      this.squares += difference * difference;
      this.low = Math.min(this.low, v);
      this.high = Math.max(this.high, v);
    }
  }
}

/** Rows of both sides, whatever bands they come in, cut to the same pieces. */
async function comparePixels(
  a: ImageSource,
  b: ImageSource,
  image: number,
  name: string,
): Promise<Omit<PixelComparison, 'sha256A' | 'sha256B' | 'damaged'>> {
  const [sizeT, sizeC, sizeZ, , sizeX] = a.levels[0].shape;
  const tally = new Tally();
  const number = ({ t, c, z }: { t: number; c: number; z: number }): number => (t * sizeC + c) * sizeZ + z;
  const nothing = (): void => {};
  const waiting = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()] as const;
  const meet = (side: 0 | 1, rows: PlaneRows): void => {
    const rowBytes = rows.bytes.length / rows.rows;
    for (let r = 0; r < rows.rows; r++) {
      const key = `${number(rows)} ${rows.y + r}`;
      const bytes = rows.bytes.subarray(r * rowBytes, (r + 1) * rowBytes);
      const other = waiting[1 - side]!.get(key);
      if (!other) {
        waiting[side].set(key, bytes);
        continue;
      }
      waiting[1 - side]!.delete(key);
      const at = { t: rows.t, c: rows.c, z: rows.z, y: rows.y + r, rows: 1 };
      tally.add(at, sizeX, number(rows), side === 0 ? bytes : other, side === 0 ? other : bytes, a.type);
    }
  };
  const streams = [planeRows(a, a.levels[0], nothing), planeRows(b, b.levels[0], nothing)] as const;
  // Whoever is behind goes on, so that little waits.
  for (let open = [true, true]; open[0] || open[1]; ) {
    const side = !open[1] || (open[0] && waiting[0].size <= waiting[1].size) ? 0 : 1;
    const next = await streams[side].next();
    if (next.done) open[side] = false;
    else meet(side, next.value);
    open = [...open];
  }
  const planes = sizeT * sizeC * sizeZ;
  const result = { a: image, b: image, name, planes, largest: tally.largest };
  // Bits that differ without a difference in value: signs of zero, kinds of NaN.
  if (!tally.first) return { ...result, equal: planes };
  return { ...result, equal: planes - tally.unequal.size, psnr: psnr(tally, a), first: tally.first };
}

function psnr(tally: Tally, { type, levels }: ImageSource): number {
  const range = integerRange(type);
  const peak = range ? range[1] - range[0] : tally.high - tally.low || 1;
  const values = levels[0].shape.reduce((product, n) => product * n, 1);
  return 10 * Math.log10((peak * peak) / (tally.squares / values));
}
