// Rules of TIFF and OME-TIFF.

import { all } from './rule.js';

export const TIFF = all('OME-TIFF specification; TIFF 6.0; BigTIFF', {
  TIFF_HEADER: ['error', 'Write the file again: its header is broken or was never finished.', 'TIFF 6.0, section 2'],
  TIFF_IFD: ['error', 'Write the file again: a directory is broken.', 'TIFF 6.0, section 2'],
  TIFF_IFD_LOOP: ['error', 'Let the chain of directories end.', 'TIFF 6.0, section 2'],
  TIFF_TRUNCATED: ['error', 'Copy the file again: it ends before it should.', 'TIFF 6.0, section 2'],
  TIFF_TAG: ['error', 'Correct the tag.', 'TIFF 6.0, section 2'],
  TIFF_PAGE: ['error', 'Correct the tags that describe the page.', 'TIFF 6.0, sections 3 to 8'],
  TIFF_SAMPLE: ['error', 'Use 8, 16 or 32-bit integers, or 32 or 64-bit floating point.', 'TIFF 6.0, section 19'],
  TIFF_BLOCK_COUNT: ['error', 'Give an offset and a byte count for each tile or strip.', 'TIFF 6.0, sections 3 and 15'],
  TIFF_BLOCK_RANGE: [
    'error',
    'Write the file again: a tile or strip lies outside of it.',
    'TIFF 6.0, sections 3 and 15',
  ],
  TIFF_BLOCK_ABSENT: [
    'warning',
    'Write all tiles: the specification promises no meaning to absent ones.',
    'OME-TIFF specification',
  ],
  TIFF_BLOCK_BYTES: ['error', 'Write the tile or strip in full.', 'TIFF 6.0, sections 3 and 15'],
  TIFF_BLOCK_BROKEN: ['error', 'Write the tile or strip again: it does not decode.', 'TIFF 6.0, sections 3 and 15'],
  TIFF_TILE_SIZE: ['warning', 'Use tile sizes that are multiples of 16.', 'TIFF 6.0, section 15'],
  TIFF_PREDICTOR: ['warning', 'Use predictor 1 or 2: Bio-Formats refuses others.', 'TIFF 6.0, section 14'],
  TIFF_COMPRESSION: [
    'warning',
    'Use none, LZW, deflate, JPEG or JPEG 2000: few readers know others.',
    'OME-TIFF specification',
  ],
  OMETIFF_XML: ['error', 'Put OME-XML into the ImageDescription of the first directory.', 'OME-TIFF specification'],
  OMETIFF_SIZE: ['error', 'Let SizeX and SizeY be the size in the tags of every plane.', 'OME-TIFF specification'],
  OMETIFF_TYPE: ['error', 'Let Type be the type that BitsPerSample and SampleFormat say.', 'OME-TIFF specification'],
  OMETIFF_BITS: ['warning', 'Let SignificantBits be at most the stored bits.', 'OME data model 2016-06, Pixels'],
  OMETIFF_SAMPLES: [
    'error',
    'Let SamplesPerPixel of the channels be that of the directories.',
    'OME-TIFF specification',
  ],
  OMETIFF_ENDIAN: ['info', 'Let BigEndian be the byte order of the file.', 'OME data model 2016-06, Pixels'],
  OMETIFF_IFD: ['error', 'Let TiffData name directories that exist.', 'OME-TIFF specification, TiffData'],
  OMETIFF_COVERAGE: ['error', 'Let TiffData give each plane one directory.', 'OME-TIFF specification, TiffData'],
  OMETIFF_OVERLAP: [
    'error',
    'Let TiffData give each plane one directory, and each directory to one plane.',
    'OME-TIFF specification, TiffData',
  ],
  OMETIFF_EXTRA: ['info', 'Describe all directories, or leave them out.', 'OME-TIFF specification, TiffData'],
  OMETIFF_STORAGE: ['error', 'Describe pixels of a TIFF by TiffData.', 'OME-TIFF specification, TiffData'],
  OMETIFF_UUID: [
    'error',
    'Let the UUID in TiffData be that of the file it names.',
    'OME-TIFF specification, "Distributed metadata"',
  ],
  OMETIFF_UUID_MISSING: [
    'warning',
    'Give the root element a UUID, so that the set can be put together.',
    'OME-TIFF specification, "Distributed metadata"',
  ],
  OMETIFF_MEMBER: [
    'error',
    'Put the file of the set beside this one, under the name that the XML says.',
    'OME-TIFF specification, "Distributed metadata"',
  ],
  OMETIFF_MASTER: ['error', 'Put the master or companion file beside this one.', 'OME-TIFF specification, BinaryOnly'],
  OMETIFF_SUBIFD: [
    'error',
    'Write the sub-resolution, or take it out of tag 330.',
    'OME-TIFF specification, sub-resolutions',
  ],
  OMETIFF_SUBIFD_COUNT: [
    'error',
    'Give every plane of an image the same number of sub-resolutions, of the same sizes.',
    'OME-TIFF specification, sub-resolutions',
  ],
  OMETIFF_SUBIFD_SIZE: [
    'error',
    'List sub-resolutions from the largest to the smallest, all smaller than the image.',
    'OME-TIFF specification, sub-resolutions',
  ],
  OMETIFF_SUBIFD_TYPE: [
    'error',
    'Store sub-resolutions with the samples and the type of the image.',
    'OME-TIFF specification, sub-resolutions',
  ],
  OMETIFF_SUBIFD_FLAG: [
    'info',
    'Set bit 0 of NewSubfileType in sub-resolutions.',
    'OME-TIFF specification, sub-resolutions',
  ],
  OMETIFF_LEVEL_PIXELS: [
    'error',
    'Compute the sub-resolution again: its pixels are not those of the same picture.',
    'OME-TIFF specification, sub-resolutions',
  ],
});
