// The header of 284 bytes, big-endian. FreeSurfer's format page.

import { formatError } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';

export const HEADER_BYTES = 284;
const TYPES: Readonly<Record<number, PixelType>> = { 0: 'uint8', 1: 'int32', 3: 'float', 4: 'int16' };

export interface MghHeader {
  /** Columns, rows, slices, frames. */
  readonly size: readonly [number, number, number, number];
  readonly type: PixelType;
  /** mm; undefined: the header has no geometry. */
  readonly spacing: readonly [number, number, number] | undefined;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export function looksLikeMgh(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = [4, 8, 12, 16].map((at) => v.getInt32(at));
  // The rest of the header is unused.
  const unused = bytes.subarray(90, HEADER_BYTES).every((n) => n === 0);
  return (
    v.getInt32(0) === 1 && unused && TYPES[v.getInt32(20)] !== undefined && sizes.every((n) => n > 0 && n < 2 ** 28)
  );
}

/** Errors: format MGH_HEADER. */
export function parseHeader(bytes: Uint8Array, file: string): MghHeader {
  if (!looksLikeMgh(bytes)) {
    throw formatError('MGH_HEADER', `${file}: no MGH header: version, sizes and type make no sense`, {
      file,
      offset: 0,
    });
  }
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ints = (at: number, n: number): number[] => Array.from({ length: n }, (_, i) => v.getInt32(at + 4 * i));
  const floats = (at: number, n: number): number[] => Array.from({ length: n }, (_, i) => v.getFloat32(at + 4 * i));
  const good = v.getInt16(28) > 0;
  const show = (list: readonly number[]): string => list.map((n) => Number(n.toPrecision(8))).join(' ');
  return {
    size: ints(4, 4) as unknown as MghHeader['size'],
    type: TYPES[v.getInt32(20)]!,
    spacing: good ? (floats(30, 3) as unknown as [number, number, number]) : undefined,
    fields: [
      ['size', show(ints(4, 4))],
      ['type', String(v.getInt32(20))],
      ['dof', String(v.getInt32(24))],
      ['goodRASFlag', String(v.getInt16(28))],
      ['spacing', show(floats(30, 3))],
      ['x direction', show(floats(42, 3))],
      ['y direction', show(floats(54, 3))],
      ['z direction', show(floats(66, 3))],
      ['centre', show(floats(78, 3))],
    ],
  };
}
