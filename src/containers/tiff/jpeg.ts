// JPEG inside TIFF (TIFF Technical Note 2): the tables that tiles share.

export { jpegTables } from '../../codecs/jpeg/tables.js';
