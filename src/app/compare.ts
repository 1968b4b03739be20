// Two data sets side by side: pixels of the full size, sizes, types, and the metadata that a person would miss.

import type { Dataset, ImageSource } from '../core/contracts.js';
import { integerRange } from '../core/pixel-type.js';
import { addDifference, noDifference, type PlanesResult } from '../pipeline/scan/contract.js';
import { scanPlanes } from '../pipeline/scan/run.js';
import { compareModels } from './compare-models.js';
import { imageHash, planeAt, type ScanRequest, scanWorkers } from './hash.js';
import type { Comparison, Difference, PixelComparison } from './schemas.js';

const SIZES = ['sizeT', 'sizeC', 'sizeZ', 'sizeY', 'sizeX'] as const;

/** Compare two open data sets, image by image. */
export async function compareDatasets(
  a: Dataset,
  b: Dataset,
  names: { a: string; b: string },
  request: Pick<ScanRequest, 'workers' | 'signal' | 'limits'> = {},
): Promise<Comparison> {
  const differences: Difference[] = [];
  if (a.images.length !== b.images.length) {
    differences.push({
      kind: 'images',
      what: 'number of images',
      a: String(a.images.length),
      b: String(b.images.length),
    });
  }
  const count = Math.min(a.images.length, b.images.length);
  const comparable: number[] = [];
  for (let i = 0; i < count; i++) {
    const found = compareShape(a.images[i]!, b.images[i]!, i);
    differences.push(...found);
    if (found.length === 0) comparable.push(i);
  }
  const works = comparable.map((i) => {
    const { type, levels } = a.images[i]!;
    return { kind: 'planes', type, a: levels[0], b: b.images[i]!.levels[0] } as const;
  });
  const options = { workers: scanWorkers(request), signal: request.signal, blockBytes: request.limits?.blockBytes };
  const results = await scanPlanes(works, options);
  const pixels = comparable.map((i, k) =>
    summarise(a.images[i]!, i, a.ome.Images[i]?.Name ?? a.images[i]!.name, results[k]!),
  );
  for (const { a: image, planes, equal, largest, different, psnr } of pixels) {
    if (equal === planes) continue;
    const what = `${planes - equal} of ${planes} planes differ in ${different} pixels, largest difference ${largest}`;
    differences.push({
      image,
      kind: 'pixels',
      what: psnr === undefined ? what : `${what}, PSNR ${psnr.toFixed(2)} dB`,
    });
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

function boxOf({ left, top, right, bottom }: ReturnType<typeof noDifference>) {
  return { x: left, y: top, sizeX: right - left + 1, sizeY: bottom - top + 1 };
}

function summarise(image: ImageSource, index: number, name: string, found: PlanesResult): PixelComparison {
  const { sha256A, sha256B, differences, damaged } = found;
  const all = noDifference();
  for (const each of differences) addDifference(all, each);
  // Bits that differ without a difference in value count as equal: signs of zero, kinds of NaN.
  const first = differences.findIndex((each) => each.different > 0);
  const result = {
    a: index,
    b: index,
    name,
    planes: differences.length,
    equal: differences.filter((each) => each.different === 0).length,
    sha256A: imageHash(image, sha256A),
    sha256B: imageHash(image, sha256B),
    damaged: damaged[0] + damaged[1],
    largest: all.largest,
    different: all.different,
  };
  if (first < 0) return result;
  const plane = differences[first]!;
  const at = planeAt(first, image);
  return {
    ...result,
    psnr: psnr(all, image),
    first: { ...at, y: plane.firstY, x: plane.firstX },
    firstPlane: { ...at, different: plane.different, largest: plane.largest, box: boxOf(plane) },
    box: boxOf(all),
  };
}

function psnr({ squares, low, high }: ReturnType<typeof noDifference>, { type, levels }: ImageSource): number {
  const range = integerRange(type);
  const peak = range ? range[1] - range[0] : high > low ? high - low : 1;
  const values = levels[0].shape.reduce((product, n) => product * n, 1);
  return 10 * Math.log10((peak * peak) / (squares / values));
}
