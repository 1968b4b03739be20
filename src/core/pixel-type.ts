// Pixel types: the OME spelling (2016-06 PixelType), plus the 64-bit integers, which OME-Zarr can hold and OME-XML cannot name.

export type PixelType =
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'uint64'
  | 'int64'
  | 'float'
  | 'double';

/** Values of a region in C order t, c, z, y, x, native byte order. */
export type PixelData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

const BYTES: Readonly<Record<PixelType, 1 | 2 | 4 | 8>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float: 4,
  double: 8,
};

/** Bytes of one sample. */
export function bytesPerSample(type: PixelType): 1 | 2 | 4 | 8 {
  return BYTES[type];
}

/** View bytes as typed values; copies only where the bytes are not aligned. */
export function asPixels(bytes: Uint8Array, type: PixelType): PixelData {
  const size = BYTES[type];
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  const n = Math.floor(aligned.byteLength / size);
  switch (type) {
    case 'uint8':
      return new Uint8Array(buffer, byteOffset, n);
    case 'int8':
      return new Int8Array(buffer, byteOffset, n);
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, n);
    case 'int16':
      return new Int16Array(buffer, byteOffset, n);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, n);
    case 'int32':
      return new Int32Array(buffer, byteOffset, n);
    case 'uint64':
      return new BigUint64Array(buffer, byteOffset, n);
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, n);
    case 'float':
      return new Float32Array(buffer, byteOffset, n);
    case 'double':
      return new Float64Array(buffer, byteOffset, n);
  }
}

/** Lowest and highest value that an integer type holds; undefined for floating point. 64-bit limits are rounded to doubles. */
export function integerRange(type: PixelType): readonly [min: number, max: number] | undefined {
  if (type === 'float' || type === 'double') return undefined;
  const bits = BYTES[type] * 8;
  return type.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
