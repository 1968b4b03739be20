// Scan information: a tree of blocks. Every entry is (key, type, size, value); type 0 opens a block, key 0xFFFFFFFF closes it.

import type { ByteSource } from '../../src/core/contracts.js';
import { blockAt, type Cursor } from './bytes.js';
import { SCAN_KEYS } from './keys.js';

export interface ScanNode {
  /** 'Recording', 'Track', 'Laser' … */
  readonly kind: string;
  readonly values: ReadonlyMap<number, string | number>;
  readonly children: readonly ScanNode[];
}

interface OpenNode extends ScanNode {
  readonly values: Map<number, string | number>;
  readonly children: OpenNode[];
}

/** Lists hold blocks of one kind; they add nothing of their own. */
const KINDS: ReadonlyMap<number, string> = new Map([
  [0x10000000, 'Recording'],
  [0x20000000, 'Tracks'],
  [0x30000000, 'Lasers'],
  [0x40000000, 'Track'],
  [0x50000000, 'Laser'],
  [0x60000000, 'DetectionChannels'],
  [0x70000000, 'DetectionChannel'],
  [0x80000000, 'IlluminationChannels'],
  [0x90000000, 'IlluminationChannel'],
  [0xa0000000, 'BeamSplitters'],
  [0xb0000000, 'BeamSplitter'],
  [0xc0000000, 'DataChannels'],
  [0xd0000000, 'DataChannel'],
  [0x11000000, 'Timers'],
  [0x12000000, 'Timer'],
  [0x13000000, 'Markers'],
  [0x14000000, 'Marker'],
]);

const END = 0xffffffff;
const MOST_BYTES = 16 * 2 ** 20;
const FIRST_BYTES = 2 ** 16;

function open(kind: string): OpenNode {
  return { kind, values: new Map(), children: [] };
}

/** The recording, as far as it can be read; undefined where there is none. The block does not say how long it is. */
export async function readScan(source: ByteSource, offset: number): Promise<ScanNode | undefined> {
  for (let bytes = FIRST_BYTES; ; bytes *= 8) {
    const block = await blockAt(source, offset, MOST_BYTES, () => bytes);
    if (!block) return undefined;
    const { root, whole } = parse(block);
    if (!whole && bytes < Math.min(MOST_BYTES, source.size - offset)) continue;
    const [recording] = root.children;
    return recording?.kind === 'Recording' ? recording : undefined;
  }
}

/** `whole`: it came to its end. */
function parse(block: Cursor): { root: OpenNode; whole: boolean } {
  const root = open('');
  const stack = [root];
  while (block.left >= 12 && stack.length > 0) {
    const key = block.u32();
    const type = block.u32();
    const size = block.u32();
    if (key === END) {
      stack.pop();
      if (stack.length <= 1) return { root, whole: true };
    } else if (type === 0) {
      const node = open(KINDS.get(key) ?? `Block ${key.toString(16)}`);
      stack.at(-1)!.children.push(node);
      stack.push(node);
      if (stack.length > 16) return { root, whole: true };
    } else {
      const end = block.at + size;
      if (size > block.left) break;
      const values = stack.at(-1)!.values;
      if (!values.has(key)) {
        if (type === 2) values.set(key, block.string(size));
        else if (type === 4 && size >= 4) values.set(key, block.i32());
        else if (type === 5 && size >= 8) values.set(key, block.f64());
      }
      block.at = end;
    }
  }
  return { root, whole: false };
}

/** Blocks of one kind below a node, in stored order. */
export function blocksOf(node: ScanNode | undefined, kind: string): ScanNode[] {
  if (!node) return [];
  return node.children.flatMap((each) => [...(each.kind === kind ? [each] : []), ...blocksOf(each, kind)]);
}

export function textOf(node: ScanNode, key: number): string | undefined {
  const value = node.values.get(key);
  return value === undefined || value === '' ? undefined : String(value).trim() || undefined;
}

export function numberOf(node: ScanNode | undefined, key: number): number | undefined {
  const value = node?.values.get(key);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Name and value of everything in the tree; blocks of a list are numbered from 1. */
export function listScan(node: ScanNode, prefix = node.kind): [key: string, value: string][] {
  const listed = [...node.values].map(([key, value]): [string, string] => [
    `${prefix} ${SCAN_KEYS.get(key) ?? `0x${key.toString(16)}`}`,
    String(value),
  ]);
  for (const list of node.children) {
    if (list.kind.endsWith('s'))
      for (const [i, each] of list.children.entries())
        listed.push(...listScan(each, `${prefix} ${each.kind} ${i + 1}`));
    else listed.push(...listScan(list, `${prefix} ${list.kind}`));
  }
  return listed;
}
