// MetaMorph's private tags 33628–33631 (UIC1–UIC4). Their counts are numbers of entries or planes, not of TIFF values, so the bytes are read
// from the entries' positions. Layout: "MetaMorph Stack (STK) Image File Format" (Molecular Devices), checked against tifffile.

import type { TiffIfd } from '../../src/containers/tiff/ifd.js';
import { UIC_NAMES } from './names.js';

export interface UicFacts {
  /** Planes behind the directory. */
  readonly planes: number;
  /** Distance of each plane from the one before, in calibration units; NaN where it is not valid. */
  readonly zDistance: readonly number[];
  /** Milliseconds since 1970, local time, as if UTC. */
  readonly created: readonly number[];
  /** Nanometres, 0 for none. */
  readonly wavelengths: readonly number[];
  readonly stage: readonly (readonly [x: number, y: number])[];
  readonly absoluteZ: readonly number[];
  readonly absoluteZValid?: boolean;
  readonly labels: readonly string[];
  readonly calibrated?: boolean;
  readonly xCalibration?: number;
  readonly yCalibration?: number;
  readonly units?: string;
  readonly name?: string;
  readonly binning?: readonly [x: number, y: number];
  /** PlaneProperty entries in stored order. */
  readonly properties: readonly (readonly [name: string, value: string])[];
  /** Names and values of the rest, for the listing. */
  readonly listed: readonly (readonly [name: string, value: string])[];
}

const MOST_TEXT = 1 << 16;
const latin1 = new TextDecoder('latin1');

/** Day 0 of the Unix epoch in MetaMorph's day count, which is the Julian day number less one. */
const EPOCH = 2440587;

export function dateOf(julian: number, milliseconds: number): number {
  return julian > EPOCH && julian < EPOCH + 100_000 ? (julian - EPOCH) * 86_400_000 + milliseconds : Number.NaN;
}

/** Reads at absolute positions; undefined beyond the end of the file. */
class Reader {
  constructor(private readonly ifd: TiffIfd) {}

  async view(at: number, bytes: number): Promise<DataView | undefined> {
    const { source, window, limits } = this.ifd.file;
    if (!(at >= 8) || bytes > limits.metadataBytes || at + bytes > source.size) return undefined;
    const found = await window.read(at, bytes);
    return new DataView(found.buffer, found.byteOffset, found.byteLength);
  }

  async rationals(at: number, count: number): Promise<number[] | undefined> {
    const view = await this.view(at, count * 8);
    return view && Array.from({ length: count }, (_, i) => ratio(view, i * 8));
  }

  /** 4 bytes of length, then characters up to a NUL. */
  async text(at: number): Promise<{ text: string; end: number } | undefined> {
    const length = (await this.view(at, 4))?.getUint32(0, true);
    if (length === undefined || length > MOST_TEXT) return undefined;
    const view = await this.view(at + 4, length);
    if (!view) return undefined;
    const text = latin1.decode(new Uint8Array(view.buffer, view.byteOffset, length));
    const nul = text.indexOf('\0');
    return { text: nul < 0 ? text : text.slice(0, nul), end: at + 4 + length };
  }

  async texts(at: number, count: number): Promise<{ texts: string[]; end: number }> {
    const texts: string[] = [];
    let next = at;
    while (texts.length < count) {
      const found = await this.text(next);
      if (!found) break;
      texts.push(found.text);
      next = found.end;
    }
    return { texts, end: next };
  }
}

function ratio(view: DataView, at: number): number {
  const denominator = view.getInt32(at + 4, true);
  return denominator === 0 ? Number.NaN : view.getInt32(at, true) / denominator;
}

function pairs(numbers: readonly number[]): [number, number][] {
  return Array.from({ length: numbers.length >> 1 }, (_, i) => [numbers[2 * i]!, numbers[2 * i + 1]!]);
}

interface Draft {
  stage: [number, number][];
  absoluteZ: number[];
  absoluteZValid?: boolean;
  labels: string[];
  calibrated?: boolean;
  xCalibration?: number;
  yCalibration?: number;
  units?: string;
  name?: string;
  binning?: [number, number];
  wavelength?: number;
  created?: number;
  properties: [string, string][];
  listed: [string, string][];
}

/** Where the bytes of a tag lie: behind the pointer in its entry, whatever the declared length says. */
function place(ifd: TiffIfd, tag: number): { at: number; count: number } | undefined {
  const entry = ifd.entry(tag);
  if (!entry || !ifd.file.littleEndian) return undefined;
  return { at: entry.bytes <= ifd.file.inlineBytes ? (ifd.inline(tag) ?? 0) : entry.at, count: entry.count };
}

const RATIONAL_IDS: ReadonlySet<number> = new Set([4, 5, 21, 22, 23, 24, 38, 39, 52, 53, 57, 58, 62, 63]);
const TEXT_IDS: ReadonlySet<number> = new Set([6, 7, 25]);
const POINTER_IDS: ReadonlySet<number> = new Set([42, 43, 44, 45]);

async function readProperty(reader: Reader, at: number): Promise<[string, string] | undefined> {
  // 4 bytes of no known use, name (1 byte of length), 4 bytes of flags, type: 1 a fraction, 2 a text (1 byte of length).
  const length = (await reader.view(at + 4, 1))?.getUint8(0);
  if (length === undefined) return undefined;
  const head = await reader.view(at + 5, length + 6);
  if (!head) return undefined;
  const name = latin1.decode(new Uint8Array(head.buffer, head.byteOffset, length));
  const type = head.getUint8(length + 4);
  const valueAt = at + 5 + length + 5;
  if (type === 1) {
    const [value] = (await reader.rationals(valueAt, 1)) ?? [];
    return value === undefined ? undefined : [name, String(value)];
  }
  const bytes = await reader.view(valueAt + 1, head.getUint8(length + 5));
  return bytes && [name, latin1.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))];
}

/** UIC1: pairs of (id, value or position). */
async function readUic1(reader: Reader, ifd: TiffIfd, planes: number, draft: Draft): Promise<void> {
  const found = place(ifd, 33628);
  if (!found || found.count > 100_000) return;
  const table = await reader.view(found.at, found.count * 8);
  if (!table) return;
  const ids = Array.from(
    { length: found.count },
    (_, i) => [table.getUint32(i * 8, true), table.getUint32(i * 8 + 4, true)] as const,
  );
  for (const [id, value] of ids) {
    const name = UIC_NAMES[id] ?? `UIC ${id}`;
    if (RATIONAL_IDS.has(id)) {
      const [number] = (await reader.rationals(value, 1)) ?? [];
      if (number === undefined) continue;
      draft.listed.push([name, String(number)]);
      if (id === 4) draft.xCalibration = number;
      if (id === 5) draft.yCalibration = number;
    } else if (TEXT_IDS.has(id)) {
      const text = (await reader.text(value))?.text ?? '';
      draft.listed.push([name, text]);
      if (id === 6) draft.units = text;
      if (id === 7) draft.name = text;
    } else if (id === 16 || id === 17) {
      const view = await reader.view(value, 8);
      const date = view ? dateOf(view.getUint32(0, true), view.getUint32(4, true)) : Number.NaN;
      if (!Number.isNaN(date)) draft.listed.push([name, new Date(date).toISOString().slice(0, 23)]);
      if (id === 16 && !Number.isNaN(date)) draft.created = date;
    } else if (id === 28 || id === 29) {
      const numbers = await reader.rationals(value, 2 * planes);
      if (id === 28 && numbers && draft.stage.length === 0) draft.stage = pairs(numbers);
    } else if (id === 37) {
      if (draft.labels.length === 0) draft.labels = (await reader.texts(value, planes)).texts;
    } else if (id === 40) {
      if (draft.absoluteZ.length === 0) draft.absoluteZ = (await reader.rationals(value, planes)) ?? [];
    } else if (id === 41) {
      draft.absoluteZValid ??= value >= 8 ? (await reader.view(value, 4))?.getUint32(0, true) === 1 : false;
    } else if (id === 46) {
      const view = await reader.view(value, 8);
      if (view) draft.binning ??= [view.getUint32(0, true), view.getUint32(4, true)];
    } else if (id === 49) {
      const property = await readProperty(reader, value);
      if (property) draft.properties.push(property);
    } else if (POINTER_IDS.has(id)) {
      const view = await reader.view(value, 4);
      if (view) draft.listed.push([name, String(view.getUint32(0, true))]);
    } else {
      draft.listed.push([name, String(value)]);
      if (id === 3) draft.calibrated = value !== 0;
      if (id === 27) draft.wavelength = value;
    }
  }
}

/** UIC4: (2-byte id, values of all planes) up to id 0; it comes after UIC1 and is more precise. */
async function readUic4(reader: Reader, ifd: TiffIfd, planes: number, draft: Draft): Promise<void> {
  const found = place(ifd, 33631);
  if (!found) return;
  let { at } = found;
  for (let turn = 0; turn < 64; turn++) {
    const id = (await reader.view(at, 2))?.getUint16(0, true);
    if (!id) return;
    at += 2;
    if (id === 28 || id === 29) {
      const numbers = await reader.rationals(at, 2 * planes);
      if (!numbers) return;
      if (id === 28) draft.stage = pairs(numbers);
      at += 16 * planes;
    } else if (id === 37) {
      const { texts, end } = await reader.texts(at, planes);
      if (texts.length < planes) return;
      draft.labels = texts;
      at = end;
    } else if (id === 40) {
      const numbers = await reader.rationals(at, planes);
      if (!numbers) return;
      draft.absoluteZ = numbers;
      at += 8 * planes;
    } else if (id === 41) {
      draft.absoluteZValid = (await reader.view(at, 4))?.getUint32(0, true) === 1;
      at += 4 * planes;
    } else if (id === 46) {
      const view = await reader.view(at, 8);
      if (view) draft.binning = [view.getUint32(0, true), view.getUint32(4, true)];
      at += 8 * planes;
    } else {
      at += 4;
    }
  }
}

/** Everything in the private tags of a directory; undefined where it has none. */
export async function readUic(ifd: TiffIfd): Promise<UicFacts | undefined> {
  const reader = new Reader(ifd);
  const uic2 = place(ifd, 33629);
  if (!uic2 && !ifd.has(33628)) return undefined;
  const planes = Math.max(1, uic2?.count ?? 1);
  // Each plane has an entry of 24 bytes in UIC2: a larger number is damage.
  if (planes * 24 > ifd.file.source.size) {
    ifd.file.report('METAMORPH_PLANES', 'damage', `the file claims ${planes} planes, for which it has no room`);
    return undefined;
  }
  // Six numbers a plane: distance (fraction), day and milliseconds of creation, the same of modification.
  const view = uic2 && (await reader.view(uic2.at, planes * 24));
  const draft: Draft = { stage: [], absoluteZ: [], labels: [], properties: [], listed: [] };
  await readUic1(reader, ifd, planes, draft);
  await readUic4(reader, ifd, planes, draft);
  const uic3 = place(ifd, 33630);
  const wavelengths = uic3 ? await reader.rationals(uic3.at, planes) : undefined;
  const { wavelength, created, ...rest } = draft;
  const each = Array.from({ length: planes }, (_, i) => i * 24);
  return {
    ...rest,
    planes,
    zDistance: view ? each.map((at) => ratio(view, at)) : [],
    created: view
      ? each.map((at) => dateOf(view.getUint32(at + 8, true), view.getUint32(at + 12, true)))
      : created === undefined
        ? []
        : [created],
    wavelengths: wavelengths ?? (wavelength === undefined ? [] : [wavelength]),
  };
}
