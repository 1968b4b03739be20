// Every codec by the id that chains name. Modules load on first use.

import type { Codec, CodecTable } from './contract.js';

type Entry = readonly [id: string, load: () => Promise<Codec>];

const byteCodecs: readonly Entry[] = [
  ['deflate', async () => (await import('./deflate.js')).deflate],
  ['zlib', async () => (await import('./deflate.js')).zlib],
  ['gzip', async () => (await import('./deflate.js')).gzip],
  ['zstd', async () => (await import('./zstd.js')).loadZstd()],
  ['lz4', async () => (await import('./lz4.js')).lz4],
  ['blosc', async () => (await import('./blosc.js')).loadBlosc()],
  ['lzw', async () => (await import('./lzw.js')).lzw],
  ['lzw-old', async () => (await import('./lzw.js')).lzwOld],
  ['packbits', async () => (await import('./packbits.js')).packbits],
  ['predictor', async () => (await import('./predictor.js')).predictor],
  ['float-predictor', async () => (await import('./predictor.js')).floatPredictor],
  ['endian', async () => (await import('./layout.js')).endian],
  ['shuffle', async () => (await import('./layout.js')).shuffle],
  ['unshuffle', async () => (await import('./layout.js')).unshuffle],
  ['bitshuffle', async () => (await import('./layout.js')).bitshuffle],
  ['reverse-bits', async () => (await import('./layout.js')).reverseBits],
  ['bits', async () => (await import('./samples.js')).bits],
  ['half', async () => (await import('./samples.js')).half],
  ['float24', async () => (await import('./samples.js')).float24],
  ['int24', async () => (await import('./samples.js')).int24],
  ['invert', async () => (await import('./samples.js')).invert],
  ['lut', async () => (await import('./samples.js')).lut],
  ['crc32c', async () => (await import('./checksum.js')).crc32c],
  ['fletcher32', async () => (await import('./checksum.js')).fletcher32],
  ['base64', async () => (await import('./base64.js')).base64],
  ['slice', async () => (await import('./bytes.js')).slice],
  ['skip', async () => (await import('./bytes.js')).skip],
  ['prefix', async () => (await import('./bytes.js')).prefix],
];

/** Plain arrays that are packed or written as text. */
const arrayCodecs: readonly Entry[] = [
  ['rice', async () => (await import('./rice.js')).rice],
  ['bzip2', async () => (await import('./bzip2.js')).bzip2],
  ['ascii', async () => (await import('./text-numbers.js')).ascii],
  ['hex', async () => (await import('./text-numbers.js')).hex],
];

/** Codecs whose blocks are images of their own. */
const imageCodecs: readonly Entry[] = [
  ['jpeg', async () => (await import('./jpeg.js')).jpeg],
  ['jpeg12', async () => (await import('./jpeg.js')).jpeg12],
  ['jpeg-lossless', async () => (await import('./jpeg.js')).jpegLossless],
  ['old-jpeg', async () => (await import('./jpeg.js')).oldJpeg],
  ['bmp-rle', async () => (await import('./bmp.js')).bmpRle],
  ['bmp-rows', async () => (await import('./bmp.js')).bmpRows],
  ['ccitt', async () => (await import('./ccitt.js')).ccitt],
  ['dicom-rle', async () => (await import('./dicom-rle.js')).dicomRle],
  ['gif', async () => (await import('./gif.js')).gif],
  ['htj2k', async () => (await import('./htj2k.js')).htj2k],
  ['jpeg2000', async () => (await import('./jpeg2000.js')).jpeg2000],
  ['jpegls', async () => (await import('./jpegls.js')).jpegls],
  ['jpegxr', async () => (await import('./jpegxr.js')).jpegxr],
  ['jpegxl', async () => (await import('./jpegxl.js')).jpegxl],
  ['lerc', async () => (await import('./lerc.js')).lerc],
  ['png', async () => (await import('./png.js')).png],
  ['plain-numbers', async () => (await import('./plain-numbers.js')).plainNumbers],
  ['ico', async () => (await import('./ico.js')).ico],
  ['pcx', async () => (await import('./pcx.js')).pcx],
  ['rgbe', async () => (await import('./rgbe.js')).rgbe],
  ['sgi-rle', async () => (await import('./sgi-rle.js')).sgiRle],
  ['tga', async () => (await import('./tga.js')).tga],
  ['webp', async () => (await import('./webp.js')).webp],
];

/** Sample encodings that only TIFF has. */
const tiffCodecs: readonly Entry[] = [
  ['mask', async () => (await import('./mask.js')).mask],
  ['ycbcr', async () => (await import('./ycbcr.js')).ycbcr],
  ['thunderscan', async () => (await import('./thunderscan.js')).thunderscan],
];

/** LZMA, filters of Zarr (numcodecs) and HDF5, N5 blocks, computed pixels. */
const zarrCodecs: readonly Entry[] = [
  ['xz', async () => (await import('./xz.js')).xz],
  ['checksum', async () => (await import('./checksum.js')).checksum],
  ['delta', async () => (await import('./number-filters.js')).delta],
  ['scale-offset', async () => (await import('./number-filters.js')).scaleOffset],
  ['cast', async () => (await import('./number-filters.js')).cast],
  ['unpack-bool', async () => (await import('./number-filters.js')).unpackBool],
  ['n5', async () => (await import('./n5.js')).n5],
  ['n5-edge', async () => (await import('./n5.js')).n5Edge],
  ['lzf', async () => (await import('./hdf5.js')).lzf],
  ['hdf5-scale-offset', async () => (await import('./hdf5.js')).hdf5ScaleOffset],
  ['hdf5-lz4', async () => (await import('./hdf5.js')).hdf5Lz4],
  ['hdf5-bitshuffle', async () => (await import('./hdf5.js')).loadHdf5Bitshuffle()],
  ['fake', async () => (await import('./fake.js')).fake],
];

export const codecTable: CodecTable = new Map([
  ...byteCodecs,
  ...arrayCodecs,
  ...imageCodecs,
  ...tiffCodecs,
  ...zarrCodecs,
]);
