// Rules of Zarr itself, and of archives that hold it.

import { all } from './rule.js';

export const ZARR = all('Zarr v2; Zarr core v3', {
  ZARR_NONE: ['error', 'Name a Zarr group or array: a folder or archive with zarr.json, .zgroup or .zarray.'],
  ZARR_JSON: ['error', 'Write the metadata as plain JSON.', 'RFC 8259'],
  ZARR_JSON_NAN: [
    'error',
    'Write NaN and Infinity as strings where Zarr allows them, and leave them out elsewhere.',
    'RFC 8259, section 6',
  ],
  ZARR_VERSION: ['error', 'Set zarr_format to the number that belongs to the metadata file: 2 or 3.'],
  ZARR_GROUP: [
    'error',
    'Write group metadata (.zgroup, or zarr.json with node_type "group") into every folder between the root and an array.',
    'Zarr v2, "Groups"; Zarr core v3, "Group metadata"',
  ],
  ZARR_NODE: ['error', 'Make this path an array, or correct what refers to it.'],
  ZARR_KEYS: [
    'error',
    'Write all keys that array metadata needs.',
    'Zarr v2, "Metadata"; Zarr core v3, "Array metadata"',
  ],
  ZARR_SHAPE: [
    'error',
    'Give shape and chunks as whole numbers, one a dimension.',
    'Zarr v2, "Metadata"; Zarr core v3, "shape"',
  ],
  ZARR_CHUNK_SIZE: ['warning', 'Choose smaller chunks: readers decode a chunk as a whole.'],
  ZARR_CHUNK_GRID: ['warning', 'Use the regular chunk grid, which every reader knows.', 'Zarr core v3, "Chunk grids"'],
  ZARR_CHUNK_KEYS: [
    'error',
    'Use the chunk key encoding "default" or "v2" with the separator "/" or ".".',
    'Zarr core v3, "Chunk key encoding"',
  ],
  ZARR_ORDER: ['error', 'Set order to "C" or "F".', 'Zarr v2, "Metadata"'],
  ZARR_DATA_TYPE: [
    'warning',
    'Store pixels as integers or floating point numbers.',
    'Zarr v2, "Data type encoding"; Zarr core v3, "Data types"',
  ],
  ZARR_FILL_VALUE: [
    'error',
    'Give a fill value that the data type can hold.',
    'Zarr v2, "Fill value encoding"; Zarr core v3, "Fill value"',
  ],
  ZARR_CODEC: [
    'error',
    'Use registered codecs with complete parameters, such as bytes, blosc, zstd or gzip.',
    'Zarr v2, "Filters"; Zarr core v3, "Codecs"',
  ],
  ZARR_CODEC_RARE: [
    'warning',
    'Use a codec that every reader knows: blosc, zstd, gzip or zlib.',
    'Zarr core v3, "Codecs"',
  ],
  ZARR_SHARD: ['error', 'Let the inner chunks divide the shard exactly.', 'Zarr sharding_indexed codec 1.0'],
  ZARR_EXTENSION: [
    'error',
    'Leave unknown keys out, or mark them with "must_understand": false.',
    'Zarr core v3, "Extension points"',
  ],
  ZARR_DIMENSION_NAMES: [
    'error',
    'Give dimension_names one string or null a dimension.',
    'Zarr core v3, "dimension_names"',
  ],
  ZARR_EMPTY: ['error', 'Give every dimension at least one element: images without pixels cannot be shown.'],
  ZARR_CONSOLIDATED: [
    'error',
    'Write the consolidated metadata anew, or drop it: readers that use it see other metadata.',
    'Zarr v2 consolidated metadata; Zarr v3 consolidated_metadata',
  ],
  ZARR_CHUNKS_ABSENT: [
    'info',
    'Make sure that the pixels of absent chunks are meant to be fill value.',
    'Zarr v2, "Storing chunks"; Zarr core v3, "Chunk grids"',
  ],
  ZARR_NO_CHUNKS: [
    'warning',
    'Write the chunks: every pixel of this array is fill value.',
    'Zarr v2, "Storing chunks"; Zarr core v3, "Chunk grids"',
  ],
  REMOTE_SAMPLED: [
    'info',
    'Check a copy on a disk: a server cannot list chunks, and only some of this array were asked for.',
    'imgconv',
  ],
  ZARR_CHUNK_STRAY: [
    'warning',
    'Remove files outside the chunk grid, or correct shape and chunk keys.',
    'Zarr core v3, "Chunk key encoding"',
  ],
  ZARR_CHUNK_BYTES: [
    'error',
    'Write the chunk again: it cannot hold what its codecs promise.',
    'Zarr core v3, "Codecs"',
  ],
  ZARR_CHUNK_BROKEN: [
    'error',
    'Write the chunk again: it does not decode to the pixels that the array promises.',
    'Zarr core v3, "Codecs"',
  ],
  SHARD_INDEX: [
    'error',
    'Write the shard again: its index is broken.',
    'Zarr sharding_indexed codec 1.0, "Binary shard format"',
  ],
  SHARD_CHECKSUM: [
    'error',
    'Write the shard again: the checksum of its index does not match.',
    'Zarr sharding_indexed codec 1.0, "Binary shard format"',
  ],
  SHARD_RANGE: [
    'error',
    'Write the shard again: its index points outside of it.',
    'Zarr sharding_indexed codec 1.0, "Binary shard format"',
  ],
  ZIP_BROKEN: ['error', 'Make the archive again.', 'PKWARE APPNOTE 6.3.10'],
  ZIP_PACKED: [
    'warning',
    'Store the entries without compression: chunks are compressed already, and shards must be read in part.',
    'OME-NGFF RFC-9',
  ],
  ZIP_ROOT: ['warning', 'Put zarr.json at the root of the archive, without a folder around it.', 'OME-NGFF RFC-9'],
  ZIP_ORDER: ['info', "Put the zarr.json files first, the root's before all others.", 'OME-NGFF RFC-9'],
  PATH_ESCAPES: ['error', 'Use paths inside the hierarchy.', 'OME-NGFF 0.5, "Storage format"'],
  LIMIT: [
    'warning',
    'Raise the limit, or check a smaller part: this was too large to be checked.',
    'limits of imgconv',
  ],
});
