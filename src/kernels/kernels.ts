// The door to the SIMD kernels (AssemblyScript, src/kernels/assembly, compiled to dist/kernels.wasm).
// One instance a thread. All pointers are byte offsets into `memory`.

import type { PixelType } from '../core/pixel-type.js';

/** Raw WASM exports: see src/kernels/assembly/index.ts for what each does. Strides are in bytes unless a name says otherwise. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  /** First byte that the arena may use. */
  readonly __heap_base: WebAssembly.Global;

  /** Copy `rows` rows of `rowBytes`. */
  copyRows(dst: number, dstStride: number, src: number, srcStride: number, rowBytes: number, rows: number): void;
  /** Fill `count` elements of `size` (1, 2, 4, 8) bytes with the pattern lo/hi (little-endian 64-bit pattern as two u32). */
  fillPattern(dst: number, count: number, size: number, lo: number, hi: number): void;
  /** 1 if `count` elements of `size` bytes all equal the pattern. */
  allEqual(src: number, count: number, size: number, lo: number, hi: number): number;
  /** Byte-swap in place; `bytes` is a multiple of the element size. */
  swap16(ptr: number, bytes: number): void;
  swap32(ptr: number, bytes: number): void;
  swap64(ptr: number, bytes: number): void;
  /**
   * Strided to contiguous rows: dst row j (dstStride bytes apart) gets nx elements src[j*srcRow + i*srcStep]; srcRow and srcStep are in
   * bytes and may be negative. Fast for srcStep = size (copy) and for 2, 3, 4 interleaved samples of 1, 2 and 4 bytes.
   */
  gather(
    dst: number,
    dstStride: number,
    src: number,
    srcRow: number,
    srcStep: number,
    nx: number,
    ny: number,
    size: number,
  ): void;
  /** Three interleaved bytes a pixel to the rows of three planes, in one pass; srcRow may be negative. */
  split3(
    dst0: number,
    dst1: number,
    dst2: number,
    dstStride: number,
    src: number,
    srcRow: number,
    nx: number,
    ny: number,
  ): void;
  /** Contiguous rows to strided: the inverse of `gather`. */
  scatter(
    dst: number,
    dstRow: number,
    dstStep: number,
    src: number,
    srcStride: number,
    nx: number,
    ny: number,
    size: number,
  ): void;

  /**
   * Halve a plane in x and y: dst is ceil(w/2) × ceil(h/2); edge pixels average over what exists. Integers round half up
   * (floor((sum + n/2) / n)); floats are sums of values times 1/n in single (float) or double precision: columns first, then rows.
   * `type`: index in KERNEL_TYPES. `planes` 1, or 2 to average two planes `planeStride` bytes apart as well.
   */
  halveMean(
    type: number,
    dst: number,
    dstStride: number,
    src: number,
    srcStride: number,
    w: number,
    h: number,
    planes: number,
    planeStride: number,
  ): void;
  /** Same geometry; keeps the top-left pixel. `size` in bytes. */
  halveNearest(
    size: number,
    dst: number,
    dstStride: number,
    src: number,
    srcStride: number,
    w: number,
    h: number,
  ): void;
  /** Same geometry; the most frequent bit pattern of the block, the first in row order among equals. */
  halveMode(size: number, dst: number, dstStride: number, src: number, srcStride: number, w: number, h: number): void;
  /** Minimum and maximum of `rows` rows of `n` values as two doubles at `out` (NaN is skipped; an all-NaN input gives +Inf, -Inf). Merges with what is at `out`. */
  minMax(type: number, src: number, srcStride: number, n: number, rows: number, out: number): void;
  /**
   * Fold `n` values into the rows `low` and `high` (of `type`; `first`: begin them) and, where `inside`, add them to the doubles at `sum`.
   */
  agreeColumns(
    type: number,
    low: number,
    high: number,
    sum: number,
    src: number,
    n: number,
    first: boolean,
    inside: boolean,
  ): void;
  /**
   * For each of `nx` pixels the columns that `spans` gives it (two int32: from, to) and one more on each side: adds the number of pixels, of
   * those between the extremes, and the sums of a, b, aa, bb, ab (a: pixel, b: mean of its columns of `lines` values) to seven doubles at `out`.
   */
  agreeRow(
    type: number,
    small: number,
    nx: number,
    spans: number,
    low: number,
    high: number,
    sum: number,
    width: number,
    lines: number,
    rounding: number,
    out: number,
  ): void;

  /** Blosc/HDF5 byte shuffle of whole elements; the tail bytes % size are copied. */
  shuffle(dst: number, src: number, bytes: number, size: number): void;
  unshuffle(dst: number, src: number, bytes: number, size: number): void;
  /** Blosc bit shuffle (elements in multiples of 8; the rest is copied). */
  bitShuffle(dst: number, src: number, bytes: number, size: number): void;
  bitUnshuffle(dst: number, src: number, bytes: number, size: number): void;

  /** LZ4 block format. Returns compressed bytes, 0 if they would not fit in `capacity`. `acceleration` as in LZ4_compress_fast. */
  lz4Compress(dst: number, capacity: number, src: number, bytes: number, acceleration: number): number;
  /** Returns decoded bytes, or -1 for a broken stream or one that does not fit. */
  lz4Decompress(dst: number, capacity: number, src: number, bytes: number): number;
  /** BloscLZ (FastLZ level 1/2 derived), -1 when broken. */
  blosclzDecompress(dst: number, capacity: number, src: number, bytes: number): number;
  /** Snappy raw format, -1 when broken. */
  snappyDecompress(dst: number, capacity: number, src: number, bytes: number): number;
  /**
   * A whole Blosc-1 frame with LZ4 inside: shuffle (0 none, 1 byte, 2 bit), split streams as C-Blosc does for LZ4, blocks of `blockSize`
   * (0: the kernel's choice, at most 512 KiB). `dst` has room for bytes + 16, `scratch` for a block. Returns frame bytes; the frame is stored ('memcpyed') when it would not shrink.
   */
  bloscLz4(
    dst: number,
    src: number,
    bytes: number,
    typeSize: number,
    shuffle: number,
    level: number,
    blockSize: number,
    scratch: number,
  ): number;

  /**
   * Raw deflate stream, levels 0–9; the same bytes on every machine. `work`: scratch of `deflateWork()` bytes. Returns its bytes, 0 if
   * `capacity` is too small: bytes + bytes / 2000 + 64 always suffice.
   */
  deflate(dst: number, capacity: number, src: number, bytes: number, level: number, work: number): number;
  deflateWork(): number;
  /**
   * A raw deflate stream, to at most `capacity` bytes. Returns 0 done, 1 the input ends first, 2 it holds more, from 3 on: broken (reasons in
   * src/codecs/inflate.ts). `counts`: bytes written and bytes read, two u32. What lies behind the written bytes may change up to `capacity`.
   */
  inflate(dst: number, capacity: number, src: number, bytes: number, counts: number): number;

  /** TIFF LZW, MSB first, early change. `table`: scratch of 64 KiB. Returns decoded bytes (at most `capacity`), -1 when broken before. */
  lzwDecode(dst: number, capacity: number, src: number, bytes: number, table: number): number;
  /** Old-style (pre-1988, LSB first, no early change) TIFF LZW. */
  lzwDecodeOld(dst: number, capacity: number, src: number, bytes: number, table: number): number;
  /** `table`: scratch of 128 KiB. Returns bytes, 0 when `capacity` is too small. */
  lzwEncode(dst: number, capacity: number, src: number, bytes: number, table: number): number;
  /** Returns decoded bytes, at most `capacity`. */
  packbitsDecode(dst: number, capacity: number, src: number, bytes: number): number;
  /** Rows are packed one by one; `dst` has room for rows × (rowBytes + ceil(rowBytes / 128)). */
  packbitsEncode(dst: number, src: number, rowBytes: number, rows: number): number;

  /** Undo / apply TIFF predictor 2 in place on rows of `width` pixels × `samples` little-endian values of `size` bytes. */
  undoPredictor(ptr: number, rows: number, width: number, samples: number, size: number): void;
  applyPredictor(ptr: number, rows: number, width: number, samples: number, size: number): void;
  /** Undo TIFF predictor 3 (floating point, sizes 2, 3, 4, 8): `src` to little-endian values at `dst`. */
  undoFloatPredictor(dst: number, src: number, rows: number, width: number, samples: number, size: number): void;

  /**
   * Unpack `count` unsigned values of `bits` (1–31) a row, MSB first, rows starting on whole bytes, to u8 (bits ≤ 8), u16 (≤ 16) or u32,
   * little-endian. Rows are ceil(count·bits/8) bytes.
   */
  unpackBits(dst: number, src: number, rows: number, count: number, bits: number): void;
  /** The same with the first value in the lowest bits of the first byte. */
  unpackBitsLow(dst: number, src: number, rows: number, count: number, bits: number): void;
  /** Reverse the bits of each byte in place (TIFF FillOrder 2). */
  reverseBits(ptr: number, bytes: number): void;
  halfToFloat(dst: number, src: number, count: number): void;
  /** 3-byte little-endian floats (TIFF float24: 1 sign, 7 exponent, 16 mantissa bits). */
  float24ToFloat(dst: number, src: number, count: number): void;
  /** 3-byte little-endian integers to 4 bytes, sign-extended if `signed` is 1. */
  widen24(dst: number, src: number, count: number, signed: number): void;
  /** Table entry of `width` bytes for each of `count` indices of `size` 1 or 2 bytes; indices beyond the table give its last entry. */
  lookUp(dst: number, src: number, count: number, size: number, table: number, entries: number, width: number): void;
  /** One's complement or max-value inversion is the caller's choice: dst = mask - src for unsigned integers of `size` bytes, in place. */
  invert(ptr: number, count: number, size: number, mask: number): void;
  /** As a signed 32-bit number: use >>> 0. */
  crc32c(ptr: number, bytes: number): number;
  /** Fletcher-32 of HDF5 (16-bit words read big-endian); as a signed 32-bit number. */
  fletcher32(ptr: number, bytes: number): number;
  /** As a signed 32-bit number. */
  adler32(ptr: number, bytes: number): number;
  /** Low 32 bits of XXH64, seed 0 (Zstandard's checksum); as a signed 32-bit number. */
  xxh64(ptr: number, bytes: number): number;

  /** JPEG decoding: parameter blocks are laid out by src/codecs/jpeg, fields in assembly/jpeg/state.ts. Results 0 done, 1 short, 2 broken. */
  jpegHuffman(table: number, counts: number, symbols: number): number;
  jpegSequential(state: number): number;
  jpegScan(state: number): number;
  jpegRender(state: number): void;
  jpegLossless(state: number): void;
  /**
   * RGB to luma and chroma planes (JFIF), chroma as the mean of 2 × 2 pixels with `half`. `width` is a multiple of 16, `rows` even with `half`.
   * A chroma plane has `stride` bytes a row, or half of that. `plane`: bytes between the colours of the source, 0 where they are interleaved.
   */
  jpegPlanes(
    y: number,
    cb: number,
    cr: number,
    stride: number,
    src: number,
    srcStride: number,
    plane: number,
    width: number,
    rows: number,
    half: number,
  ): void;
  /** Scan of a baseline JPEG: `state` is laid out by src/codecs/jpeg/encode.ts. Returns the end of the output, 0 where its room is too small. */
  jpegEncode(state: number): number;

  /** One scan of JPEG-LS: fields of the parameter block in assembly/jpegls/scan.ts. */
  jpeglsScan(state: number): void;

  /** JPEG 2000 decoding, called by src/codecs/jpeg2000 alone: see assembly/jpeg2000. */
  j2kBlockMemory(w: number, h: number): number;
  j2kBlock(
    memory: number,
    data: number,
    segments: number,
    count: number,
    w: number,
    h: number,
    orientation: number,
    planes: number,
    style: number,
    region: number,
    dst: number,
    stride: number,
    step: number,
  ): void;
  j2kSynthesisMemory(w: number, h: number): number;
  j2kSynthesise(
    plane: number,
    stride: number,
    w: number,
    h: number,
    x0: number,
    y0: number,
    float: number,
    scratch: number,
  ): void;
  j2kEncodeBlock(
    memory: number,
    src: number,
    stride: number,
    w: number,
    h: number,
    orientation: number,
    dst: number,
    passes: number,
    result: number,
  ): void;
  j2kLoad(
    dst: number,
    src: number,
    n: number,
    step: number,
    size: number,
    signed: number,
    shift: number,
    float: number,
  ): void;
  j2kForwardColor(p0: number, p1: number, p2: number, n: number, float: number): void;
  j2kAnalyse(plane: number, stride: number, w: number, h: number, float: number, scratch: number): void;
  j2kQuantise(plane: number, stride: number, w: number, h: number, inverseStep: number): void;
  j2kColor(p0: number, p1: number, p2: number, n: number, float: number): void;
  j2kStore(
    dst: number,
    step: number,
    size: number,
    src: number,
    limit: number,
    repeat: number,
    skip: number,
    float: number,
    shift: number,
    low: number,
    high: number,
  ): void;
}

/** `type` arguments are indices into this list. */
export const KERNEL_TYPES: readonly PixelType[] = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float',
  'double',
];

/** Kernels with their memory: an arena for long-lived buffers and a growing scratch area for codecs. */
export interface Kernels {
  readonly x: KernelExports;
  /** 64-byte aligned, kept until `reset`. May grow memory: views taken before are dead, take them again. */
  alloc(bytes: number): number;
  /**
   * Named scratch buffer of at least this size, kept and reused under its name; grows when asked for more (its contents are then lost).
   * May grow memory.
   */
  scratch(name: string, bytes: number): number;
  /** Fresh view on current memory. */
  view(ptr: number, bytes: number): Uint8Array;
  /** True if the array lies in kernel memory right now. */
  owns(array: Uint8Array): boolean;
  /** Pointer to the bytes: their own if they lie in kernel memory, else a copy in scratch `name`. */
  place(array: Uint8Array, name: string): number;
  /** Forget every buffer, scratch too; memory itself is kept for reuse. */
  reset(): void;
  /** Bytes of memory in use. */
  readonly size: number;
}
