// Size and bit depth from the head of a JPEG XL code stream (ISO/IEC 18181-1, Annex D: SizeHeader, ImageMetadata).

import { formatError, unsupported } from '../../core/errors.js';

export interface JxlHeader {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly float: boolean;
  /** Colour samples and, where there is one, alpha. */
  readonly samples: number;
  readonly alpha: boolean;
  readonly animated: boolean;
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
  const bits = new Bits(data.subarray(start + 2, start + 2 + 1024));
  const { width, height } = readSize(bits);
  if (bits.bool()) return { width, height, bits: 8, float: false, samples: 3, alpha: false, animated: false };
  let animated = false;
  if (bits.bool()) {
    bits.u(3);
    if (bits.bool()) readSize(bits);
    if (bits.bool()) throw unsupported('JPEGXL_PREVIEW', 'JPEG XL with a preview frame is not supported');
    animated = bits.bool();
    if (animated) {
      bits.u32([100, 0], [1000, 0], [1, 10], [1, 30]);
      bits.u32([1, 0], [1001, 0], [1, 8], [1, 10]);
      bits.u32([0, 0], [0, 3], [0, 16], [0, 32]);
      bits.bool();
    }
  }
  const depth = readDepth(bits);
  // A hint for decoders' buffers.
  bits.bool();
  const extra = bits.u32([0, 0], [1, 0], [2, 4], [1, 12]);
  let alpha = false;
  for (let i = 0; i < extra; i++) alpha = readExtra(bits) === 0 || alpha;
  // XYB or not: the decoder's business.
  bits.bool();
  let gray = false;
  if (!bits.bool()) {
    bits.bool();
    gray = readEnum(bits) === 1;
  }
  return { width, height, ...depth, samples: (gray ? 1 : 3) + (alpha ? 1 : 0), alpha, animated };
}

function readDepth(bits: Bits): { bits: number; float: boolean } {
  if (!bits.bool()) return { bits: bits.u32([8, 0], [10, 0], [12, 0], [1, 6]), float: false };
  const depth = bits.u32([32, 0], [16, 0], [24, 0], [1, 6]);
  bits.u(4);
  return { bits: depth, float: true };
}

function readEnum(bits: Bits): number {
  return bits.u32([0, 0], [1, 0], [2, 4], [18, 6]);
}

/** Kind of an extra channel: 0 alpha. */
function readExtra(bits: Bits): number {
  if (bits.bool()) return 0;
  const kind = readEnum(bits);
  readDepth(bits);
  bits.u32([0, 0], [3, 0], [4, 0], [1, 3]);
  const name = bits.u32([0, 0], [0, 4], [16, 5], [48, 10]);
  bits.u(8 * name);
  if (kind === 0) bits.bool();
  else if (kind === 2) bits.u(64);
  else if (kind === 5) bits.u32([1, 0], [0, 2], [3, 4], [19, 8]);
  return kind;
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
