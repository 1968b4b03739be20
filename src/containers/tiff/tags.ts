// Tag numbers and field types of TIFF 6.0, its supplements and the private tags that microscopes use.

/** Field types: TIFF 6.0, Section 2; 13 of Adobe PageMaker 6; 16–18 of BigTIFF. */
export const TYPE_BYTES: Readonly<Record<number, number>> = {
  1: 1, // BYTE
  2: 1, // ASCII
  3: 2, // SHORT
  4: 4, // LONG
  5: 8, // RATIONAL
  6: 1, // SBYTE
  7: 1, // UNDEFINED
  8: 2, // SSHORT
  9: 4, // SLONG
  10: 8, // SRATIONAL
  11: 4, // FLOAT
  12: 8, // DOUBLE
  13: 4, // IFD
  16: 8, // LONG8
  17: 8, // SLONG8
  18: 8, // IFD8
};

export const TAG = {
  NewSubfileType: 254,
  SubfileType: 255,
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  Photometric: 262,
  FillOrder: 266,
  DocumentName: 269,
  ImageDescription: 270,
  Make: 271,
  Model: 272,
  StripOffsets: 273,
  Orientation: 274,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  XResolution: 282,
  YResolution: 283,
  PlanarConfiguration: 284,
  PageName: 285,
  XPosition: 286,
  YPosition: 287,
  T4Options: 292,
  T6Options: 293,
  ResolutionUnit: 296,
  Software: 305,
  DateTime: 306,
  Artist: 315,
  HostComputer: 316,
  Predictor: 317,
  ColorMap: 320,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  SubIFDs: 330,
  InkSet: 332,
  ExtraSamples: 338,
  SampleFormat: 339,
  JpegTables: 347,
  JpegProc: 512,
  JpegInterchangeFormat: 513,
  JpegInterchangeFormatLength: 514,
  JpegRestartInterval: 515,
  JpegLosslessPredictors: 517,
  JpegPointTransforms: 518,
  JpegQTables: 519,
  JpegDCTables: 520,
  JpegACTables: 521,
  YCbCrCoefficients: 529,
  YCbCrSubSampling: 530,
  YCbCrPositioning: 531,
  ReferenceBlackWhite: 532,
  ImageDepth: 32997,
  TileDepth: 32998,
  Copyright: 33432,
  ExifIfd: 34665,
  GpsIfd: 34853,
  InteropIfd: 40965,
  GeoKeyDirectory: 34735,
  GdalMetadata: 42112,
  GdalNodata: 42113,
  ImageJMetadataByteCounts: 50838,
  ImageJMetadata: 50839,
  LercParameters: 50674,
} as const;

/** Names for metadata listings; a tag that is not here is listed as `Tag 12345`. */
const NAMES: Readonly<Record<number, string>> = {
  ...Object.fromEntries(Object.entries(TAG).map(([name, tag]) => [tag, name])),
  262: 'PhotometricInterpretation',
  263: 'Threshholding',
  264: 'CellWidth',
  265: 'CellLength',
  280: 'MinSampleValue',
  281: 'MaxSampleValue',
  288: 'FreeOffsets',
  289: 'FreeByteCounts',
  290: 'GrayResponseUnit',
  291: 'GrayResponseCurve',
  297: 'PageNumber',
  301: 'TransferFunction',
  318: 'WhitePoint',
  319: 'PrimaryChromaticities',
  321: 'HalftoneHints',
  333: 'InkNames',
  334: 'NumberOfInks',
  336: 'DotRange',
  337: 'TargetPrinter',
  340: 'SMinSampleValue',
  341: 'SMaxSampleValue',
  342: 'TransferRange',
  700: 'XMP',
  33550: 'ModelPixelScale',
  33723: 'IPTC',
  33922: 'ModelTiepoint',
  34377: 'Photoshop',
  34675: 'ICCProfile',
  34736: 'GeoDoubleParams',
  34737: 'GeoAsciiParams',
};

export function tagName(tag: number): string {
  return NAMES[tag] ?? `Tag ${tag}`;
}
