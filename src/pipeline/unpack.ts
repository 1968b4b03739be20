// Files that are compressed as a whole have no random access: what the block maps need of them is unpacked once, before reading.

import { join } from 'node:path';
import type { BlockMap } from '../core/blocks.js';
import type { Level } from '../core/contracts.js';
import { unpackStream } from '../io/spool.js';
import { temporaryFolder } from '../io/temporary.js';
import type { ConvertJob } from './contract.js';

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

/** Unpacks files on demand and removes them at the end. */
export class Unpacker {
  readonly #made = new Map<string, { readonly path: string; readonly bytes: number }>();
  #folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;

  constructor(readonly signal?: AbortSignal) {}

  /** The level over unpacked files; itself where nothing is packed. */
  async level(level: Level): Promise<Level> {
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

  /** The job over unpacked files; itself where nothing is packed. */
  async job(job: ConvertJob): Promise<ConvertJob> {
    const packed = (level: Level | undefined): boolean => level?.blocks.packed !== undefined;
    if (!job.images.some((each) => packed(each.source) || each.outputs.some((o) => packed(o.reuse)))) return job;
    const images: ConvertJob['images'][number][] = [];
    for (const image of job.images) {
      const outputs: (typeof image.outputs)[number][] = [];
      for (const output of image.outputs) {
        outputs.push(output.reuse ? { ...output, reuse: await this.level(output.reuse) } : output);
      }
      const [first, ...rest] = outputs;
      images.push({ ...image, source: await this.level(image.source), outputs: [first!, ...rest] });
    }
    return { ...job, images };
  }

  async remove(): Promise<void> {
    await this.#folder?.remove();
    this.#folder = undefined;
    this.#made.clear();
  }
}
