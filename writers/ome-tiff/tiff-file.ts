// One file of the output: tiles as they come, then its directories, the header's pointer last.

import { encodeHeader, encodeIfd } from '../../src/containers/tiff/write.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { OmeImage } from '../../src/core/ome.js';
import { bytesPerSample } from '../../src/core/pixel-type.js';
import { VERSION } from '../../src/core/version.js';
import type { GrowingOutput } from '../../src/core/writer.js';
import type { StreamChunk } from '../../src/pipeline/contract.js';
import { jpegSubsampling } from './coding.js';
import { levelFields, mainFields, type TileTable } from './directories.js';
import { type FilePlan, type PlaneBox, planesOf, tileCounts } from './files.js';
import { Identity } from './identity.js';
import type { TiffImage, TiffPlan } from './plan.js';

/** Room for the header of either kind: which one it is shows at the end. */
const HEADER_BYTES = 16;
/** Classic TIFF ends at 4 GiB; a little is left for what readers add. */
const CLASSIC_BYTES = 2 ** 32 - 2 ** 20;
const SOFTWARE = `imgconv ${VERSION}`;

export class TiffFile {
  readonly identity = new Identity();
  /** tables[box][level]. */
  readonly #tables: TileTable[][];

  private constructor(
    readonly plan: TiffPlan,
    readonly file: FilePlan,
    readonly output: GrowingOutput,
  ) {
    this.#tables = file.boxes.map((box) =>
      this.#image(box).levels.map((level) => {
        const tiles = planeCount(box) * tilesOf(level);
        return { offset: new Float64Array(tiles), length: new Float64Array(tiles), chroma: new Map() };
      }),
    );
  }

  static async create(plan: TiffPlan, file: FilePlan, output: GrowingOutput): Promise<TiffFile> {
    await output.append(new Uint8Array(HEADER_BYTES));
    return new TiffFile(plan, file, output);
  }

  #image(box: PlaneBox): TiffImage {
    return this.plan.images[box.image]!;
  }

  /** Take a tile of a box; its position is that in the grid of the box's planes. */
  add(boxNumber: number, { level, position, bytes }: StreamChunk): Promise<void> | undefined {
    const box = this.file.boxes[boxNumber]!;
    const { levels } = this.#image(box);
    const table = this.#tables[boxNumber]![level]!;
    const [, across] = tileCounts(levels[level]!.shape, levels[level]!.tile);
    const [t, c, z, y, x] = position;
    const plane = (t * box.size.c + c) * box.size.z + z;
    const tile = plane * tilesOf(levels[level]!) + y * across + x;
    table.offset[tile] = this.output.size;
    table.length[tile] = bytes.length;
    if (levels[level]!.coding.ycbcr) {
      const chroma = String(jpegSubsampling(bytes) ?? '2,2');
      table.chroma.set(chroma, (table.chroma.get(chroma) ?? 0) + 1);
    }
    this.identity.add(bytes);
    return this.output.append(bytes);
  }

  /** Number of directories in the main chain before each box. */
  firstDirectories(): number[] {
    let number = 0;
    return this.file.boxes.map((box) => {
      const first = number;
      number += planeCount(box);
      return first;
    });
  }

  /** Write all directories and the header. Errors: limit CLASSIC_TIFF. */
  async finish(description: Uint8Array, images: readonly OmeImage[]): Promise<void> {
    const big = this.#isBig(description.length);
    await this.#align();
    const order = this.plan.options.dimensionOrder;
    const planes: { box: number; plane: number; sub: number[] }[] = [];
    for (const [b, box] of this.file.boxes.entries()) {
      for (const at of planesOf(order, box.size))
        planes.push({ box: b, plane: (at.t * box.size.c + at.c) * box.size.z + at.z, sub: [] });
    }
    for (const { box, plane, sub } of planes) {
      for (let level = 1; level < this.#tables[box]!.length; level++) {
        sub.push(this.output.size);
        await this.output.append(encodeIfd(this.#fields(box, plane, level, images, big), this.output.size, 0, big));
      }
    }
    const first = this.output.size;
    for (const [i, { box, plane, sub }] of planes.entries()) {
      const fields = mainFields(this.#fields(box, plane, 0, images, big), sub, i === 0 ? description : undefined, big);
      await this.output.append(encodeIfd(fields, this.output.size, i === planes.length - 1 ? 0 : 'follows', big));
    }
    if (!big && this.output.size > 2 ** 32 - 1) throw tooLarge(this.file.name);
    await this.output.patch(0, encodeHeader(first, big));
    await this.output.close();
  }

  #fields(
    boxNumber: number,
    plane: number,
    level: number,
    images: readonly OmeImage[],
    big: boolean,
  ): ReturnType<typeof levelFields> {
    const box = this.file.boxes[boxNumber]!;
    const image = this.#image(box);
    const tiles = tilesOf(image.levels[level]!);
    return levelFields(
      image,
      images[box.image]!,
      level,
      this.#tables[boxNumber]![level]!,
      plane * tiles,
      tiles,
      SOFTWARE,
      big,
    );
  }

  #isBig(descriptionBytes: number): boolean {
    const { bigtiff } = this.plan.options;
    if (bigtiff === 'always') return true;
    // Directories: offsets and lengths of all tiles, colour tables, and up to 1 KiB of other fields each.
    const tiles = this.#tables.flat().reduce((sum, table) => sum + table.offset.length, 0);
    const directories = this.file.boxes.reduce((sum, box) => {
      const { levels, source } = this.#image(box);
      const colours = source.palette ? 6 * 2 ** (8 * bytesPerSample(source.type)) : 0;
      return sum + planeCount(box) * levels.length * (1024 + colours);
    }, 0);
    const most = this.output.size + tiles * 8 + directories + descriptionBytes;
    if (most <= CLASSIC_BYTES) return false;
    if (bigtiff === 'never') throw tooLarge(this.file.name);
    return true;
  }

  /** TIFF 6.0, section 2: directories begin on a word. */
  async #align(): Promise<void> {
    const odd = this.output.size % 8;
    if (odd > 0) await this.output.append(new Uint8Array(8 - odd));
  }

  abandon(): Promise<void> {
    return this.output.abandon();
  }
}

function planeCount({ size }: PlaneBox): number {
  return size.t * size.c * size.z;
}

function tilesOf(level: TiffImage['levels'][number]): number {
  const [down, across] = tileCounts(level.shape, level.tile);
  return down * across;
}

function tooLarge(name: string): ImgconvError {
  return new ImgconvError(
    'limit',
    'CLASSIC_TIFF',
    `${name} would be larger than a classic TIFF can be, 4 GiB; leave --no-bigtiff away`,
  );
}
