// What must happen to a level before any thread can read it: blocks that are not looked up yet are looked up, and files that are compressed
// as a whole, which have no random access, are unpacked as far as the block map needs them.

import { join } from 'node:path';
import type { BlockMap } from '../core/blocks.js';
import type { Level } from '../core/contracts.js';
import { unpackStream } from '../io/spool.js';
import { temporaryFolder } from '../io/temporary.js';
import type { ConvertJob, ImageJob, OutputLevel } from './contract.js';

/** Images looked up side by side. */
const AT_ONCE = 8;

/** Last byte that a table points to, plus one. */
function extent(map: BlockMap): number {
  const { address } = map;
  if (address.kind !== 'table') return 0;
  let end = 0;
  for (let i = 0; i < address.offset.length; i++) {
    if (address.offset[i]! >= 0) end = Math.max(end, address.offset[i]! + address.length[i]!);
  }
  return end;
}

/** True where the stored blocks are those that were expected, so that they may be handed on as planned. */
function asExpected(expected: BlockMap, found: BlockMap): boolean {
  const [a, b] = [expected.layout, found.layout];
  if (a.kind !== 'grid' || b.kind !== 'grid' || found.chains.length > 1) return false;
  return a.edge === b.edge && a.block.join() === b.block.join() && sameChains(expected, found);
}

function sameChains(a: BlockMap, b: BlockMap): boolean {
  const text = (map: BlockMap): string =>
    JSON.stringify(map.chains, (_, value: unknown) => (value instanceof Uint8Array ? value.join() : value));
  return text(a) === text(b);
}

/** Makes levels readable, unpacks files on demand and removes them at the end. */
export class Unpacker {
  readonly #made = new Map<string, { readonly path: string; readonly bytes: number }>();
  #folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;

  constructor(readonly signal?: AbortSignal) {}

  /** The level over unpacked files, looked up; itself where nothing is to be done. */
  async level(level: Level): Promise<Level> {
    return this.#unpacked(await this.#settled(level));
  }

  async #settled(level: Level): Promise<Level> {
    return level.settle ? await level.settle(this.signal) : level;
  }

  async #unpacked(level: Level): Promise<Level> {
    const { packed, ...blocks } = level.blocks;
    if (!packed) return level;
    const end = extent(level.blocks);
    const files: string[] = [];
    for (const file of blocks.files) files.push(await this.#file(file, packed.start, end));
    return { ...level, blocks: { ...blocks, files } };
  }

  async #file(file: string, start: number, bytes: number): Promise<string> {
    const key = `${start} ${file}`;
    const known = this.#made.get(key);
    if (known && known.bytes >= bytes) return known.path;
    this.#folder ??= await temporaryFolder();
    const path = join(this.#folder.path, `${this.#made.size}-${bytes}.raw`);
    await unpackStream(file, start, path, bytes, this.signal);
    this.#made.set(key, { path, bytes });
    return path;
  }

  /** The job over readable levels; itself where nothing is to be done. */
  async job(job: ConvertJob): Promise<ConvertJob> {
    const some = (waits: (level: Level) => boolean): boolean =>
      job.images.some(({ source, outputs }) => waits(source) || outputs.some(({ reuse }) => reuse && waits(reuse)));
    let { images } = job;
    if (some((level) => level.settle !== undefined)) {
      const settled: ImageJob[] = [];
      for (let i = 0; i < images.length; i += AT_ONCE) {
        this.signal?.throwIfAborted();
        settled.push(...(await Promise.all(images.slice(i, i + AT_ONCE).map((image) => this.#settledImage(image)))));
      }
      images = settled;
    }
    if (some((level) => level.blocks.packed !== undefined)) {
      const unpacked: ImageJob[] = [];
      for (const image of images) unpacked.push(await this.#unpackedImage(image));
      images = unpacked;
    }
    return images === job.images ? job : { ...job, images };
  }

  async #settledImage(image: ImageJob): Promise<ImageJob> {
    const source = await this.#settled(image.source);
    const outputs: OutputLevel[] = [];
    for (const output of image.outputs) {
      const expected = output.reuse ?? image.source;
      const found = output.reuse ? await this.#settled(output.reuse) : source;
      const passthrough = output.passthrough && (expected === found || asExpected(expected.blocks, found.blocks));
      outputs.push({ ...output, passthrough, ...(output.reuse && { reuse: found }) });
    }
    const [first, ...rest] = outputs;
    return { ...image, source, outputs: [first!, ...rest] };
  }

  async #unpackedImage(image: ImageJob): Promise<ImageJob> {
    const outputs: OutputLevel[] = [];
    for (const output of image.outputs) {
      outputs.push(output.reuse ? { ...output, reuse: await this.#unpacked(output.reuse) } : output);
    }
    const [first, ...rest] = outputs;
    return { ...image, source: await this.#unpacked(image.source), outputs: [first!, ...rest] };
  }

  async remove(): Promise<void> {
    await this.#folder?.remove();
    this.#folder = undefined;
    this.#made.clear();
  }
}
