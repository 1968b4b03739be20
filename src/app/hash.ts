// Content hashes that do not depend on container, chunks, compression or byte order: docs/HASH.md defines them.

import { createHash } from 'node:crypto';
import { type OpenRequest, openInput } from '../app.js';
import type { ImageSource } from '../core/contracts.js';
import { grantedCores } from '../io/cores.js';
import { scanPlanes } from '../pipeline/scan/run.js';
import type { HashReport } from './schemas.js';

const HASH_ALGORITHM = 'imgconv-plane-sha256-1';

export interface ScanRequest extends OpenRequest {
  /** Threads; default: the cores granted to this process, eight at most. */
  readonly workers?: number;
}

/** Reading is bound by disks and memory long before more threads would help. */
const MOST_WORKERS = 8;

export function scanWorkers({ workers }: Pick<ScanRequest, 'workers'>): number {
  return workers ?? Math.min(MOST_WORKERS, grantedCores());
}

export interface PlaneHash {
  readonly t: number;
  readonly c: number;
  readonly z: number;
  readonly sha256: string;
}

export interface ImageHash {
  readonly sha256: string;
  readonly planes: readonly PlaneHash[];
  /** Blocks that were absent or broken. */
  readonly damaged: number;
}

/** SHA-256 of an image: its type, sizes and plane hashes in the order t, c, z. */
export function imageHash({ type, levels }: ImageSource, planes: readonly string[]): string {
  const [sizeT, sizeC, sizeZ, sizeY, sizeX] = levels[0].shape;
  const text = [HASH_ALGORITHM, `${type} ${sizeX} ${sizeY} ${sizeZ} ${sizeC} ${sizeT}`, ...planes].join('\n');
  return createHash('sha256').update(`${text}\n`).digest('hex');
}

/** Number of a plane in the order t, c, z, taken apart. */
export function planeAt(number: number, { levels }: ImageSource): { t: number; c: number; z: number } {
  const [, sizeC, sizeZ] = levels[0].shape;
  return {
    t: Math.floor(number / (sizeC * sizeZ)),
    c: Math.floor(number / sizeZ) % sizeC,
    z: number % sizeZ,
  };
}

/** SHA-256 of every full-size plane of every image, and of the images. */
export async function hashImages(
  images: readonly ImageSource[],
  request: Pick<ScanRequest, 'workers' | 'signal' | 'limits'> = {},
): Promise<ImageHash[]> {
  const works = images.map(({ levels, type }) => ({ kind: 'planes', type, a: levels[0] }) as const);
  const options = {
    workers: scanWorkers(request),
    signal: request.signal,
    blockBytes: request.limits?.blockBytes,
  };
  const results = await scanPlanes(works, options);
  return results.map(({ sha256A, damaged }, i) => {
    const image = images[i]!;
    const planes = sha256A.map((sha256, number) => ({ ...planeAt(number, image), sha256 }));
    return { sha256: imageHash(image, sha256A), planes, damaged: damaged[0] };
  });
}

/** Hashes of all images of an input. */
export async function hashInput(path: string, withPlanes: boolean, request: ScanRequest = {}): Promise<HashReport> {
  const { dataset, tree } = await openInput(path, request);
  try {
    const hashes = await hashImages(dataset.images, request);
    const images = dataset.images.map((image, index): HashReport['images'][number] => {
      const { sha256, planes, damaged } = hashes[index]!;
      const [sizeT, sizeC, sizeZ, sizeY, sizeX] = image.levels[0].shape;
      return {
        index,
        name: dataset.ome.Images[index]?.Name ?? image.name,
        type: image.type,
        ...{ sizeX, sizeY, sizeZ, sizeC, sizeT },
        sha256,
        ...(withPlanes && { planes: [...planes] }),
        damaged,
      };
    });
    return { path, algorithm: HASH_ALGORITHM, images };
  } finally {
    await tree.close();
  }
}
