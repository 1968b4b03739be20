// What a codec is to the engine. Codecs run inside workers (and inline for small jobs), synchronously where they can.

import type { CodecStep } from '../core/blocks.js';
import type { Tczyx } from '../core/geometry.js';
import type { PixelType } from '../core/pixel-type.js';
import type { Kernels } from '../kernels/kernels.js';

/** The decoded block that the chain must end in. Steps that change the element size (bits, half, lut) use their own parameters. */
export interface BlockInfo {
  /** Pixels along x and y of the block as stored (full size for padded edges, cut for clipped ones). */
  readonly width: number;
  readonly height: number;
  /** Pixels along z times t: usually 1. */
  readonly depth: number;
  /** Samples along c. */
  readonly samples: number;
  readonly type: PixelType;
  /** Bytes of the decoded block: width · height · depth · samples · bytes per sample. */
  readonly bytes: number;
}

export interface CodecContext {
  readonly kernels: Kernels;
  readonly block: BlockInfo;
  /** Position of the block's first pixel in its level; procedural codecs need it. */
  readonly position: Tczyx;
  /** Refuse to decode to more bytes than this. */
  readonly maxBytes: number;
}

export interface Codec {
  readonly id: string;
  /**
   * Input may lie in kernel memory (`kernels.owns(input)`); it is never written to. The result may be a view of kernel scratch memory
   * that stays valid until the next codec call, or a fresh array. A truncated or broken stream throws ImgconvError (blame format);
   * a stream that ends early but cleanly may return fewer bytes: the engine fills the rest and reports it.
   */
  decode?(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array | Promise<Uint8Array>;
  /**
   * Whether a stored block can be handed on as it is: it has exactly the size, samples and depth that its place promises. Looks at headers
   * alone. Absent: always. Never throws.
   */
  fits?(input: Uint8Array, step: CodecStep, block: BlockInfo): boolean;
  /** Same memory rules. Equal input and parameters give equal bytes on every platform. */
  encode?(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array | Promise<Uint8Array>;
}

/** Loading a codec may compile WASM; using it afterwards is synchronous. */
export type CodecTable = ReadonlyMap<string, () => Promise<Codec>>;
