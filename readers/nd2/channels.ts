// Channels: planes of the picture, with their optical configuration and camera settings.

import type { Quantity } from '../../src/core/ome.js';
import { omeColor } from '../../src/core/ome.js';
import { positive } from '../../src/core/ome-build.js';
import type { Variant } from './variant.js';

export interface Nd2Channel {
  readonly name?: string;
  /** Samples: 1, or 3 of a colour channel. */
  readonly samples: number;
  readonly color?: number;
  readonly emission?: Quantity;
  readonly excitation?: Quantity;
  readonly pinhole?: Quantity;
  readonly mode?: string;
  readonly contrast?: string;
  readonly flags: number;
  /** Seconds. */
  readonly exposure?: number;
  readonly settings?: Variant;
}

/** Bits of the modality mask. */
export const MODALITY = {
  fluorescence: 0x1,
  brightfield: 0x2,
  phase: 0x10,
  dic: 0x20,
  camera: 0x100,
  laserScanning: 0x200,
  spinningDisk: 0x400,
  sweptSlit: 0x800,
  sweptPinhole: 0x1000,
  dsd: 0x2000,
  sim: 0x4000,
  iSim: 0x8000,
  multiphoton: 0x10000,
  tirf: 0x20000,
  pmt: 0x100000,
  spectral: 0x200000,
  transmitted: 0x1000000,
  gaasp: 0x8000000,
  sora: 0x40000000,
} as const;

/** Modality numbers of older files, as masks. */
const OLD_MODALITY: readonly number[] = [
  0x101, 0x102, 0x201, 0x401, 0x801, 0x10201, 0x12, 0x22, 0x200201, 0x800201, 0x400201, 0x800201, 0x2000,
];

const MODES: readonly (readonly [mask: number, mode: string])[] = [
  [MODALITY.multiphoton, 'MultiPhotonMicroscopy'],
  [MODALITY.tirf, 'TotalInternalReflection'],
  [MODALITY.sim | MODALITY.iSim, 'StructuredIllumination'],
  [MODALITY.spectral, 'SpectralImaging'],
  [MODALITY.laserScanning, 'LaserScanningConfocalMicroscopy'],
  [MODALITY.spinningDisk | MODALITY.dsd | MODALITY.sora, 'SpinningDiskConfocal'],
  [MODALITY.sweptSlit | MODALITY.sweptPinhole, 'SweptFieldConfocal'],
];

const CONTRASTS: readonly (readonly [mask: number, contrast: string])[] = [
  [MODALITY.phase, 'Phase'],
  [MODALITY.dic, 'DIC'],
  [MODALITY.brightfield, 'Brightfield'],
  [MODALITY.fluorescence, 'Fluorescence'],
];

function modeOf(flags: number): string | undefined {
  const mode = MODES.find(([mask]) => (flags & mask) !== 0)?.[1];
  if (mode || (flags & MODALITY.camera) === 0) return mode;
  return (flags & MODALITY.brightfield) !== 0 ? 'BrightField' : 'WideField';
}

/** Wavelength of the highest point of a spectrum, nm. */
function peak(spectrum: Variant | undefined): number | undefined {
  let best: number | undefined;
  let height = Number.NEGATIVE_INFINITY;
  for (const point of spectrum?.list('Point') ?? []) {
    const value = point.number('TValue') ?? 0;
    const wavelength = point.positive('Wavelength');
    if (wavelength !== undefined && value > height) [best, height] = [wavelength, value];
  }
  return best;
}

/** The dye's spectrum, else the filter's. */
function wavelength(plane: Variant, spectrum: 'ExcitationSpectrum' | 'EmissionSpectrum'): Quantity | undefined {
  const filter = plane.list('FilterPath/Filter')[0];
  return positive(peak(plane.find(`FluorescentProbe/${spectrum}`)) ?? peak(filter?.find(spectrum)), 'nm');
}

/** 0x00BBGGRR. */
function colorOf(value: number | undefined): number | undefined {
  if (value === undefined || value < 0) return undefined;
  return omeColor(value & 255, (value >> 8) & 255, (value >> 16) & 255);
}

function describePlane(plane: Variant, settings: Variant | undefined): Nd2Channel {
  const samples = plane.positive('CompCount') ?? 1;
  const mask = plane.number('ModalityMask');
  const old = plane.number('Modality');
  const flags = mask !== undefined ? Number(BigInt(Math.trunc(mask)) & 0x7fffffffn) : (OLD_MODALITY[old ?? -1] ?? 0);
  const emission = samples === 1 ? wavelength(plane, 'EmissionSpectrum') : undefined;
  const excitation = samples === 1 ? wavelength(plane, 'ExcitationSpectrum') : undefined;
  // A filter path without emission says nothing about what excited the sample: its excitation is a placeholder.
  const excited = emission && excitation && excitation.value < emission.value ? excitation : undefined;
  const camera = settings?.find('CameraSetting');
  const milliseconds =
    settings?.positive('ExposureTime') ??
    camera?.positive('PropertiesQuality/Exposure') ??
    plane.positive('CameraSetting/Exposure');
  return {
    name: plane.text('Description') ?? plane.text('OpticalConfigName'),
    samples,
    // The colours of a colour picture are its own.
    color: samples === 1 ? colorOf(plane.number('Color')) : undefined,
    emission,
    excitation: excited,
    pinhole: positive(plane.number('PinholeDiameter'), 'µm'),
    mode: modeOf(flags),
    contrast: CONTRASTS.find(([bit]) => (flags & bit) !== 0)?.[1],
    flags,
    exposure: milliseconds === undefined ? undefined : milliseconds / 1000,
    settings,
  };
}

/** In the order of the frames' components. */
export function readChannels(metadata: Variant | undefined): Nd2Channel[] {
  const pictures = metadata?.find('PicturePlanes');
  if (!pictures) return [];
  const fresh = pictures.list('PlaneNew');
  const planes = (fresh.length > 0 ? fresh : pictures.list('Plane')).filter((each) => each.children.length > 0);
  const settings = pictures.list('SampleSetting');
  const count = pictures.positive('Count');
  return planes.slice(0, count).map((plane) => {
    const index = plane.number('SampleIndex') ?? 0;
    return describePlane(plane, settings.find((each) => each.key === String(index)) ?? settings[index]);
  });
}
