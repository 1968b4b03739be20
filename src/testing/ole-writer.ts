// Compound files for tests: any sector size, streams in fragments, mini streams, FAT sectors beyond the header's 109.

export interface OleEntry {
  /** 'Storage/Stream', one level of storages. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface OleOptions {
  /** Bytes; 512 or 4096. */
  readonly sector?: number;
  /** Sectors of streams alternate, so that no stream is contiguous. */
  readonly interleave?: boolean;
  /** Free sectors in front: pushes the FAT beyond the header's list. */
  readonly free?: number;
}

const END = 0xfffffffe;
const FREE = 0xffffffff;
const CUTOFF = 4096;
const MINI = 64;

interface Node {
  readonly name: string;
  readonly kind: 1 | 2 | 5;
  readonly bytes?: Uint8Array;
  child: number;
  right: number;
  start: number;
  size: number;
}

/** Entries as a directory: children are a list through `right`, which readers must follow as well as a balanced tree. */
function directory(entries: readonly OleEntry[]): Node[] {
  const nodes: Node[] = [];
  const add = (name: string, kind: Node['kind'], bytes?: Uint8Array): number =>
    nodes.push({ name, kind, bytes, child: FREE, right: FREE, start: END, size: bytes?.length ?? 0 }) - 1;
  const link = (parent: number, index: number): void => {
    nodes[index]!.right = nodes[parent]!.child;
    nodes[parent]!.child = index;
  };
  add('Root Entry', 5);
  const storages = new Map<string, number>();
  for (const { path, bytes } of entries) {
    const [first, second] = path.split('/') as [string, string?];
    let parent = 0;
    if (second !== undefined) {
      parent = storages.get(first) ?? add(first, 1);
      if (!storages.has(first)) link(0, parent);
      storages.set(first, parent);
    }
    link(parent, add(second ?? first, 2, bytes));
  }
  return nodes;
}

/** The file. */
export function writeOle(entries: readonly OleEntry[], options: OleOptions = {}): Uint8Array {
  const sector = options.sector ?? 512;
  const nodes = directory(entries);
  const sectors: Uint8Array[] = [];
  const fat: number[] = [];
  const place = (bytes: Uint8Array, mark = END): number => {
    const padded = new Uint8Array(sector);
    padded.set(bytes);
    fat.push(mark);
    return sectors.push(padded) - 1;
  };
  for (let i = 0; i < (options.free ?? 0); i++) place(new Uint8Array(0), FREE);
  const put = (lists: readonly Uint8Array[]): number[] => {
    const at = lists.map(() => ({ first: END, last: END, done: 0 }));
    const one = (i: number): void => {
      const state = at[i]!;
      const number = place(lists[i]!.subarray(state.done, state.done + sector));
      state.done += sector;
      if (state.last === END) state.first = number;
      else fat[state.last] = number;
      state.last = number;
    };
    const open = (i: number): boolean => at[i]!.done < lists[i]!.length;
    if (options.interleave) {
      while (lists.some((_, i) => open(i))) for (let i = 0; i < lists.length; i++) if (open(i)) one(i);
    } else for (let i = 0; i < lists.length; i++) while (open(i)) one(i);
    return at.map(({ first }) => first);
  };
  // Small streams share the mini stream.
  const small = nodes.filter((node) => node.kind === 2 && node.size > 0 && node.size < CUTOFF);
  const miniFat: number[] = [];
  const mini: number[] = [];
  for (const node of small) {
    node.start = miniFat.length;
    const count = Math.ceil(node.size / MINI);
    for (let i = 0; i < count; i++) miniFat.push(i + 1 < count ? miniFat.length + 1 : END);
    mini.push(...node.bytes!, ...new Uint8Array(count * MINI - node.size));
  }
  const large = nodes.filter((node) => node.kind === 2 && node.size >= CUTOFF);
  const lists = [...large.map((node) => node.bytes!), Uint8Array.from(mini)];
  const starts = put(lists);
  for (const [i, node] of large.entries()) node.start = starts[i]!;
  nodes[0]!.start = starts.at(-1)!;
  nodes[0]!.size = mini.length;
  const [miniFatStart] = put([new Uint8Array(Uint32Array.from(miniFat).buffer)]) as [number];
  const miniFatSectors = Math.ceil((miniFat.length * 4) / sector);
  const [directoryStart] = put([entriesBytes(nodes, sector)]) as [number];
  return finish(sectors, fat, sector, { directoryStart, miniFatStart, miniFatSectors });
}

function entriesBytes(nodes: readonly Node[], sector: number): Uint8Array {
  const each = sector / 128;
  const out = new Uint8Array(Math.ceil(nodes.length / each) * sector);
  const view = new DataView(out.buffer);
  for (let i = 0; i < out.length / 128; i++) for (const at of [68, 72, 76]) view.setUint32(i * 128 + at, FREE, true);
  for (const [i, node] of nodes.entries()) {
    const at = i * 128;
    for (let k = 0; k < node.name.length; k++) view.setUint16(at + 2 * k, node.name.charCodeAt(k), true);
    view.setUint16(at + 64, 2 * node.name.length + 2, true);
    out[at + 66] = node.kind;
    out[at + 67] = 1;
    view.setUint32(at + 72, node.right, true);
    view.setUint32(at + 76, node.child, true);
    view.setUint32(at + 116, node.start, true);
    view.setUint32(at + 120, node.size, true);
  }
  return out;
}

interface Roots {
  readonly directoryStart: number;
  readonly miniFatStart: number;
  readonly miniFatSectors: number;
}

/** FAT, the list of its sectors, and the header. */
function finish(sectors: Uint8Array[], fat: number[], sector: number, roots: Roots): Uint8Array {
  const each = sector / 4;
  let fatCount = 0;
  let difatCount = 0;
  for (;;) {
    const needed = Math.ceil((fat.length + fatCount + difatCount) / each);
    const lists = Math.ceil(Math.max(0, needed - 109) / (each - 1));
    if (needed === fatCount && lists === difatCount) break;
    fatCount = needed;
    difatCount = lists;
  }
  const first = sectors.length;
  const fatSectors = Array.from({ length: fatCount }, (_, i) => first + i);
  const words = [...fat, ...fatSectors.map(() => 0xfffffffd), ...Array.from({ length: difatCount }, () => 0xfffffffc)];
  const table = new Uint32Array(fatCount * each).fill(FREE);
  table.set(words);
  const header = new Uint8Array(sector);
  const view = new DataView(header.buffer);
  header.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
  view.setUint16(24, 0x3e, true);
  view.setUint16(26, sector === 512 ? 3 : 4, true);
  view.setUint16(28, 0xfffe, true);
  view.setUint16(30, Math.log2(sector), true);
  view.setUint16(32, 6, true);
  view.setUint32(44, fatCount, true);
  view.setUint32(48, roots.directoryStart, true);
  view.setUint32(56, CUTOFF, true);
  view.setUint32(60, roots.miniFatStart, true);
  view.setUint32(64, roots.miniFatSectors, true);
  view.setUint32(68, difatCount > 0 ? first + fatCount : END, true);
  view.setUint32(72, difatCount, true);
  for (let i = 0; i < 109; i++) view.setUint32(76 + 4 * i, fatSectors[i] ?? FREE, true);
  const lists: Uint8Array[] = [];
  for (let k = 0; k < difatCount; k++) {
    const list = new Uint32Array(each).fill(FREE);
    list.set(fatSectors.slice(109 + k * (each - 1), 109 + (k + 1) * (each - 1)));
    list[each - 1] = k + 1 < difatCount ? first + fatCount + k + 1 : END;
    lists.push(new Uint8Array(list.buffer));
  }
  const parts = [header, ...sectors, new Uint8Array(table.buffer), ...lists];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
