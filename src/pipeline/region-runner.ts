// Converts one region: reads bands of rows, cuts them into chunks, and halves them on into the next levels while they are in memory.
// Each level has one buffer, [channel][plane][rows][width]: rows collect until they fill a row of chunks, then they are written and halved.

import type { BlockInfo, CodecContext } from '../codecs/contract.js';
import { map2, pixelCount, type Region, type Tczyx } from '../core/geometry.js';
import { bytesPerSample } from '../core/pixel-type.js';
import type { FilePool } from '../io/files.js';
import { KERNEL_TYPES, type Kernels } from '../kernels/kernels.js';
import { stridesOf } from './block-index.js';
import { type ChunkWriter, openChunkWriter } from './chunk-writer.js';
import type { Codecs } from './codecs.js';
import type { ConvertJob, ImageJob, OutputLevel } from './contract.js';
import { pattern } from './fill.js';
import type { Pass } from './plan.js';
import { type Damage, RegionReader } from './region-reader.js';
import { addSamples, type RawStats, type SampleSteps, sampleSteps } from './statistics.js';

interface LevelBuffer {
  readonly output: OutputLevel;
  readonly level: number;
  readonly writer: ChunkWriter;
  /** Rows that the buffer holds. */
  capacity: number;
  rows: number;
  /** First row of the buffer in the level. */
  y: number;
  x: number;
  width: number;
  name: string;
}

/** What a region needs from its surroundings. */
export interface RunnerHost {
  readonly kernels: Kernels;
  readonly files: FilePool;
  readonly codecs: Codecs;
  /** Channels of the whole job that display windows are wanted for. */
  readonly sampledChannels: number;
  damage(image: number, level: number, damage: Damage): void;
  chunk(image: number, level: number, position: Tczyx, bytes: Uint8Array): void;
  /** Called after each band with the level-0 pixels it covered; throws to cancel. */
  pause(pixels: number): Promise<void> | void;
}

export class RegionRunner {
  readonly #image: ImageJob;
  readonly #reader: RegionReader;
  readonly #levels: LevelBuffer[];
  readonly #size: number;
  readonly #type: number;
  readonly #steps: SampleSteps;
  readonly stats: RawStats[] = [];

  constructor(
    readonly job: ConvertJob,
    readonly pass: Pass,
    readonly host: RunnerHost,
  ) {
    this.#image = job.images[pass.image]!;
    this.#size = bytesPerSample(this.#image.type);
    this.#type = KERNEL_TYPES.indexOf(this.#image.type);
    this.#steps = sampleSteps(this.#image.outputs.at(-1)!.shape, host.sampledChannels);
    this.#reader = new RegionReader(pass.source, this.#image.type, host.kernels, host.files, host.codecs, {
      fill: this.#image.fill,
      maxBytes: job.blockBytes,
      cacheBytes: Math.max(32 * 2 ** 20, job.memory / job.workers / 3),
      damage: (damage) => {
        this.#damaged.add(damage.block);
        host.damage(pass.image, pass.first, damage);
      },
    });
    this.#levels = this.#image.outputs.slice(pass.first, pass.last + 1).map((output, i) => {
      const level = pass.first + i;
      const writer = openChunkWriter(output, host.kernels, (position, bytes) =>
        host.chunk(pass.image, level, position, bytes),
      );
      return { output, level, writer, capacity: 0, rows: 0, y: 0, x: 0, width: 0, name: `level${i}` };
    });
    if (pass.spill) this.#spill = openChunkWriter(pass.spill, host.kernels, () => {});
  }

  #spill: ChunkWriter | undefined;
  /** Blocks of the source that hold the fill value here: they are not handed on. */
  readonly #damaged = new Set<number>();

  get bytesRead(): number {
    return this.#reader.bytesRead;
  }

  get bytesWritten(): number {
    return this.#levels.reduce((sum, level) => sum + level.writer.written, 0);
  }

  get chunks(): number {
    return this.#levels.reduce((sum, level) => sum + level.writer.chunks, 0);
  }

  abort(): void {
    for (const level of this.#levels) level.writer.abort();
    this.#spill?.abort();
  }

  /** Convert a region given in pixels of the pass's first level. */
  async run(region: Region): Promise<void> {
    const { cGroup, zGroup } = this.pass;
    this.#shape(region);
    const end = map2(region.start, region.shape, (a, b) => a + b);
    for (let t = region.start[0]; t < end[0]; t++) {
      for (let c = region.start[1]; c < end[1]; c += cGroup) {
        for (let z = region.start[2]; z < end[2]; z += zGroup) {
          const group: Group = { t, c, z, nc: Math.min(cGroup, end[1] - c), nz: Math.min(zGroup, end[2] - z) };
          await this.#planes(group, region);
        }
      }
    }
  }

  /** Set the buffers to the region's width and origin. */
  #shape(region: Region): void {
    let [width, x] = [region.shape[4], region.start[4]];
    let height = region.shape[3];
    for (const level of this.#levels) {
      level.width = width;
      level.x = x;
      // Rows are halved in pairs: an odd chunk height takes two rows of chunks at a time.
      const chunkRows = level.output.chunk[3];
      level.capacity = Math.min(height, chunkRows % 2 === 0 ? chunkRows : 2 * chunkRows);
      width = Math.ceil(width / 2);
      height = Math.ceil(height / 2);
      x = Math.floor(x / 2);
    }
  }

  #ptr(level: LevelBuffer): number {
    const { cGroup, zGroup } = this.pass;
    return this.host.kernels.scratch(level.name, cGroup * zGroup * level.capacity * level.width * this.#size);
  }

  /** Byte offsets of channel, plane and row steps in a level's buffer. */
  #strides(level: LevelBuffer): { c: number; z: number; y: number } {
    const y = level.width * this.#size;
    const z = y * level.capacity;
    return { y, z, c: z * this.pass.zGroup };
  }

  async #planes(group: Group, region: Region): Promise<void> {
    let y = region.start[3];
    for (const level of this.#levels) {
      level.rows = 0;
      level.y = y;
      y = Math.floor(y / 2);
    }
    const top = this.#levels[0]!;
    const perPixel = this.#full ? group.nc * group.nz : 0;
    for (let row = 0; row < region.shape[3]; row += top.capacity) {
      const rows = Math.min(top.capacity, region.shape[3] - row);
      const last = row + rows >= region.shape[3];
      const whole = top.output.passthrough && !this.pass.again && !this.#needsPixels();
      if (whole) await this.#reader.prepare([...this.#places(group, top, rows)].map(({ place }) => place));
      if (!whole || !this.#handOnAll(group, top, rows)) {
        await this.#read(group, top, rows);
        if (this.#full && this.#image.stats) this.#measure(group, top, rows);
        top.rows = rows;
        await this.#flush(group, 0, last);
      } else {
        top.y += rows;
      }
      const pause = this.host.pause(perPixel * rows * region.shape[4]);
      if (pause) await pause;
    }
  }

  /** Reads the input at full size. */
  get #full(): boolean {
    return this.pass.first === 0 && !this.pass.again;
  }

  #needsPixels(): boolean {
    return this.pass.last > this.pass.first || this.#image.stats || this.pass.spill !== undefined;
  }

  /** Read a band, following the selection; runs of neighbouring channels and planes are read together. */
  async #read(group: Group, top: LevelBuffer, rows: number): Promise<void> {
    const { select } = this.#image;
    const selected = !this.pass.again;
    const at = (list: readonly number[] | undefined, i: number): number => (selected && list ? list[i]! : i);
    const strides = this.#strides(top);
    const [offsetY, offsetX] = this.#full ? [select.y, select.x] : [0, 0];
    for (let c = 0; c < group.nc; ) {
      const cs = at(select.c, group.c + c);
      let nc = 1;
      while (c + nc < group.nc && at(select.c, group.c + c + nc) === cs + nc) nc++;
      for (let z = 0; z < group.nz; ) {
        const zs = at(select.z, group.z + z);
        let nz = 1;
        while (z + nz < group.nz && at(select.z, group.z + z + nz) === zs + nz) nz++;
        const box: Region = {
          start: [at(select.t, group.t), cs, zs, top.y + offsetY, top.x + offsetX],
          shape: [1, nc, nz, rows, top.width],
        };
        // The buffer may move when memory grows: its address is taken anew for every read, and reads reserve what they need first.
        await this.#reader.read(box, this.#ptr(top) + c * strides.c + z * strides.z, strides);
        z += nz;
      }
      c += nc;
    }
  }

  #measure(group: Group, top: LevelBuffer, rows: number): void {
    const { kernels } = this.host;
    const strides = this.#strides(top);
    const ptr = this.#ptr(top);
    const out = kernels.scratch('minmax', 16);
    for (let c = 0; c < group.nc; c++) {
      const stats = this.#channel(group.c + c);
      const view = new Float64Array(2);
      view.set([stats.min, stats.max]);
      kernels.view(out, 16).set(new Uint8Array(view.buffer));
      for (let z = 0; z < group.nz; z++) {
        kernels.x.minMax(this.#type, ptr + c * strides.c + z * strides.z, strides.y, top.width, rows, out);
      }
      const found = new Float64Array(kernels.view(out, 16).slice().buffer);
      stats.min = found[0]!;
      stats.max = found[1]!;
    }
  }

  #channel(c: number): RawStats {
    this.stats[c] ??= { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, samples: [] };
    return this.stats[c]!;
  }

  /** Write the rows that a level holds and halve them into the next. */
  async #flush(group: Group, index: number, last: boolean): Promise<void> {
    const level = this.#levels[index]!;
    const { rows } = level;
    const chunkRows = level.output.chunk[3];
    const written = index === 0 && this.pass.again;
    for (let c = 0; c < group.nc && !written; c += level.output.chunk[1]) {
      for (let z = 0; z < group.nz; z += level.output.chunk[2]) {
        for (let row = 0; row < rows; row += chunkRows) {
          for (let x = 0; x < level.width; x += level.output.chunk[4]) await this.#chunk(group, level, c, z, row, x);
        }
      }
    }
    if (index === this.#levels.length - 1) {
      if (this.#spill) this.#keep(group, level);
      if (this.#image.stats && level.level === this.#image.outputs.length - 1) this.#sample(group, level);
    } else {
      await this.#halve(group, index, last);
    }
    level.y += rows;
    level.rows = 0;
  }

  async #halve(group: Group, index: number, last: boolean): Promise<void> {
    const from = this.#levels[index]!;
    const to = this.#levels[index + 1]!;
    const { x } = this.host.kernels;
    const size = this.#size;
    const src = this.#strides(from);
    const dst = this.#strides(to);
    for (let row = 0; row < from.rows; ) {
      const room = to.capacity - to.rows;
      const take = Math.min(from.rows - row, 2 * room);
      const [p, q] = [this.#ptr(from), this.#ptr(to)];
      for (let c = 0; c < group.nc; c++) {
        for (let z = 0; z < group.nz; z++) {
          const a = p + c * src.c + z * src.z + row * src.y;
          const b = q + c * dst.c + z * dst.z + to.rows * dst.y;
          if (this.#image.reduction === 'mean') x.halveMean(this.#type, b, dst.y, a, src.y, from.width, take, 1, 0);
          else if (this.#image.reduction === 'mode') x.halveMode(size, b, dst.y, a, src.y, from.width, take);
          else x.halveNearest(size, b, dst.y, a, src.y, from.width, take);
        }
      }
      to.rows += Math.ceil(take / 2);
      row += take;
      const done = last && row >= from.rows;
      if (to.rows === to.capacity || done) await this.#flush(group, index + 1, done);
    }
  }

  // ---- chunks

  async #chunk(group: Group, level: LevelBuffer, c: number, z: number, row: number, x: number): Promise<void> {
    const { kernels, codecs } = this.host;
    const { output } = level;
    const size = this.#size;
    const position = this.#position(group, level, c, z, row, x);
    if (output.passthrough && level.level === this.pass.first && !this.pass.again) {
      const place = this.#sourcePlace(group, level, c, z, row, x);
      const stored = this.#damaged.has(this.#reader.numberAt(place)) ? undefined : this.#stored(level, place);
      if (stored) {
        level.writer.put(position, stored);
        return;
      }
    }
    const valid = [
      1,
      Math.min(output.chunk[1], group.nc - c),
      Math.min(output.chunk[2], group.nz - z),
      Math.min(output.chunk[3], level.rows - row),
      Math.min(output.chunk[4], level.width - x),
    ] as const;
    const dims: Tczyx = output.edge === 'padded' ? output.chunk : valid;
    const count = dims.reduce((a, b) => a * b, 1);
    const [lo, hi] = pattern(this.#image.fill, this.#image.type);
    const target = kernels.scratch('chunk', count * size);
    const source = this.#ptr(level);
    if (count > valid.reduce((a, b) => a * b, 1)) kernels.x.fillPattern(target, count, size, lo, hi);
    const st = output.chain.strides ?? stridesOf(output.chain.order, dims);
    const strides = this.#strides(level);
    for (let ci = 0; ci < valid[1]; ci++) {
      for (let zi = 0; zi < valid[2]; zi++) {
        const from = source + (c + ci) * strides.c + (z + zi) * strides.z + row * strides.y + x * size;
        const to = target + (ci * st[1] + zi * st[2]) * size;
        if (st[4] === 1) kernels.x.copyRows(to, st[3] * size, from, strides.y, valid[4] * size, valid[3]);
        else kernels.x.scatter(to, st[3] * size, st[4] * size, from, strides.y, valid[4], valid[3], size);
      }
    }
    if (output.skipFill && kernels.x.allEqual(target, count, size, lo, hi)) {
      level.writer.put(position, undefined);
      return;
    }
    const context: CodecContext = {
      kernels,
      position: map2(position, output.chunk, (p, n) => p * n),
      maxBytes: this.job.blockBytes,
      block: this.#block(dims),
    };
    let bytes = codecs.encode(kernels.view(target, count * size), output.chain, context);
    if (bytes instanceof Promise) bytes = await bytes;
    level.writer.put(position, bytes);
  }

  #block(shape: Tczyx): BlockInfo {
    const [, samples, depth, height, width] = shape;
    const { type } = this.#image;
    return { width, height, depth, samples, type, bytes: pixelCount(shape) * this.#size };
  }

  #position(group: Group, level: LevelBuffer, c: number, z: number, row: number, x: number): Tczyx {
    const { chunk } = level.output;
    return [
      group.t,
      (group.c + c) / chunk[1],
      (group.z + z) / chunk[2],
      (level.y + row) / chunk[3],
      (level.x + x) / chunk[4],
    ].map(Math.floor) as unknown as Tczyx;
  }

  /** Grid position of the source block that is this chunk, where the grids are the same. */
  #sourcePlace(group: Group, level: LevelBuffer, c: number, z: number, row: number, x: number): Tczyx {
    const { select } = this.#image;
    const at = (list: readonly number[] | undefined, i: number): number => (list ? list[i]! : i);
    const start: Tczyx = [
      at(select.t, group.t),
      at(select.c, group.c + c),
      at(select.z, group.z + z),
      level.y + row,
      level.x + x,
    ];
    return map2(start, level.output.chunk, (s, n) => Math.floor(s / n));
  }

  /** The stored block at a grid position, as it is; undefined where it cannot be handed on. */
  #stored(level: LevelBuffer, place: Tczyx): Uint8Array | undefined {
    const bytes = this.#reader.stored(place);
    if (!bytes) return undefined;
    const { chain, chunk } = level.output;
    return this.host.codecs.fits(bytes, chain, this.#block(chunk)) ? bytes : undefined;
  }

  /** Chunks of a band, and the source blocks that are theirs. */
  *#places(group: Group, top: LevelBuffer, rows: number): Generator<{ position: Tczyx; place: Tczyx }> {
    const { chunk } = top.output;
    for (let c = 0; c < group.nc; c += chunk[1]) {
      for (let z = 0; z < group.nz; z += chunk[2]) {
        for (let row = 0; row < rows; row += chunk[3]) {
          for (let x = 0; x < top.width; x += chunk[4]) {
            const place = this.#sourcePlace(group, top, c, z, row, x);
            yield { position: this.#position(group, top, c, z, row, x), place };
          }
        }
      }
    }
  }

  /** Hand on every block of a band without decoding; false (and nothing written) if one is absent or may be cut short. */
  #handOnAll(group: Group, top: LevelBuffer, rows: number): boolean {
    const found: { position: Tczyx; bytes: Uint8Array }[] = [];
    for (const { position, place } of this.#places(group, top, rows)) {
      // Whether a block at the end of its file is whole shows when it is decoded.
      const bytes = this.#reader.mayBeCut(place) ? undefined : this.#stored(top, place);
      if (!bytes) return false;
      found.push({ position, bytes });
    }
    for (const { position, bytes } of found) top.writer.put(position, bytes);
    return true;
  }

  // ---- side products

  /** Keep the pixels of the last level for the next pass. */
  #keep(group: Group, level: LevelBuffer): void {
    const { kernels } = this.host;
    const { chunk } = this.pass.spill!;
    const size = this.#size;
    const strides = this.#strides(level);
    for (let c = 0; c < group.nc; c++) {
      for (let z = 0; z < group.nz; z++) {
        for (let row = 0; row < level.rows; row += chunk[3]) {
          for (let x = 0; x < level.width; x += chunk[4]) {
            const rows = Math.min(chunk[3], level.rows - row);
            const width = Math.min(chunk[4], level.width - x);
            const target = kernels.scratch('chunk', rows * width * size);
            const from = this.#ptr(level) + c * strides.c + z * strides.z + row * strides.y + x * size;
            kernels.x.copyRows(target, width * size, from, strides.y, width * size, rows);
            const position: Tczyx = [
              group.t,
              group.c + c,
              group.z + z,
              Math.floor((level.y + row) / chunk[3]),
              Math.floor((level.x + x) / chunk[4]),
            ];
            this.#spill?.put(position, kernels.view(target, rows * width * size));
          }
        }
      }
    }
  }

  #sample(group: Group, level: LevelBuffer): void {
    const strides = this.#strides(level);
    const sizeZ = level.output.shape[2];
    for (let z = 0; z < group.nz; z++) {
      if ((group.t * sizeZ + group.z + z) % this.#steps.plane !== 0) continue;
      for (let c = 0; c < group.nc; c++) {
        const base = this.#ptr(level) + c * strides.c + z * strides.z;
        const bytes = level.width * this.#size;
        addSamples(
          this.#channel(group.c + c).samples,
          this.#steps,
          this.#image.type,
          level.y,
          level.rows,
          level.x,
          level.width,
          (row) => this.host.kernels.view(base + row * strides.y, bytes),
        );
      }
    }
  }
}

/** Channels and planes in memory together, in output coordinates. */
interface Group {
  readonly t: number;
  readonly c: number;
  readonly z: number;
  readonly nc: number;
  readonly nz: number;
}
