// Size and bit depth from the head of a JPEG XL code stream (ISO/IEC 18181-1, Annex D: SizeHeader, ImageMetadata).

import { formatError, unsupported } from '../../core/errors.js';

export interface JxlHeader {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly float: boolean;
}

/** Ratios of width to height by their code. */
const RATIOS = [0, 1, 12 / 10, 4 / 3, 3 / 2, 16 / 9, 5 / 4, 2] as const;

class Bits {
  private at = 0;

  constructor(private readonly data: Uint8Array) {}

  /** `n` bits, least significant first. */
  u(n: number): number {
    let value = 0;
    for (let i = 0; i < n; i++, this.at++) {
      value += (((this.data[this.at >> 3] ?? 0) >> (this.at & 7)) & 1) * 2 ** i;
    }
    return value;
  }

  bool(): boolean {
    return this.u(1) === 1;
  }

  /** One of four ways: a constant and a number of further bits. */
  u32(...ways: readonly (readonly [base: number, bits: number])[]): number {
    const [base, bits] = ways[this.u(2)]!;
    return base + this.u(bits);
  }
}

function readSize(bits: Bits): { width: number; height: number } {
  const small = bits.bool();
  const side = () => (small ? (bits.u(5) + 1) * 8 : bits.u32([1, 9], [1, 13], [1, 18], [1, 30]));
  const height = side();
  const ratio = bits.u(3);
  // The products are whole numbers rounded down.
  return { width: ratio === 0 ? side() : Math.floor(height * RATIOS[ratio]! + 1e-9), height };
}

/** `data` is a bare code stream or a container with boxes. */
export function readHeader(data: Uint8Array): JxlHeader {
  const start = codeStream(data);
  if (data[start] !== 0xff || data[start + 1] !== 0x0a) {
    throw formatError('JPEGXL_STREAM', 'broken JPEG XL stream: no code stream', { offset: start });
  }
  const bits = new Bits(data.subarray(start + 2, start + 2 + 64));
  const { width, height } = readSize(bits);
  if (bits.bool()) return { width, height, bits: 8, float: false };
  if (bits.bool()) {
    bits.u(3);
    if (bits.bool()) readSize(bits);
    if (bits.bool()) throw unsupported('JPEGXL_PREVIEW', 'JPEG XL with a preview frame is not supported');
    if (bits.bool()) {
      bits.u32([100, 0], [1000, 0], [1, 10], [1, 30]);
      bits.u32([1, 0], [1001, 0], [1, 8], [1, 10]);
      bits.u32([0, 0], [0, 3], [0, 16], [0, 32]);
      bits.bool();
    }
  }
  const float = bits.bool();
  const depth = float ? bits.u32([32, 0], [16, 0], [24, 0], [1, 6]) : bits.u32([8, 0], [10, 0], [12, 0], [1, 6]);
  return { width, height, bits: depth, float };
}

/** Offset of the code stream: 0, or the first `jxlc` or `jxlp` box. */
function codeStream(data: Uint8Array): number {
  if (data[0] === 0xff) return 0;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at + 8 <= data.length; ) {
    const type = String.fromCharCode(...data.subarray(at + 4, at + 8));
    if (type === 'jxlc') return at + 8;
    if (type === 'jxlp') return at + 12;
    const length = view.getUint32(at);
    if (length < 8) break;
    at += length;
  }
  return 0;
}
