// Attributes: compact in the object header or dense in a fractal heap. HDF5 File Format Specification 3.0, IV.A.2.m and IV.A.2.v.

import { ImgconvError } from '../../core/errors.js';
import { readRecords } from './btree2.js';
import { type Cursor, decodeText, type Widths } from './cursor.js';
import type { Hdf5File } from './file.js';
import { MESSAGE, type Message, resolveShared } from './header.js';
import { FractalHeap, readGlobal } from './heap.js';
import { type Datatype, parseDataspace, parseDatatype, readNumbers } from './types.js';

export interface Attribute {
  readonly shape: readonly number[];
  readonly numbers?: readonly number[];
  readonly texts?: readonly string[];
}

export type Attributes = ReadonlyMap<string, Attribute>;

const MOST_VALUES = 2 ** 20;

/** Values of a small array; neither numbers nor texts for other types. */
export async function readValues(file: Hdf5File, type: Datatype, shape: readonly number[], bytes: Uint8Array) {
  const count = Math.min(
    shape.reduce((product, n) => product * n, 1),
    MOST_VALUES,
  );
  if (type.kind === 'text') {
    const room = Math.min(count, Math.floor(bytes.length / Math.max(1, type.size)));
    const texts = Array.from({ length: room }, (_, i) =>
      decodeText(bytes.subarray(i * type.size, (i + 1) * type.size)),
    );
    return { shape, texts };
  }
  if (type.kind === 'variable-text') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const texts: string[] = [];
    const room = Math.min(count, Math.floor(bytes.length / type.size), 10_000);
    for (let i = 0; i < room; i++) {
      const at = i * type.size;
      const length = view.getUint32(at, true);
      const address = wideAddress(view, at + 4, file.widths);
      const index = view.getUint32(at + 4 + file.widths.offset, true);
      const found = length === 0 || address === 0 ? new Uint8Array(0) : await readGlobal(file, address, index);
      texts.push(decodeText(found.subarray(0, length)));
    }
    return { shape, texts };
  }
  return { shape, numbers: readNumbers(bytes, type, count) };
}

function wideAddress(view: DataView, at: number, { offset }: Widths): number {
  return offset === 8
    ? Number(view.getBigUint64(at, true))
    : offset === 4
      ? view.getUint32(at, true)
      : view.getUint16(at, true);
}

async function parseAttribute(file: Hdf5File, body: Cursor): Promise<[string, Attribute]> {
  const version = body.u8();
  const flags = body.u8();
  if (version < 1 || version > 3) throw body.error('HDF5_ATTRIBUTE', `attribute version ${version}`);
  const sizes = [body.u16(), body.u16(), body.u16()] as const;
  if (version === 3) body.skip(1);
  const padded = (size: number): number => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const part = (size: number): Cursor => {
    const whole = body.part(Math.min(padded(size), body.left));
    return whole.part(Math.min(size, whole.left));
  };
  const name = decodeText(part(sizes[0]).bytes);
  const typeBody = part(sizes[1]);
  const spaceBody = part(sizes[2]);
  const shared = version > 1;
  const type = parseDatatype(shared && flags & 1 ? await resolveShared(file, MESSAGE.datatype, typeBody) : typeBody);
  const space = parseDataspace(
    shared && flags & 2 ? await resolveShared(file, MESSAGE.dataspace, spaceBody) : spaceBody,
  );
  if (space.empty) return [name, { shape: [] }];
  return [name, await readValues(file, type, space.shape, body.take(body.left))];
}

/** All attributes of an object. Broken ones are left out. */
export async function readAttributes(file: Hdf5File, messages: readonly Message[]): Promise<Attributes> {
  const bodies = messages.filter(({ type }) => type === MESSAGE.attribute).map(({ body }) => body);
  const info = messages.find(({ type }) => type === MESSAGE.attributeInfo)?.body;
  if (info) {
    info.skip(1);
    if (info.u8() & 1) info.skip(2);
    const [heapAt, treeAt] = [info.address(), info.address()];
    if (heapAt >= 0 && treeAt >= 0) {
      const heap = await FractalHeap.open(file, heapAt);
      for (const record of await readRecords(file, treeAt)) bodies.push(await heap.object(record.part(8)));
    }
  }
  const attributes = new Map<string, Attribute>();
  for (const body of bodies) {
    try {
      const [name, value] = await parseAttribute(file, body);
      attributes.set(name, value);
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
    }
  }
  return attributes;
}

/** One text: a string, or an array of single characters (as Imaris writes). */
export function textOf(attribute: Attribute | undefined): string | undefined {
  const texts = attribute?.texts;
  if (!texts) return undefined;
  return texts.join('');
}

/** First number, or the number that a text is. */
export function numberOf(attribute: Attribute | undefined): number | undefined {
  const value = attribute?.numbers ? attribute.numbers[0] : Number.parseFloat(textOf(attribute) ?? '');
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
