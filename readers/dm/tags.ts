// DM3/DM4 tag tree. Structure numbers are big-endian whatever the file's byte order; values follow the header's flag.
// DM4 widens lengths and counts to 64 bits. Layout: NOTES.md.

import { ByteWindow } from '../../src/containers/raw/window.js';
import type { ByteSource } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';

export interface DmGroup {
  readonly kind: 'group';
  readonly name: string;
  readonly children: readonly DmNode[];
}
export interface DmValue {
  readonly kind: 'value';
  readonly name: string;
  readonly value: number | bigint | string | readonly (number | bigint)[];
}
/** An array left in the file. */
export interface DmArray {
  readonly kind: 'array';
  readonly name: string;
  /** Element type number; 15 for structures. */
  readonly type: number;
  readonly count: number;
  readonly offset: number;
  readonly bytes: number;
}
export type DmNode = DmGroup | DmValue | DmArray;

export interface DmFile {
  readonly version: 3 | 4;
  readonly littleEndian: boolean;
  readonly root: DmGroup;
}

const GROUP = 20;
const VALUE = 21;
const STRUCT = 15;
const TEXT = 18;
const ARRAY = 20;
const MAX_DEPTH = 64;
/** Arrays up to this size are read as values. */
const SMALL_ARRAY = 4096;
/** Text in 16-bit units. */
const LONG_TEXT = 2 ** 20;

const SIZES: Readonly<Record<number, number>> = {
  2: 2,
  3: 4,
  4: 2,
  5: 4,
  6: 4,
  7: 8,
  8: 1,
  9: 1,
  10: 1,
  11: 8,
  12: 8,
};

interface Context {
  readonly window: ByteWindow;
  readonly wide: boolean;
  readonly little: boolean;
  readonly maxTags: number;
  tags: number;
}

function broken(context: Context, what: string): Error {
  const { file, position } = context.window;
  return formatError('DM_TAGS', `${file}: ${what} at offset ${position}`, { file, offset: position });
}

/** A length or count of the structure. */
async function count(context: Context): Promise<number> {
  const { window } = context;
  await window.need(8);
  const value = context.wide ? window.uint64(false) : window.uint32(false);
  if (!(value <= window.size)) throw broken(context, `a count of ${value} is larger than the file`);
  return value;
}

function readSimple({ window, little }: Context, type: number): number | bigint {
  switch (type) {
    case 2:
      return window.int16(little);
    case 3:
      return window.int32(little);
    case 4:
      return window.uint16(little);
    case 5:
      return window.uint32(little);
    case 6:
      return window.float32(little);
    case 7:
      return window.float64(little);
    case 9:
      return window.int8();
    case 11:
      return window.bigint64(little);
    case 12:
      return window.biguint64(little);
    default:
      return window.uint8();
  }
}

/** Field types of a structure definition: name length, count, then (name length, type) of each. */
function fieldTypes(context: Context, info: readonly number[], at: number): readonly number[] {
  const fields = info[at + 1] ?? -1;
  if (fields < 0 || at + 2 + 2 * fields > info.length) throw broken(context, 'a structure with a broken definition');
  return Array.from({ length: fields }, (_, i) => info[at + 3 + 2 * i]!);
}

function bytesOf(context: Context, types: readonly number[]): number {
  let sum = 0;
  for (const type of types) {
    const size = SIZES[type];
    if (size === undefined) throw broken(context, `unknown element type ${type}`);
    sum += size;
  }
  return sum;
}

async function readArray(context: Context, name: string, info: readonly number[]): Promise<DmNode> {
  const { window, little } = context;
  const type = info[1] ?? -1;
  const length = info[info.length - 1]!;
  let size: number;
  if (type === STRUCT) size = bytesOf(context, fieldTypes(context, info, 2));
  else if (type === ARRAY) {
    // Array of arrays: the sizes multiply.
    size = (SIZES[info[2] ?? -1] ?? 0) * (info[3] ?? 0);
    if (info.length !== 5 || size === 0) throw broken(context, 'an array of arrays of unknown kind');
  } else size = bytesOf(context, [type]);
  const bytes = size * length;
  if (!(window.position + bytes <= window.size)) {
    throw broken(context, `an array of ${bytes} bytes that ends beyond the file`);
  }
  const offset = window.position;
  if (type === 4 && bytes <= LONG_TEXT && name !== 'Data') {
    await window.need(bytes);
    const units = Array.from({ length }, () => window.uint16(little));
    if (units.every((unit) => unit >= 9)) {
      let value = '';
      for (let i = 0; i < units.length; i += 8192) value += String.fromCharCode(...units.slice(i, i + 8192));
      return { kind: 'value', name, value };
    }
    if (bytes <= SMALL_ARRAY) return { kind: 'value', name, value: units };
  } else if (type !== STRUCT && type !== ARRAY && bytes <= SMALL_ARRAY && name !== 'Data') {
    await window.need(bytes);
    return { kind: 'value', name, value: Array.from({ length }, () => readSimple(context, type)) };
  }
  window.position = offset + bytes;
  return { kind: 'array', name, type, count: length, offset, bytes };
}

async function readValue(context: Context, name: string): Promise<DmNode> {
  const { window, little, wide } = context;
  await window.need(4);
  if (window.uint32(false) !== 0x25252525) throw broken(context, "tag data without its '%%%%' mark");
  const length = await count(context);
  if (length < 1 || length > 4096) throw broken(context, `a tag definition of ${length} words`);
  await window.need(length * (wide ? 8 : 4));
  const info = Array.from({ length }, () => (wide ? window.uint64(false) : window.uint32(false)));
  const [type] = info;
  if (type === STRUCT) {
    const types = fieldTypes(context, info, 1);
    await window.need(bytesOf(context, types));
    return { kind: 'value', name, value: types.map((each) => readSimple(context, each)) };
  }
  if (type === ARRAY) return readArray(context, name, info);
  if (type === TEXT) {
    const chars = info[1] ?? 0;
    if (chars * 2 > LONG_TEXT) throw broken(context, `a text of ${chars} characters`);
    await window.need(chars * 2);
    return {
      kind: 'value',
      name,
      value: String.fromCharCode(...Array.from({ length: chars }, () => window.uint16(little))),
    };
  }
  if (SIZES[type!] === undefined) throw broken(context, `unknown tag type ${type}`);
  await window.need(8);
  return { kind: 'value', name, value: readSimple(context, type!) };
}

async function readGroup(context: Context, name: string, depth: number): Promise<DmGroup> {
  if (depth > MAX_DEPTH) throw broken(context, `groups nested deeper than ${MAX_DEPTH}`);
  const { window, wide } = context;
  await window.need(2);
  window.position += 2; // sorted, open
  const entries = await count(context);
  const children: DmNode[] = [];
  for (let i = 0; i < entries; i++) {
    await window.need(3);
    const kind = window.uint8();
    if (kind === 0) break;
    if (kind !== GROUP && kind !== VALUE) throw broken(context, `unknown tag kind ${kind}`);
    if (++context.tags > context.maxTags) throw broken(context, `more than ${context.maxTags} tags`);
    const length = window.uint16(false);
    await window.need(length + 8);
    const label = window.text(length);
    if (wide) window.position += 8; // bytes of the whole tag
    children.push(kind === GROUP ? await readGroup(context, label, depth + 1) : await readValue(context, label));
  }
  return { kind: 'group', name, children };
}

/** Errors: format DM_HEADER, DM_TAGS. */
export async function readTags(source: ByteSource, maxTags: number): Promise<DmFile> {
  const window = new ByteWindow(source);
  const file = source.name;
  await window.need(16);
  const version = window.uint32(false);
  if (version !== 3 && version !== 4) {
    throw formatError('DM_HEADER', `${file}: version is ${version}, expected 3 or 4`, { file, offset: 0 });
  }
  const wide = version === 4;
  window.position += wide ? 8 : 4; // length of the tree
  await window.need(4);
  const little = window.uint32(false) === 1;
  const context: Context = { window, wide, little, maxTags, tags: 0 };
  return { version, littleEndian: little, root: await readGroup(context, '', 0) };
}

// ---- looking things up

export function child(node: DmNode | undefined, name: string): DmNode | undefined {
  return node?.kind === 'group' ? node.children.find((each) => each.name === name) : undefined;
}

/** Along 'A/B/C'. */
export function at(node: DmNode | undefined, path: string): DmNode | undefined {
  return path.split('/').reduce((each: DmNode | undefined, name) => child(each, name), node);
}

export function items(node: DmNode | undefined): readonly DmNode[] {
  return node?.kind === 'group' ? node.children : [];
}

export function numberOf(node: DmNode | undefined): number | undefined {
  if (node?.kind !== 'value') return undefined;
  const { value } = node;
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

export function textOf(node: DmNode | undefined): string | undefined {
  if (node?.kind !== 'value') return undefined;
  const { value } = node;
  return typeof value === 'string' ? value.replace(/\0+$/, '').trim() || undefined : undefined;
}
