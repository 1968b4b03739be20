// Groups: names to addresses. Old ones have a B-tree and a local heap, new ones link messages or a fractal heap.
// HDF5 File Format Specification 3.0, III.A.1, III.B, III.C, IV.A.2.g.

import { formatError, ImgconvError } from '../../core/errors.js';
import { readRecords } from './btree2.js';
import { type Cursor, decodeText } from './cursor.js';
import type { Hdf5File } from './file.js';
import { MESSAGE, type Message } from './header.js';
import { FractalHeap, readLocalHeap } from './heap.js';

export interface Link {
  readonly name: string;
  /** Object header; absent for links that are not hard. */
  readonly address?: number;
  /** Path of a soft link. */
  readonly soft?: string;
  /** File and path of an external link. */
  readonly external?: readonly [file: string, path: string];
}

function parseLink(body: Cursor): Link {
  const version = body.u8();
  if (version !== 1) throw body.error('HDF5_LINK', `link version ${version}`);
  const flags = body.u8();
  const kind = flags & 8 ? body.u8() : 0;
  if (flags & 4) body.skip(8);
  if (flags & 0x10) body.skip(1);
  const name = body.text(body.uint(1 << (flags & 3)));
  if (kind === 0) return { name, address: body.address() };
  const value = body.take(body.u16());
  if (kind === 1) return { name, soft: decodeText(value) };
  if (kind !== 64) return { name };
  const end = value.indexOf(0, 1);
  return { name, external: [decodeText(value.subarray(1, end)), decodeText(value.subarray(end + 1))] };
}

/** Symbol table nodes below a version 1 B-tree. */
async function symbolTable(file: Hdf5File, body: Cursor): Promise<Link[]> {
  const tree = body.address();
  const names = await readLocalHeap(file, body.address());
  const { offset, length } = file.widths;
  const links: Link[] = [];
  const seen = new Set<number>();
  const visit = async (at: number): Promise<void> => {
    if (seen.has(at))
      throw formatError('HDF5_LOOP', `${file.name}: a group visits node ${at} twice`, { file: file.name });
    seen.add(at);
    if (seen.size > file.limits.directories) {
      throw new ImgconvError(
        'limit',
        'DIRECTORIES',
        `${file.name}: more than ${file.limits.directories} nodes in a group`,
      );
    }
    const head = await file.read(at, 8);
    const signature = Buffer.from(head.bytes.subarray(0, 4)).toString('latin1');
    if (signature === 'SNOD') {
      head.skip(6);
      const count = head.u16();
      const node = await file.read(at + 8, count * (2 * offset + 24));
      for (let i = 0; i < count; i++) {
        const name = decodeText(names.subarray(node.uint(offset)));
        const address = node.address();
        const soft = node.u32() === 2;
        node.skip(4);
        const scratch = node.part(16).u32();
        links.push(soft ? { name, soft: decodeText(names.subarray(scratch)) } : { name, address });
      }
      return;
    }
    head.expect('TREE');
    head.skip(2);
    const count = head.u16();
    const node = await file.read(at + 8 + 2 * offset, length + count * (offset + length));
    for (let i = 0; i < count; i++) {
      node.skip(length);
      await visit(node.address());
    }
  };
  if (tree >= 0) await visit(tree);
  return links;
}

/** Links of a group, in order of their names; empty for objects that are no groups. */
export async function readLinks(file: Hdf5File, messages: readonly Message[]): Promise<readonly Link[]> {
  const links: Link[] = [];
  for (const { type, body } of messages) {
    if (type === MESSAGE.symbolTable) links.push(...(await symbolTable(file, body)));
    if (type === MESSAGE.link) links.push(parseLink(body));
    if (type !== MESSAGE.linkInfo) continue;
    body.skip(1);
    if (body.u8() & 1) body.skip(8);
    const [heapAt, treeAt] = [body.address(), body.address()];
    if (heapAt < 0 || treeAt < 0) continue;
    const heap = await FractalHeap.open(file, heapAt);
    for (const record of await readRecords(file, treeAt)) {
      record.skip(4);
      links.push(parseLink(await heap.object(record.part(record.left))));
    }
  }
  return links.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
