// Any box of any level as typed values: for tests, verification and library users. Runs in the calling thread.

import type { Level } from '../core/contracts.js';
import { ImgconvError } from '../core/errors.js';
import { pixelCount, type Region, type Tczyx } from '../core/geometry.js';
import { DEFAULT_LIMITS } from '../core/limits.js';
import { asPixels, bytesPerSample, type PixelData, type PixelType } from '../core/pixel-type.js';
import { FilePool } from '../io/files.js';
import type { Kernels } from '../kernels/kernels.js';
import { loadKernels } from '../kernels/load.js';
import { Codecs } from './codecs.js';
import { type Damage, RegionReader } from './region-reader.js';
import { Unpacker } from './unpack.js';

export interface ReadOptions {
  /** Called for blocks that are absent or broken; without it they are an error. */
  damage?(damage: Damage): void;
  /** Largest decoded block, bytes. */
  readonly blockBytes?: number;
  /** Value of absent or broken blocks. */
  readonly fill?: number;
}

/** Reads many boxes of one level; keeps files open and decoded blocks at hand until `close`. */
export class LevelReader {
  readonly #files = new FilePool();
  readonly #unpacker = new Unpacker();
  #reader: RegionReader | undefined;
  #kernels: Kernels | undefined;

  constructor(
    readonly level: Level,
    readonly type: PixelType,
    readonly options: ReadOptions = {},
  ) {}

  /** Stored bytes of the block at a grid position, as they are; undefined where it has none. */
  async stored(position: Tczyx): Promise<Uint8Array | undefined> {
    return (await this.#open()).stored(position);
  }

  /** Pixels in C order t, c, z, y, x. */
  async read(region: Region): Promise<PixelData> {
    const reader = await this.#open();
    const kernels = this.#kernels as Kernels;
    const size = bytesPerSample(this.type);
    const [, , nz, ny, nx] = region.shape;
    const strides = { y: nx * size, z: ny * nx * size, c: nz * ny * nx * size };
    const plane: Tczyx = [1, region.shape[1], region.shape[2], ny, nx];
    const bytes = pixelCount(plane) * size;
    const result = new Uint8Array(bytes * region.shape[0]);
    for (let t = 0; t < region.shape[0]; t++) {
      const ptr = kernels.scratch('region', bytes);
      const start: Tczyx = [region.start[0] + t, region.start[1], region.start[2], region.start[3], region.start[4]];
      await reader.read({ start, shape: plane }, ptr, strides);
      result.set(kernels.view(ptr, bytes), t * bytes);
    }
    return asPixels(result, this.type);
  }

  async #open(): Promise<RegionReader> {
    if (this.#reader) return this.#reader;
    const codecs = new Codecs();
    this.#kernels = await loadKernels();
    const level = await this.#unpacker.level(this.level);
    await codecs.prepare(level.blocks.chains);
    this.#reader = new RegionReader(level, this.type, this.#kernels, this.#files, codecs, {
      fill: this.options.fill ?? 0,
      maxBytes: this.options.blockBytes ?? DEFAULT_LIMITS.blockBytes,
      cacheBytes: 64 * 2 ** 20,
      damage: (damage) => {
        if (!this.options.damage) throw new ImgconvError('format', damage.code, damage.text);
        this.options.damage(damage);
      },
    });
    return this.#reader;
  }

  close(): void {
    this.#files.close();
    void this.#unpacker.remove();
  }
}

/** One box of one level. Errors: format for damage, unless `options.damage` takes it. */
export async function readRegion(
  level: Level,
  type: PixelType,
  region: Region,
  options?: ReadOptions,
): Promise<PixelData> {
  const reader = new LevelReader(level, type, options);
  try {
    return await reader.read(region);
  } finally {
    reader.close();
  }
}
