// NIfTI and Analyze headers to the OME model.

import { outlineImage, unitOption } from '../../src/containers/raw/model.js';
import type { OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeImage } from '../../src/core/ome.js';
import { positive } from '../../src/core/ome-build.js';
import type { NiftiHeader } from './header.js';
import type { Voxel } from './voxel.js';

const LENGTH: Readonly<Record<number, string>> = { 1: 'm', 2: 'mm', 3: 'µm' };
const TIME: Readonly<Record<number, string>> = { 8: 's', 16: 'ms', 24: 'µs' };
const TEXT_UNITS: Readonly<Record<string, string>> = { mm: 'mm', cm: 'cm', m: 'm', um: 'µm', nm: 'nm', micr: 'µm' };

export interface Units {
  readonly length: string | undefined;
  readonly time: string | undefined;
  /** The header names no unit of length. */
  readonly assumed: boolean;
}

/** `options.reader.unit` decides where the header names none. */
export function unitsOf(header: NiftiHeader, options: OpenOptions): Units {
  if (header.flavour === 'analyze') {
    const named = header.fields.find(([name]) => name === 'vox_units')?.[1].toLowerCase();
    const known = TEXT_UNITS[named ?? ''];
    // The format's definition: voxel sizes are mm, times ms.
    return {
      length: known ?? (options.reader.unit ? unitOption(options.reader.unit) : 'mm'),
      time: 'ms',
      assumed: false,
    };
  }
  const known = LENGTH[header.units & 7];
  return { length: known ?? unitOption(options.reader.unit), time: TIME[header.units & 0x38], assumed: !known };
}

export function describe(name: string, header: NiftiHeader, voxel: Voxel, shape: Tczyx, units: Units): OmeImage {
  const { spacing } = header;
  const size = (i: number): ReturnType<typeof positive> =>
    units.length === undefined ? undefined : positive(spacing[i], units.length);
  const count = shape[1] / voxel.samples;
  const names = voxel.names ?? [];
  return outlineImage({
    index: 0,
    name,
    shape,
    type: voxel.type,
    samples: voxel.color ? Array.from({ length: count }, () => voxel.samples) : undefined,
    channels:
      names.length > 0 ? Array.from({ length: shape[1] }, (_, i) => ({ Name: names[i % names.length]! })) : undefined,
    image: header.description ? { Description: header.description } : {},
    pixels: {
      PhysicalSizeX: size(0),
      PhysicalSizeY: size(1),
      PhysicalSizeZ: size(2),
      TimeIncrement: units.time === undefined || shape[0] < 2 ? undefined : positive(spacing[3], units.time),
    },
  });
}

export interface Extension {
  readonly code: number;
  readonly bytes: Uint8Array;
}

/** Text as text, anything else as base64. */
function extensionText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const text = Buffer.from(bytes.subarray(0, end)).toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells binary data
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) ? `base64:${Buffer.from(bytes).toString('base64')}` : text;
}

const FLAVOURS = { nifti1: 'NIfTI-1', nifti2: 'NIfTI-2', analyze: 'Analyze 7.5' } as const;

export function originalMetadata(header: NiftiHeader, extensions: readonly Extension[]): OriginalMetadata[] {
  const rows: OriginalMetadata[] = [
    { key: 'Header', value: FLAVOURS[header.flavour] },
    { key: 'Byte order', value: header.littleEndian ? 'little-endian' : 'big-endian' },
    ...header.fields.map(([key, value]) => ({ key, value })),
  ];
  for (const [i, { code, bytes }] of extensions.entries()) {
    rows.push({ key: `Extension ${i} (code ${code})`, value: extensionText(bytes) });
  }
  return rows;
}
