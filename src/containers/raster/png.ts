// What the PNG codec knows about headers, for readers.

export { type PngHeader, readHeader, samplesOf } from '../../codecs/png/chunks.js';
