// Content hashes that do not depend on container, chunks, compression or byte order: docs/HASH.md defines them.

import { createHash, type Hash } from 'node:crypto';
import { type OpenRequest, openInput } from '../app.js';
import type { ImageSource } from '../core/contracts.js';
import { planeRows } from './planes.js';
import type { HashReport } from './schemas.js';

export const HASH_ALGORITHM = 'imgconv-plane-sha256-1';

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

/** SHA-256 of every full-size plane in the order t, c, z, and of the image: its type, sizes and plane hashes. */
export async function hashImage(image: ImageSource): Promise<ImageHash> {
  const [level] = image.levels;
  const [sizeT, sizeC, sizeZ, sizeY, sizeX] = level.shape;
  const open = new Map<number, Hash>();
  const done = new Array<string>(sizeT * sizeC * sizeZ);
  let damaged = 0;
  for await (const { t, c, z, y, rows, bytes } of planeRows(image, level, () => damaged++)) {
    const number = (t * sizeC + c) * sizeZ + z;
    const hash = open.get(number) ?? createHash('sha256');
    hash.update(bytes);
    if (y + rows < sizeY) open.set(number, hash);
    else {
      done[number] = hash.digest('hex');
      open.delete(number);
    }
  }
  const planes = done.map((sha256, i) => ({
    t: Math.floor(i / (sizeC * sizeZ)),
    c: Math.floor(i / sizeZ) % sizeC,
    z: i % sizeZ,
    sha256,
  }));
  const text = [HASH_ALGORITHM, `${image.type} ${sizeX} ${sizeY} ${sizeZ} ${sizeC} ${sizeT}`, ...done].join('\n');
  return { sha256: createHash('sha256').update(`${text}\n`).digest('hex'), planes, damaged };
}

/** Hashes of all images of an input. */
export async function hashInput(path: string, withPlanes: boolean, request: OpenRequest = {}): Promise<HashReport> {
  const { dataset, tree } = await openInput(path, request);
  try {
    const images: HashReport['images'] = [];
    for (const [index, image] of dataset.images.entries()) {
      const { sha256, planes, damaged } = await hashImage(image);
      const [sizeT, sizeC, sizeZ, sizeY, sizeX] = image.levels[0].shape;
      const sizes = { sizeX, sizeY, sizeZ, sizeC, sizeT };
      const name = dataset.ome.Images[index]?.Name ?? image.name;
      images.push({
        index,
        name,
        type: image.type,
        ...sizes,
        sha256,
        ...(withPlanes && { planes: [...planes] }),
        damaged,
      });
    }
    return { path, algorithm: HASH_ALGORITHM, images };
  } finally {
    await tree.close();
  }
}
