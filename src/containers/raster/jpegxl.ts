// What the JPEG XL codec knows about headers, for readers.

export { type JxlHeader, readHeader } from '../../codecs/jpegxl/header.js';
