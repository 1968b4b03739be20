// The SIZ segment of a JPEG 2000 code stream (ISO/IEC 15444-1 A.5.1), bare or inside a JP2/JPH file.

import { formatError } from '../../core/errors.js';

export interface J2kComponent {
  readonly bits: number;
  readonly signed: boolean;
  /** Subsampling: reference grid points a sample. */
  readonly dx: number;
  readonly dy: number;
}

export interface J2kSize {
  /** Offset of the code stream (its SOC marker). */
  readonly start: number;
  /** Pixels of the image area on the reference grid. */
  readonly width: number;
  readonly height: number;
  /** Size of a tile; undefined where tiles do not start at the image's corner. */
  readonly tile?: { readonly width: number; readonly height: number };
  readonly components: readonly J2kComponent[];
  /** High-throughput block coder (part 15). */
  readonly ht: boolean;
}

/** Find and read SIZ. */
export function readSize(data: Uint8Array): J2kSize {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at + 44 <= data.length; at++) {
    // SOC, then SIZ: no box header looks like this.
    if (data[at] !== 0xff || data[at + 1] !== 0x4f || data[at + 2] !== 0xff || data[at + 3] !== 0x51) continue;
    const count = view.getUint16(at + 40);
    if (count === 0 || at + 42 + 3 * count > data.length) break;
    const width = view.getUint32(at + 8) - view.getUint32(at + 16);
    const height = view.getUint32(at + 12) - view.getUint32(at + 20);
    const components = Array.from({ length: count }, (_, i) => {
      const depth = data[at + 42 + 3 * i]!;
      return {
        bits: (depth & 127) + 1,
        signed: depth > 127,
        dx: data[at + 43 + 3 * i]!,
        dy: data[at + 44 + 3 * i]!,
      };
    });
    if (width <= 0 || height <= 0 || components.some((c) => c.dx === 0 || c.dy === 0)) break;
    const aligned =
      view.getUint32(at + 16) === view.getUint32(at + 32) && view.getUint32(at + 20) === view.getUint32(at + 36);
    const tile = { width: view.getUint32(at + 24), height: view.getUint32(at + 28) };
    const whole = tile.width > 0 && tile.height > 0;
    return {
      start: at,
      width,
      height,
      tile: aligned && whole ? tile : undefined,
      components,
      ht: (view.getUint16(at + 6) & 0x4000) !== 0,
    };
  }
  throw formatError('JPEG2000_STREAM', 'broken JPEG 2000 stream: no usable SIZ segment');
}
