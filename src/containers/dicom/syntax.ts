// Transfer syntaxes (DICOM PS3.5 chapter 10, PS3.6 Annex A).

/** How encapsulated frames are coded. */
export type FrameCoding = 'jpeg' | 'jpeg-lossless' | 'jpegls' | 'jpeg2000' | 'htj2k' | 'jpegxl' | 'rle' | 'deflate';

export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  /** The whole data set is one raw deflate stream. */
  readonly deflated?: boolean;
  /** Undefined: pixels are stored as they are. */
  readonly coding?: FrameCoding;
  /** Frames are coded without loss by the syntax itself. */
  readonly lossless?: boolean;
  /** Known and not readable: video, JPIP, obsolete JPEG processes. */
  readonly refused?: boolean;
}

const BASE = '1.2.840.10008.1.2';

function plain(uid: string, name: string, explicit: boolean, littleEndian: boolean, deflated = false): TransferSyntax {
  return { uid: BASE + uid, name, explicit, littleEndian, deflated };
}

function coded(uid: string, name: string, coding: FrameCoding, lossless = false): TransferSyntax {
  return { uid: BASE + uid, name, explicit: true, littleEndian: true, coding, lossless };
}

const SYNTAXES: readonly TransferSyntax[] = [
  plain('', 'Implicit VR Little Endian', false, true),
  plain('.1', 'Explicit VR Little Endian', true, true),
  plain('.1.98', 'Encapsulated Uncompressed Explicit VR Little Endian', true, true),
  plain('.1.99', 'Deflated Explicit VR Little Endian', true, true, true),
  plain('.2', 'Explicit VR Big Endian', true, false),
  coded('.4.50', 'JPEG Baseline (Process 1)', 'jpeg'),
  coded('.4.51', 'JPEG Extended (Process 2 and 4)', 'jpeg'),
  coded('.4.52', 'JPEG Extended (Process 3 and 5)', 'jpeg'),
  coded('.4.53', 'JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)', 'jpeg'),
  coded('.4.54', 'JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)', 'jpeg'),
  coded('.4.55', 'JPEG Full Progression, Non-Hierarchical (Process 10 and 12)', 'jpeg'),
  coded('.4.56', 'JPEG Full Progression, Non-Hierarchical (Process 11 and 13)', 'jpeg'),
  coded('.4.57', 'JPEG Lossless, Non-Hierarchical (Process 14)', 'jpeg-lossless', true),
  coded('.4.58', 'JPEG Lossless, Non-Hierarchical (Process 15)', 'jpeg-lossless', true),
  coded('.4.70', 'JPEG Lossless, First-Order Prediction (Process 14, Selection Value 1)', 'jpeg-lossless', true),
  coded('.4.80', 'JPEG-LS Lossless', 'jpegls', true),
  coded('.4.81', 'JPEG-LS Near-Lossless', 'jpegls'),
  coded('.4.90', 'JPEG 2000 Lossless Only', 'jpeg2000', true),
  coded('.4.91', 'JPEG 2000', 'jpeg2000'),
  coded('.4.92', 'JPEG 2000 Part 2 Multi-component Lossless Only', 'jpeg2000', true),
  coded('.4.93', 'JPEG 2000 Part 2 Multi-component', 'jpeg2000'),
  coded('.4.110', 'JPEG XL Lossless', 'jpegxl', true),
  coded('.4.111', 'JPEG XL JPEG Recompression', 'jpegxl'),
  coded('.4.112', 'JPEG XL', 'jpegxl'),
  coded('.4.201', 'High-Throughput JPEG 2000 Lossless Only', 'htj2k', true),
  coded('.4.202', 'High-Throughput JPEG 2000 with RPCL Options Lossless Only', 'htj2k', true),
  coded('.4.203', 'High-Throughput JPEG 2000', 'htj2k'),
  coded('.5', 'RLE Lossless', 'rle', true),
  coded('.8.1', 'Deflated Image Frame Compression', 'deflate', true),
];

const REFUSED: Readonly<Record<string, string>> = {
  '.4.94': 'JPIP Referenced',
  '.4.95': 'JPIP Referenced Deflate',
  '.4.100': 'MPEG2 Main Profile / Main Level',
  '.4.101': 'MPEG2 Main Profile / High Level',
  '.4.102': 'MPEG-4 AVC/H.264 High Profile',
  '.4.103': 'MPEG-4 AVC/H.264 BD-compatible High Profile',
  '.4.104': 'MPEG-4 AVC/H.264 High Profile for 2D Video',
  '.4.105': 'MPEG-4 AVC/H.264 High Profile for 3D Video',
  '.4.106': 'MPEG-4 AVC/H.264 Stereo High Profile',
  '.4.107': 'HEVC/H.265 Main Profile',
  '.4.108': 'HEVC/H.265 Main 10 Profile',
};

const BY_UID: ReadonlyMap<string, TransferSyntax> = new Map(SYNTAXES.map((each) => [each.uid, each]));

export const IMPLICIT_LITTLE = SYNTAXES[0]!;

/** Unknown identifiers are taken for Explicit VR Little Endian, which all but the oldest share; `refused` says that pixels cannot be read. */
export function transferSyntax(uid: string): TransferSyntax {
  const known = BY_UID.get(uid);
  if (known) return known;
  // GE's private syntax: implicit VR, only the pixels big-endian.
  if (uid === '1.2.840.113619.5.2')
    return { ...IMPLICIT_LITTLE, uid, name: 'GE Private Implicit VR Big Endian Pixels' };
  const name = REFUSED[uid.slice(BASE.length).replace(/(\.4\.10\d)\.1$/, '$1')] ?? `transfer syntax ${uid}`;
  return { uid, name, explicit: true, littleEndian: true, refused: true };
}

export const GE_PRIVATE = '1.2.840.113619.5.2';
