// Everything that the module exports; described in ../kernels.ts. No allocation, no garbage collector: callers own all memory.

export { copyRows, fillPattern, allEqual } from './copy';
export { swap16, swap32, swap64 } from './swap';
export { gather, scatter } from './gather';
export { halveMean } from './halve';
export { halveNearest, halveMode } from './pick';
export { minMax } from './minmax';

export { jpegHuffman, jpegSequential, jpegScan, jpegRender } from './jpeg/decode';
export { jpegLossless } from './jpeg/lossless';

/** First byte behind static data. */
export { __heap_base };
