// The Image Pixel module (DICOM PS3.3 C.7.6.3): what one frame holds.

import { formatError, unsupported } from '../../core/errors.js';
import type { PixelType } from '../../core/pixel-type.js';
import type { DicomFile } from './file.js';
import { TAG } from './tags.js';

export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  /** Stored samples a pixel: 1, 3, 4. */
  readonly samples: number;
  readonly photometric: string;
  /** Uncompressed samples are stored plane by plane. */
  readonly planar: boolean;
  /** Bits of a stored sample: 1, 8, 12, 16, 32, 64. */
  readonly allocated: number;
  readonly stored: number;
  /** Bits below the lowest stored bit. */
  readonly shift: number;
  readonly signed: boolean;
  readonly type: PixelType;
  readonly frames: number;
}

const INTEGERS: Readonly<Record<number, readonly [unsigned: PixelType, signed: PixelType]>> = {
  1: ['uint8', 'int8'],
  2: ['uint16', 'int16'],
  4: ['uint32', 'int32'],
  8: ['uint64', 'int64'],
};

/** Pixel type of whole numbers that need this many bits. */
export function integerType(bits: number, signed: boolean): PixelType {
  const bytes = bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8;
  return INTEGERS[bytes]![signed ? 1 : 0];
}

/** True for data sets that describe an image. */
export function hasImage(file: DicomFile): boolean {
  return file.data.number(TAG.Rows) !== undefined && file.data.number(TAG.Columns) !== undefined;
}

/** Errors: format DICOM_PIXELS; unsupported DICOM_BITS. */
export function pixelFormat(file: DicomFile): PixelFormat {
  const { data, name } = file;
  const number = (tag: number, missing: number): number => data.number(tag) ?? missing;
  const rows = number(TAG.Rows, 0);
  const columns = number(TAG.Columns, 0);
  const samples = number(TAG.SamplesPerPixel, 1);
  const frames = number(TAG.NumberOfFrames, 1) || 1;
  const where = { file: name };
  if (!(rows > 0) || !(columns > 0)) {
    throw formatError('DICOM_PIXELS', `${name}: an image of ${columns} × ${rows} pixels`, where);
  }
  if (!(frames >= 1 && Number.isSafeInteger(frames))) {
    throw formatError('DICOM_PIXELS', `${name}: ${frames} frames`, where);
  }
  if (!(samples >= 1 && samples <= 255)) {
    throw formatError('DICOM_PIXELS', `${name}: ${samples} samples a pixel`, where);
  }
  const common = {
    rows,
    columns,
    samples,
    frames,
    photometric: (data.text(TAG.PhotometricInterpretation) ?? (samples === 3 ? 'RGB' : 'MONOCHROME2')).toUpperCase(),
    planar: samples > 1 && number(TAG.PlanarConfiguration, 0) === 1,
  };
  const tag = file.pixels?.tag;
  if (tag === TAG.FloatPixelData) {
    return { ...common, allocated: 32, stored: 32, shift: 0, signed: true, type: 'float' };
  }
  if (tag === TAG.DoubleFloatPixelData) {
    return { ...common, allocated: 64, stored: 64, shift: 0, signed: true, type: 'double' };
  }
  const allocated = number(TAG.BitsAllocated, 16);
  const known = allocated === 64 || (allocated >= 1 && allocated <= 32);
  const whole = allocated <= 8 || allocated % 8 === 0 || allocated === 12;
  if (!known || !whole || allocated === 24) {
    throw unsupported('DICOM_BITS', `${name}: ${allocated} bits a sample are not supported`, where);
  }
  const stated = number(TAG.BitsStored, allocated);
  const stored = stated >= 1 && stated <= allocated ? stated : allocated;
  const high = number(TAG.HighBit, stored - 1);
  const shift = high >= stored - 1 && high < allocated ? high - stored + 1 : 0;
  const signed = number(TAG.PixelRepresentation, 0) === 1;
  return { ...common, allocated, stored, shift, signed, type: integerType(allocated, signed) };
}

/** Bits of one uncompressed frame. */
export function frameBits(format: PixelFormat): number {
  const { rows, columns, samples, allocated, photometric } = format;
  // Two pixels share their chroma: Y1 Y2 Cb Cr.
  if (isHalved(photometric) && samples === 3) return rows * Math.ceil(columns / 2) * 4 * allocated;
  return rows * columns * samples * allocated;
}

/** Chroma stored for every second pixel of a row, where the pixels are not compressed. */
export function isHalved(photometric: string): boolean {
  return photometric === 'YBR_FULL_422' || photometric === 'YBR_PARTIAL_422';
}
