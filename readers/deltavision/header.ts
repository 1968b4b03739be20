// The 1,024-byte header of Applied Precision's (Priism/IVE) dialect of MRC, and the extended header. Layout: NOTES.md.

import { fixedText } from '../../src/containers/raw/text.js';
import { formatError } from '../../src/core/errors.js';

export const HEADER_BYTES = 1024;
/** Header kind from which panels, a date and up to 12 wavelengths are stored. */
const NEW_TYPE = 100;

/** Fastest first; P = panel (stage position). Index = the header's sequence number. */
const SEQUENCES = 'ZTWP WZTP ZWTP ZPWT ZWPT WZPT WPTZ PWTZ PTWZ PZWT PWZT WPZT WTPZ TWPZ TPWZ'.split(' ');

export type Axis = 'Z' | 'T' | 'W' | 'P';

export interface DvHeader {
  readonly littleEndian: boolean;
  readonly width: number;
  readonly height: number;
  /** Sections of all kinds. */
  readonly sections: number;
  readonly mode: number;
  readonly sizes: Readonly<Record<Axis, number>>;
  readonly sequence: string;
  /** µm. */
  readonly pixel: readonly [number, number, number];
  readonly extendedBytes: number;
  /** Integers and floats a section in the extended header. */
  readonly integers: number;
  readonly floats: number;
  /** nm, one a wavelength; 0 where none. */
  readonly wavelengths: readonly number[];
  readonly lens: number;
  readonly kind: number;
  /** Seconds since 1970. */
  readonly seconds: number | undefined;
  readonly titles: readonly string[];
  readonly original: readonly (readonly [key: string, value: string])[];
}

/** One section of the extended header: floats as stored. Names of the first 14. */
export const SECTION_FIELDS = [
  'photosensor reading',
  'time stamp (s)',
  'stage X',
  'stage Y',
  'stage Z',
  'minimum intensity',
  'maximum intensity',
  'mean intensity',
  'exposure time (s)',
  'neutral density',
  'excitation wavelength (nm)',
  'emission wavelength (nm)',
  'intensity scaling',
  'energy conversion factor',
] as const;

/** Errors: format DV_HEADER. */
export function parseHeader(bytes: Uint8Array, file: string, fileBytes: number): DvHeader {
  if (bytes.length < HEADER_BYTES) {
    throw formatError('DV_HEADER', `${file}: a DeltaVision header has ${HEADER_BYTES} bytes, found ${bytes.length}`, {
      file,
    });
  }
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = v.getUint16(96, true) === 0xc0a0;
  const int = (at: number): number => v.getInt32(at, little);
  const short = (at: number): number => v.getInt16(at, little);
  const float = (at: number): number => v.getFloat32(at, little);
  const [width, height, sections, mode] = [int(0), int(4), int(8), int(12)];
  const extendedBytes = int(92);
  if (!(width > 0 && height > 0 && sections > 0) || extendedBytes < 0 || HEADER_BYTES + extendedBytes > fileBytes) {
    const found = `${width} x ${height} x ${sections}, extended header of ${extendedBytes} bytes`;
    throw formatError('DV_HEADER', `${file}: sizes make no sense: ${found}`, { file });
  }
  const kind = short(160);
  const waves = Math.max(1, short(196));
  let times = v.getUint16(180, little);
  let panels = 1;
  const isNew = kind === NEW_TYPE;
  if (isNew) {
    // Other software copies the kind without filling the fields behind it.
    const stored = int(880);
    if (stored >= 0 && stored <= sections) {
      panels = Math.max(1, stored);
      if (int(852) > 0 && (times === 0 || times === 0xffff)) times = int(852);
    }
  }
  times = Math.max(1, times);
  const depth = Math.floor(sections / (waves * times * panels));
  if (depth < 1) {
    const text = `${file}: ${sections} sections cannot hold ${waves} wavelengths x ${times} times x ${panels} panels`;
    throw formatError('DV_HEADER', text, { file });
  }
  const number = short(182);
  const titles = Array.from({ length: isNew ? 4 : 10 }, (_, i) => fixedText(bytes, 224 + 80 * i, 80));
  const date = isNew ? v.getFloat64(844, little) : 0;
  const lens = short(162);
  const wavelengths = Array.from({ length: Math.min(waves, 12) }, (_, i) => {
    return i < 5 ? short(198 + 2 * i) : isNew ? short(676 + 2 * (i - 5)) : 0;
  });
  const triple = (at: number, read: (at: number) => number): string => [at, at + 4, at + 8].map(read).join(' ');
  const minimum = [76, 136, 144, 152, 172].slice(0, Math.min(5, waves));
  return {
    littleEndian: little,
    width,
    height,
    sections,
    mode,
    sizes: { Z: depth, T: times, W: waves, P: panels },
    // 65536 (a mark in the upper half of an integer) and 1 are the same.
    sequence: SEQUENCES[number] ?? SEQUENCES[0]!,
    pixel: [float(40), float(44), float(48)],
    extendedBytes,
    integers: Math.max(0, short(128)),
    floats: Math.max(0, short(130)),
    wavelengths,
    lens,
    kind,
    seconds: Number.isFinite(date) && date > 0 && date < 4e9 ? date : undefined,
    titles,
    original: [
      ['Width, height, sections', `${width} ${height} ${sections}`],
      ['Pixel mode', String(mode)],
      ['Image type', String(kind)],
      ['Sequence', `${number} (${SEQUENCES[number] ?? 'unknown, taken as ZTW'})`],
      ['Times, wavelengths, panels', `${times} ${waves} ${panels}`],
      ['Sub-image start', triple(16, int)],
      ['Pixel sampling', triple(28, int)],
      ['Element length (um)', triple(40, float)],
      ['Axis angles', triple(52, float)],
      ['Axis order', triple(64, int)],
      ['Space group', String(int(88))],
      ['Sub-resolution sets', String(short(132))],
      ['Z axis reduction quotient', String(short(134))],
      ['Tilt angles', triple(184, float)],
      ['Origin (um)', triple(208, float)],
      ['Lens ID', String(lens)],
      ['Wavelengths (nm)', wavelengths.join(' ')],
      ['Minimum intensities', minimum.map(float).join(' ')],
      ['Maximum intensities', minimum.map((at) => float(at + 4)).join(' ')],
      ['Mean intensity of wavelength 1', String(float(84))],
      ...titles.flatMap((title, i): [string, string][] => (title ? [[`Title ${i}`, title]] : [])),
    ],
  };
}

/** Floats of each section, as far as the extended header goes. */
export function parseSections(bytes: Uint8Array, header: DvHeader): readonly (readonly number[])[] {
  const record = 4 * (header.integers + header.floats);
  if (header.floats === 0 || record === 0) return [];
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.min(header.sections, Math.floor(bytes.length / record));
  const fields = Math.min(header.floats, SECTION_FIELDS.length);
  return Array.from({ length: count }, (_, i) => {
    const at = i * record + 4 * header.integers;
    return Array.from({ length: fields }, (_, k) => v.getFloat32(at + 4 * k, header.littleEndian));
  });
}
