// The 1,024-byte main header. Cheng et al. 2015 (MRC2014) and the format page at ccpem.ac.uk; IMOD's fields from its mrc_format page.

import { fixedText } from '../../src/containers/raw/text.js';
import { formatError } from '../../src/core/errors.js';

export const HEADER_BYTES = 1024;
/** 'IMOD' as a little-endian integer. */
const IMOD_STAMP = 1146047817;
/** Bit 0 of the IMOD flags: bytes are signed. */
const IMOD_SIGNED_BYTES = 1;
const MODES = new Set([0, 1, 2, 3, 4, 6, 7, 12, 16, 101]);

export interface MrcHeader {
  readonly littleEndian: boolean;
  /** Columns, rows, sections. */
  readonly size: readonly [number, number, number];
  readonly mode: number;
  readonly start: readonly [number, number, number];
  /** Sampling along the cell's X, Y, Z. */
  readonly grid: readonly [number, number, number];
  /** Cell lengths, Å, and angles, degrees. */
  readonly cell: readonly [number, number, number];
  readonly angles: readonly [number, number, number];
  /** Cell axis (1, 2, 3) of columns, rows, sections. */
  readonly map: readonly [number, number, number];
  readonly statistics: { readonly min: number; readonly max: number; readonly mean: number; readonly rms: number };
  readonly spaceGroup: number;
  readonly extendedBytes: number;
  readonly extendedType: string;
  readonly version: number;
  /** SerialEM / Agard: bytes or integers, and flags or floats, a section. */
  readonly perSection: readonly [number, number];
  readonly imodFlags: number | undefined;
  readonly signedBytes: boolean;
  readonly origin: readonly [number, number, number];
  readonly stamped: boolean;
  readonly labels: readonly string[];
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Sizes and mode make sense in this byte order. */
function plausible(v: DataView, little: boolean): boolean {
  const size = [0, 4, 8].map((at) => v.getInt32(at, little));
  if (!size.every((n) => n > 0 && n < 2 ** 24) || !MODES.has(v.getInt32(12, little))) return false;
  const map = [64, 68, 72].map((at) => v.getInt32(at, little));
  return map.every((n) => n === 0) || [...map].sort().join() === '1,2,3';
}

/** 0xC0A0 at byte 96 is DeltaVision's mark. */
function isDeltaVision(v: DataView): boolean {
  const mark = v.getUint16(96, true);
  return mark === 0xc0a0 || mark === 0xa0c0;
}

/** stamped: 'MAP' is there and the header makes sense. plausible: only the header makes sense. */
export function looksLikeMrc(head: Uint8Array): 'stamped' | 'plausible' | undefined {
  if (head.length < 224) return undefined;
  const v = view(head);
  if (!plausible(v, true) && !plausible(v, false)) return undefined;
  if (fixedText(head, 208, 4).startsWith('MAP')) return 'stamped';
  return isDeltaVision(v) ? undefined : 'plausible';
}

/** Errors: format MRC_HEADER. */
export function parseHeader(bytes: Uint8Array, file: string): MrcHeader {
  if (bytes.length < HEADER_BYTES) {
    throw formatError('MRC_HEADER', `${file}: an MRC header has ${HEADER_BYTES} bytes, found ${bytes.length}`, {
      file,
    });
  }
  const v = view(bytes);
  // Machine stamp (byte 212): 0x44 little, 0x11 big; some programs write neither, some the wrong one.
  const stamp = v.getUint8(212);
  const preferred = stamp !== 0x11;
  const little = plausible(v, preferred) ? preferred : !preferred;
  if (!plausible(v, little)) {
    const found = [0, 4, 8, 12].map((at) => v.getInt32(at, preferred)).join(', ');
    throw formatError('MRC_HEADER', `${file}: columns, rows, sections, mode make no sense: ${found}`, {
      file,
      offset: 0,
    });
  }
  const int = (at: number): number => v.getInt32(at, little);
  const float = (at: number): number => v.getFloat32(at, little);
  const ints = (at: number): [number, number, number] => [int(at), int(at + 4), int(at + 8)];
  const floats = (at: number): [number, number, number] => [float(at), float(at + 4), float(at + 8)];
  const imodFlags = int(152) === IMOD_STAMP ? int(156) : undefined;
  const statistics = { min: float(76), max: float(80), mean: float(84), rms: float(216) };
  const map = ints(64);
  const count = Math.min(10, Math.max(0, int(220)));
  const extendedBytes = int(92);
  if (extendedBytes < 0) {
    const text = `${file}: the extended header has a negative length: ${extendedBytes}`;
    throw formatError('MRC_HEADER', text, { file, offset: 92 });
  }
  return {
    littleEndian: little,
    size: ints(0),
    mode: int(12),
    start: ints(16),
    grid: ints(28),
    cell: floats(40),
    angles: floats(52),
    map: map.every((n) => n === 0) ? [1, 2, 3] : map,
    statistics,
    spaceGroup: int(88),
    extendedBytes,
    extendedType: fixedText(bytes, 104, 4).replace(/[^\x20-\x7e]/g, ''),
    version: int(108),
    perSection: [v.getInt16(128, little), v.getInt16(130, little)],
    imodFlags,
    // MRC2014: mode 0 is signed. IMOD wrote unsigned bytes unless its flag says otherwise, and so did most older programs:
    // a maximum above 127 gives them away.
    signedBytes:
      imodFlags !== undefined
        ? (imodFlags & IMOD_SIGNED_BYTES) !== 0
        : !(statistics.min >= 0 && statistics.max > 127 && statistics.max <= 255),
    origin: floats(196),
    stamped: fixedText(bytes, 208, 4).startsWith('MAP'),
    labels: Array.from({ length: count }, (_, i) => fixedText(bytes, 224 + 80 * i, 80)),
  };
}
