// What the JPEG codec knows about marker segments, for readers.

export { emptyTables, type JpegFrame, linesFromDnl, readSegments } from '../../codecs/jpeg/stream.js';
