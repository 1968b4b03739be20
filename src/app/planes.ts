// Reads images plane by plane, in bands of bounded size, several planes at a time where stored blocks hold several.

import type { ImageSource, Level } from '../core/contracts.js';
import type { Tczyx } from '../core/geometry.js';
import { bytesPerSample } from '../core/pixel-type.js';
import { LevelReader } from '../pipeline/read.js';

const BAND_BYTES = 32 * 2 ** 20;

/** Rows y … y+rows-1 of one plane, C order, native (little-endian) bytes. */
export interface PlaneRows {
  readonly t: number;
  readonly c: number;
  readonly z: number;
  readonly y: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

function grouping(level: Level): { c: number; z: number; rows: number } {
  const { layout, chains } = level.blocks;
  if (layout.kind !== 'grid') return { c: 1, z: 1, rows: 512 };
  const raw = chains.every((chain) => chain.codecs.length === 0);
  return { c: layout.block[1], z: raw ? 1 : layout.block[2], rows: Math.max(64, layout.block[3]) };
}

/**
 * All rows of a level; rows of one plane come in order, those of different planes may alternate.
 * @param damage told of blocks that are absent or broken (their pixels are 0)
 */
export async function* planeRows(image: ImageSource, level: Level, damage: () => void): AsyncGenerator<PlaneRows> {
  const reader = new LevelReader(level, image.type, { damage });
  const [sizeT, sizeC, sizeZ, sizeY, sizeX] = level.shape;
  const group = grouping(level);
  const rowBytes = sizeX * bytesPerSample(image.type);
  const fit = Math.max(1, Math.floor(BAND_BYTES / rowBytes));
  const nz = Math.max(1, Math.min(group.z, Math.floor(fit / (group.c * Math.min(group.rows, sizeY)))));
  const rows = Math.max(1, Math.min(group.rows, Math.floor(fit / (group.c * nz))));
  try {
    for (let t = 0; t < sizeT; t++) {
      for (let c = 0; c < sizeC; c += group.c) {
        for (let z = 0; z < sizeZ; z += nz) {
          for (let y = 0; y < sizeY; y += rows) {
            const shape: Tczyx = [
              1,
              Math.min(group.c, sizeC - c),
              Math.min(nz, sizeZ - z),
              Math.min(rows, sizeY - y),
              sizeX,
            ];
            const pixels = await reader.read({ start: [t, c, z, y, 0], shape });
            const all = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
            const length = shape[3] * rowBytes;
            for (let i = 0; i < shape[1] * shape[2]; i++) {
              const bytes = all.subarray(i * length, (i + 1) * length);
              yield { t, c: c + Math.floor(i / shape[2]), z: z + (i % shape[2]), y, rows: shape[3], bytes };
            }
          }
        }
      }
    }
  } finally {
    reader.close();
  }
}
