// What the WebP codec knows about chunks, for readers.

export { readWebp } from '../../codecs/webp/chunks.js';
