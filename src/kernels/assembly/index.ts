// Everything that the module exports; described in ../kernels.ts. No allocation, no garbage collector: callers own all memory.

export { copyRows, fillPattern, allEqual } from './copy';
export { swap16, swap32, swap64 } from './swap';
export { gather, scatter, split3 } from './gather';
export { halveMean } from './halve';
export { halveNearest, halveMode } from './pick';
export { minMax } from './minmax';
export { agreeColumns, agreeRow } from './agree';

export { jpegHuffman, jpegSequential, jpegScan, jpegRender } from './jpeg/decode';
export { jpegLossless } from './jpeg/lossless';
export { jpegPlanes } from './jpeg/planes';
export { jpegEncode } from './jpeg/encode';
export { jpeglsScan } from './jpegls/scan';
export { j2kBlock, j2kBlockMemory } from './jpeg2000/block';
export { j2kSynthesise, j2kSynthesisMemory } from './jpeg2000/wavelet';
export { j2kColor, j2kStore } from './jpeg2000/pixels';
export { j2kEncodeBlock } from './jpeg2000/encode';
export { j2kLoad, j2kForwardColor, j2kAnalyse, j2kQuantise } from './jpeg2000/forward';

/** First byte behind static data. */
export { __heap_base };
export { shuffle, unshuffle } from './shuffle';
export { bitShuffle, bitUnshuffle } from './bitshuffle';
export { undoPredictor, applyPredictor, undoFloatPredictor } from './predictor';
export { unpackBits, unpackBitsLow, reverseBits, halfToFloat, float24ToFloat, widen24, invert, lookUp } from './bits';
export { crc32c, fletcher32, xxh64, adler32 } from './checksum';
export { lz4Compress, lz4Decompress } from './lz4';
export { blosclzDecompress, snappyDecompress } from './lz-others';
export { bloscLz4 } from './blosc';
export { lzwDecode, lzwDecodeOld, lzwEncode } from './lzw';
export { deflate, deflateWork } from './deflate';
export { inflate } from './inflate';
export { packbitsDecode, packbitsEncode } from './packbits';
