// Encapsulated pixel data (DICOM PS3.5 A.4): which fragments make up which frame. Only item headers and the first bytes of fragments are read.

import type { ByteSource } from '../../core/contracts.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { bytesOf, type Fragment } from './data-set.js';
import type { DicomFile } from './file.js';
import { TAG } from './tags.js';

/** Item header, and enough of the fragment to see whether a stream begins in it. */
const PEEK = 20;
/** Fragments of this size are read through rather than jumped over. */
const NEAR = 2048;
const WINDOW = 64 * 2 ** 10;
/** Fewer frames are walked. */
const FEW = 64;
const AT_ONCE = 64;
/** Tags as little-endian words. */
const ITEM = 0xe000fffe;
const DELIMITER = 0xe0ddfffe;

export interface FrameFragments {
  /** One list a frame; empty where the file has none for it. */
  readonly frames: readonly (readonly Fragment[])[];
  /** What is wrong with them. */
  readonly damage?: string;
}

interface Walked extends Fragment {
  /** Offset of the item header from the first fragment's. */
  readonly header: number;
  /** A JPEG, JPEG-LS, JPEG 2000 or JPEG XL stream begins here. */
  readonly begins: boolean;
}

/** Frames by the extended offset table, the basic one, one fragment each, or where streams begin. */
export async function readFragments(
  file: DicomFile,
  source: ByteSource,
  frames: number,
  limits: Limits,
): Promise<FrameFragments> {
  const start = file.pixels!.offset;
  const { offsets, first } = await readBasicTable(file, source, start, limits);
  const extended = await extendedTable(file, source, first, frames, limits);
  if (extended) return { frames: extended };
  const listed = await byTable(source, first, offsets, frames);
  if (listed) return { frames: listed };
  const { walked, damage } = await walk(source, first, limits);
  const assigned = assign(walked, offsets, frames, file.syntax.coding === 'rle');
  const found = assigned.filter((list) => list.length > 0).length;
  if (found === frames && !damage) return { frames: assigned };
  return { frames: assigned, damage: damage ?? `the pixel data has ${found} of ${frames} frames` };
}

async function readBasicTable(
  file: DicomFile,
  source: ByteSource,
  start: number,
  limits: Limits,
): Promise<{ offsets: readonly number[]; first: number }> {
  if (start + 8 > source.size) return { offsets: [], first: start };
  const view = viewOf(await source.read(start, 8));
  const tag = view.getUint16(0, true) * 65536 + view.getUint16(2, true);
  const length = view.getUint32(4, true);
  if (tag !== TAG.Item) {
    throw formatError('DICOM_FRAGMENTS', `${file.name}: the pixel data does not begin with an offset table`, {
      file: file.name,
      offset: start,
    });
  }
  if (start + 8 + length > source.size) return { offsets: [], first: source.size };
  if (length > limits.metadataBytes) {
    throw new ImgconvError('limit', 'METADATA_SIZE', `${file.name}: the offset table has ${length} bytes`, {
      file: file.name,
    });
  }
  const table = viewOf(await source.read(start + 8, length));
  const offsets = Array.from({ length: Math.floor(length / 4) }, (_, i) => table.getUint32(4 * i, true));
  return { offsets, first: start + 8 + length };
}

/** One fragment each, as a sound basic table says: every item header is read, many at a time. Undefined where the table does not fit. */
async function byTable(
  source: ByteSource,
  first: number,
  offsets: readonly number[],
  frames: number,
): Promise<Fragment[][] | undefined> {
  // Offsets are 32 bits wide: in longer files they wrap around.
  if (frames < FEW || offsets.length !== frames || offsets[0] !== 0) return undefined;
  if (
    offsets.some((offset, i) => i > 0 && offset <= offsets[i - 1]!) ||
    first + offsets[frames - 1]! + 8 > source.size
  ) {
    return undefined;
  }
  const list: Fragment[][] = [];
  for (let from = 0; from < frames; from += AT_ONCE) {
    const part = offsets.slice(from, from + AT_ONCE);
    const headers = await Promise.all(part.map((offset) => source.read(first + offset, 8)));
    for (const [i, bytes] of headers.entries()) {
      const view = viewOf(bytes);
      const length = view.getUint32(4, true);
      const offset = first + part[i]! + 8;
      const next = offsets[from + i + 1];
      const fits = next === undefined ? offset + length <= source.size : offset + length === first + next;
      if (view.getUint32(0, true) !== ITEM || !fits) return undefined;
      list.push([{ offset, length }]);
    }
  }
  // The last frame ends where the sequence does.
  const last = list[frames - 1]![0]!;
  const end = last.offset + last.length;
  if (end + 8 > source.size || viewOf(await source.read(end, 4)).getUint32(0, true) !== DELIMITER) return undefined;
  return list;
}

/** (7FE0,0001) and (7FE0,0002): 64-bit offsets and lengths of frames of one fragment each. */
async function extendedTable(
  file: DicomFile,
  source: ByteSource,
  first: number,
  frames: number,
  limits: Limits,
): Promise<Fragment[][] | undefined> {
  const offsets = await numbers64(file, source, TAG.ExtendedOffsetTable, limits);
  const lengths = await numbers64(file, source, TAG.ExtendedOffsetTableLengths, limits);
  if (!offsets || !lengths || offsets.length !== frames || lengths.length !== frames) return undefined;
  const list = offsets.map((offset, i) => ({ offset: first + offset + 8, length: lengths[i]! }));
  const sound = list.every(({ offset, length }) => length > 0 && offset + length <= file.size);
  if (!sound) return undefined;
  // The table is trusted if it points to items of the stated length.
  for (const i of [0, frames >> 1, frames - 1]) {
    const view = viewOf(await source.read(list[i]!.offset - 8, 8));
    const stated = view.getUint32(4, true);
    const odd = stated - lengths[i]!;
    if (view.getUint32(0, true) !== ITEM || odd < 0 || odd > 1) return undefined;
  }
  return list.map((fragment) => [fragment]);
}

async function numbers64(
  file: DicomFile,
  source: ByteSource,
  tag: number,
  limits: Limits,
): Promise<number[] | undefined> {
  const element = file.data.get(tag);
  if (!element || element.length > limits.metadataBytes || element.offset + element.length > file.size)
    return undefined;
  const view = viewOf(bytesOf(element) ?? (await source.read(element.offset, element.length)));
  return Array.from({ length: Math.floor(view.byteLength / 8) }, (_, i) => Number(view.getBigUint64(8 * i, true)));
}

async function walk(source: ByteSource, first: number, limits: Limits): Promise<{ walked: Walked[]; damage?: string }> {
  const walked: Walked[] = [];
  let window: Uint8Array = new Uint8Array(0);
  let windowAt = 0;
  let at = first;
  let near = false;
  for (;;) {
    if (at + 8 > source.size) return { walked, damage: 'the pixel data breaks off between fragments' };
    const wanted = Math.min(PEEK, source.size - at);
    if (at < windowAt || at + wanted > windowAt + window.length) {
      window = await source.read(at, Math.min(near ? WINDOW : PEEK, source.size - at));
      windowAt = at;
    }
    const view = new DataView(window.buffer, window.byteOffset + at - windowAt, wanted);
    const tag = view.getUint16(0, true) * 65536 + view.getUint16(2, true);
    const length = view.getUint32(4, true);
    if (tag === TAG.SequenceDelimitation) return { walked };
    if (tag !== TAG.Item) return { walked, damage: `the pixel data has no fragment at byte ${at}` };
    if (walked.length >= limits.directories) {
      throw new ImgconvError('limit', 'DIRECTORIES', `${source.name}: more than ${limits.directories} fragments`, {
        file: source.name,
      });
    }
    const offset = at + 8;
    const cut = offset + length > source.size;
    const kept = cut ? source.size - offset : length;
    walked.push({ offset, length: kept, header: at - first, begins: kept >= 4 && begins(view, 8) });
    if (cut) return { walked, damage: 'the pixel data breaks off inside a fragment' };
    near = length < NEAR;
    at = offset + length;
  }
}

/** SOI, SOC, the JP2 or JPEG XL signature box, a bare JPEG XL stream. */
function begins(view: DataView, at: number): boolean {
  if (at + 4 > view.byteLength) return false;
  const word = view.getUint32(at, false);
  return word >>> 8 === 0xffd8ff || word === 0xff4fff51 || word >>> 16 === 0xff0a || word === 0x0000000c;
}

function assign(walked: readonly Walked[], offsets: readonly number[], frames: number, single: boolean): Fragment[][] {
  const lists = Array.from({ length: frames }, (): Fragment[] => []);
  if (frames === 1) {
    // Some writers store every frame of a film and say it is one picture: the fragments of the first are taken.
    const second = walked.findIndex((each, i) => i > 0 && each.begins && walked[0]!.begins);
    lists[0] = walked.slice(0, second < 0 || single ? undefined : second);
    return lists;
  }
  if (walked.length === frames) return walked.map((fragment) => [fragment]);
  const starts = startsBy(walked, offsets, frames, single);
  if (!starts) {
    // One each, as far as they go.
    for (const [i, fragment] of walked.slice(0, frames).entries()) lists[i] = [fragment];
    return lists;
  }
  for (let i = 0; i < starts.length && i < frames; i++) lists[i] = walked.slice(starts[i], starts[i + 1]);
  return lists;
}

/** Index of the first fragment of each frame. */
function startsBy(
  walked: readonly Walked[],
  offsets: readonly number[],
  frames: number,
  single: boolean,
): number[] | undefined {
  if (single) return undefined;
  if (offsets.length === frames) {
    const byHeader = new Map(walked.map((each, i) => [each.header, i]));
    const starts = offsets.map((offset) => byHeader.get(offset) ?? -1);
    // A file that is cut short lacks the last ones.
    const known = starts.filter((start) => start >= 0);
    if (known.length > 0 && known.every((start, i) => start === starts[i] && (i === 0 || start > starts[i - 1]!))) {
      return known;
    }
  }
  const begun = walked.flatMap((each, i) => (each.begins ? [i] : []));
  return begun.length > 0 && begun.length <= frames && begun[0] === 0 ? begun : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
