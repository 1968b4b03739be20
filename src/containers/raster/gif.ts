// What the GIF codec knows about structure, for readers.

export { type GifFrame, type GifStream, isGif, readGif } from '../../codecs/gif/blocks.js';
