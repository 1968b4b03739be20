// Object headers: lists of messages. HDF5 File Format Specification 3.0, IV.A (versions 1 and 2).

import { unsupported } from '../../core/errors.js';
import type { Cursor } from './cursor.js';
import type { Hdf5File } from './file.js';

export const MESSAGE = {
  dataspace: 1,
  linkInfo: 2,
  datatype: 3,
  oldFill: 4,
  fill: 5,
  link: 6,
  layout: 8,
  filters: 11,
  attribute: 12,
  continuation: 16,
  symbolTable: 17,
  attributeInfo: 21,
} as const;

export interface Message {
  readonly type: number;
  readonly body: Cursor;
}

const MOST_MESSAGES = 100_000;
const FIRST_READ = 512;

interface Block {
  readonly at: number;
  readonly bytes: number;
}

/** Messages of one block; those that continue elsewhere are queued. */
function parseBlock(cursor: Cursor, flags: number | undefined, out: Message[], queue: Block[]): void {
  const head = flags === undefined ? 8 : flags & 4 ? 6 : 4;
  while (cursor.left >= head && out.length < MOST_MESSAGES) {
    const type = flags === undefined ? cursor.u16() : cursor.u8();
    const size = cursor.u16();
    const shared = (cursor.u8() & 2) !== 0;
    cursor.skip(head - (flags === undefined ? 5 : 4));
    if (size > cursor.left) return;
    const body = cursor.part(size);
    if (type === MESSAGE.continuation) queue.push({ at: body.address(), bytes: body.length() });
    else if (type !== 0) out.push({ type: shared ? -type : type, body });
  }
}

/** A message kept elsewhere: in another object's header. Versions 1 to 3 of the reference. */
export async function resolveShared(file: Hdf5File, type: number, body: Cursor): Promise<Cursor> {
  const version = body.u8();
  const kind = body.u8();
  if (version === 3 && kind === 1) {
    throw unsupported('HDF5_SHARED', `${file.name}: messages in a shared message heap are not supported`, {
      file: file.name,
      offset: body.at,
    });
  }
  if (version === 1) body.skip(6);
  const address = body.address();
  const found = (await readHeader(file, address, false)).find((message) => message.type === type);
  if (!found) throw body.error('HDF5_SHARED', `a shared message points to ${address}, which has none of its type`);
  return found.body;
}

/** All messages of the object at an address, shared ones resolved. */
export async function readHeader(file: Hdf5File, address: number, resolve = true): Promise<readonly Message[]> {
  const head = await file.readSome(address, FIRST_READ);
  const messages: Message[] = [];
  const queue: Block[] = [];
  const modern = Buffer.from(head.bytes.subarray(0, 4)).toString('latin1') === 'OHDR';
  let flags: number | undefined;
  if (modern) {
    head.skip(4);
    const version = head.u8();
    if (version !== 2) throw head.error('HDF5_HEADER', `object header version ${version}`);
    flags = head.u8();
    if (flags & 0x20) head.skip(16);
    if (flags & 0x10) head.skip(4);
    const size = head.uint(1 << (flags & 3));
    const block = await file.read(address + head.position, size);
    parseBlock(block, flags, messages, queue);
  } else {
    const version = head.u8();
    if (version !== 1) throw head.error('HDF5_HEADER', `object header version ${version}, expected 1 or OHDR`);
    head.skip(7);
    const size = head.u32();
    parseBlock(await file.read(address + 16, size), undefined, messages, queue);
  }
  const seen = new Set<number>();
  for (let next = queue.pop(); next; next = queue.pop()) {
    if (seen.has(next.at)) throw head.error('HDF5_LOOP', `an object header continues twice at ${next.at}`);
    seen.add(next.at);
    const block = await file.read(next.at, next.bytes);
    if (flags === undefined) parseBlock(block, undefined, messages, queue);
    else {
      block.expect('OCHK');
      parseBlock(block.part(Math.max(0, block.left - 4)), flags, messages, queue);
    }
  }
  if (!resolve) return messages;
  const out: Message[] = [];
  for (const { type, body } of messages) {
    if (type >= 0) out.push({ type, body });
    else out.push({ type: -type, body: await resolveShared(file, -type, body) });
  }
  return out;
}
