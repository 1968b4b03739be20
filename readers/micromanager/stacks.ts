// Stacks: TIFFs with a header of Micro-Manager's own and metadata in every directory. Layout: NOTES.md.

import { type MmObject, parseObject } from '../../src/containers/micromanager/json.js';
import { parseTiff } from '../../src/containers/tiff/file.js';
import type { ByteSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { isStack, stackNames } from './format.js';
import { type Frame, frameOfTag } from './frames.js';

const SUMMARY_STAMP = 2355492;
const METADATA_TAG = 51123;

export interface Acquisition {
  readonly summary: MmObject | undefined;
  readonly frames: readonly Frame[];
  /** Absolute names of files that hold metadata alone. */
  readonly files: readonly string[];
}

async function readSummary(source: ByteSource, head: Uint8Array, options: OpenOptions): Promise<MmObject | undefined> {
  const little = head[0] === 0x49;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(32, little) !== SUMMARY_STAMP) return undefined;
  const length = view.getUint32(36, little);
  if (length > options.limits.metadataBytes || 40 + length > source.size) return undefined;
  return parseObject(await source.read(40, length));
}

async function framesOf(source: ByteSource, name: string, options: OpenOptions): Promise<Frame[]> {
  const tiff = await parseTiff(source, options.limits);
  for (const notice of tiff.notices) options.notice(notice);
  const frames: Frame[] = [];
  for (const [page, ifd] of tiff.ifds.entries()) {
    options.signal?.throwIfAborted();
    const bytes = ifd.has(METADATA_TAG) ? await ifd.bytes(METADATA_TAG) : undefined;
    const frame = frameOfTag(bytes && parseObject(bytes), name, page);
    if (frame) frames.push(frame);
    else {
      const text = `${source.name}: page ${page + 1} has no metadata that say where it belongs, and is left out`;
      options.notice({ code: 'MM_FRAME', rank: 'damage', text });
    }
  }
  return frames;
}

/** All files of the acquisition that the opened one belongs to. */
export async function readStacks(input: InputTree, options: OpenOptions): Promise<Acquisition> {
  const prefixOf = (name: string): string => name.replace(/_MMStack.*$/i, '');
  const all = await stackNames(input);
  const wanted = input.isFolder ? prefixOf(all[0] ?? '') : prefixOf(input.name);
  const own = input.isFolder ? [] : [input.name];
  const names = [...new Set([...own, ...all.filter((name) => prefixOf(name) === wanted)])].sort();
  let summary: MmObject | undefined;
  const frames: Frame[] = [];
  for (const name of names) {
    const source = await input.open(name);
    try {
      const head = await source.read(0, Math.min(40, source.size));
      if (!isStack(head)) continue;
      summary ??= await readSummary(source, head, options);
      frames.push(...(await framesOf(source, name, options)));
    } finally {
      await source.close();
    }
  }
  return { summary, frames, files: [] };
}
