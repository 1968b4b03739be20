// LSM facts in the OME model.

import type { TiffPage } from '../../src/containers/tiff/page.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import {
  type OmeChannel,
  type OmeImage,
  type OmeInstrument,
  type OmePixels,
  type OmePlane,
  omeColor,
} from '../../src/core/ome.js';
import { defined, positive, quantity } from '../../src/core/ome-build.js';
import { bytesPerSample } from '../../src/core/pixel-type.js';
import type { LsmFacts } from './facts.js';
import type { LsmInfo } from './info.js';
import { blocksOf, listScan, numberOf, textOf } from './scan.js';

const KEY = {
  name: 0x10000001,
  description: 0x10000002,
  startTime: 0x10000036,
  user: 0x10000047,
  timeBetweenStacks: 0x4000000b,
  trackAcquire: 0x40000006,
  bits: 0xd0000006,
} as const;

const DAY = 86_400_000;

/** Days since 30 December 1899, local time of the microscope, as xsd:dateTime to the second. */
export function dateOf(days: number | undefined): string | undefined {
  if (days === undefined || !(days > 1) || days > 1e6) return undefined;
  return new Date(Date.UTC(1899, 11, 30) + Math.round((days * DAY) / 1000) * 1000).toISOString().slice(0, 19);
}

export function userOf({ scan }: LsmFacts): string | undefined {
  return scan && textOf(scan, KEY.user);
}

export function imageFacts(facts: LsmFacts, { Objectives }: OmeInstrument): Partial<OmeImage> {
  const { scan } = facts;
  return defined({
    AcquisitionDate: dateOf(numberOf(scan, KEY.startTime)),
    Description: scan && textOf(scan, KEY.description),
    ExperimenterRef: userOf(facts) ? 'Experimenter:0' : undefined,
    InstrumentRef: 'Instrument:0',
    ObjectiveSettings: Objectives ? { ID: 'Objective:0:0' } : undefined,
  });
}

/** Voxel sizes are metres. Rows of x-z scans lie along z, rows of line scans in time. */
export function pixelFacts(info: LsmInfo, facts: LsmFacts, page: TiffPage): Partial<OmePixels> {
  const [x, y, z] = info.voxel.map((size) => positive(size * 1e6, 'µm'));
  const section = [1, 4, 8, 9].includes(info.scanType);
  const line = [2, 5, 10].includes(info.scanType);
  const tracks = blocksOf(facts.scan, 'Track').filter((track) => numberOf(track, KEY.trackAcquire) !== 0);
  const between = tracks.flatMap((track) => numberOf(track, KEY.timeBetweenStacks) ?? []).at(-1);
  const bits = blocksOf(facts.scan, 'DataChannel').map((channel) => numberOf(channel, KEY.bits) ?? 0);
  const significant = Math.max(0, ...bits);
  const stored = 8 * bytesPerSample(page.type);
  return defined({
    PhysicalSizeX: x,
    PhysicalSizeY: section ? z : line ? undefined : y,
    PhysicalSizeZ: section || line ? undefined : z,
    TimeIncrement: line ? undefined : (positive(info.interval, 's') ?? positive(between, 's')),
    SignificantBits: page.type !== 'float' && significant > 0 && significant < stored ? significant : undefined,
  });
}

/** Stored black would hide a channel: no colour then. */
export function channelsOf(
  info: LsmInfo,
  { look, bands }: LsmFacts,
  settings: readonly Partial<OmeChannel>[],
  count: number,
): Partial<OmeChannel>[] {
  return Array.from({ length: count }, (_, c) => {
    const color = look.colors[c];
    const band = info.spectral && bands.length === count ? bands[c] : undefined;
    return defined<Partial<OmeChannel>>({
      ...settings[c],
      Name: look.names[c] || undefined,
      Color: color?.some((each) => each > 0) ? omeColor(...color) : undefined,
      EmissionWavelength: band && positive(((band[0] + band[1]) / 2) * 1e9, 'nm'),
      AcquisitionMode: info.spectral ? 'SpectralImaging' : undefined,
    });
  });
}

/**
 * Times and stage positions. Positions are given in µm from the origin of the stage; the unit in the model is 'reference frame', as the
 * origin's place is not known.
 */
export function planeFacts(info: LsmInfo, facts: LsmFacts, image: number, images: number, shape: Tczyx): OmePlane[] {
  const [nt, nc, nz] = shape;
  const { stamps, positions, tiles } = facts;
  const first = stamps.length >= images * nt ? image * nt : 0;
  const perTile = images === info.p * info.m ? info.p : images;
  const position = positions[image % perTile];
  const tile = images > 1 || tiles.length === 1 ? tiles[Math.floor(image / perTile)] : undefined;
  const place = (axis: 0 | 1 | 2) =>
    position || tile
      ? quantity((info.origin[axis] + (position?.[axis] ?? 0) + (tile?.[axis] ?? 0)) * 1e6, 'reference frame')
      : undefined;
  const where = defined({ PositionX: place(0), PositionY: place(1), PositionZ: place(2) });
  const planes: OmePlane[] = [];
  for (let t = 0; t < nt; t++) {
    const stamp = nt > 1 ? stamps[first + t] : undefined;
    const time = stamp === undefined ? undefined : quantity(stamp - stamps[first]!, 's');
    if (!time && Object.keys(where).length === 0) continue;
    for (let c = 0; c < nc; c++)
      for (let z = 0; z < nz; z++) planes.push(defined({ TheZ: z, TheC: c, TheT: t, DeltaT: time, ...where }));
  }
  return planes;
}

export function originalOf(info: LsmInfo, facts: LsmFacts): OriginalMetadata[] {
  const list: [string, string][] = info.listed.map(([name, value]) => [`LSM ${name}`, String(value)]);
  for (const [name, value] of facts.look.names.entries()) list.push([`LSM Channel ${name + 1} Name`, value]);
  for (const [i, color] of facts.look.colors.entries()) list.push([`LSM Channel ${i + 1} Color`, color.join(' ')]);
  for (const [i, band] of facts.bands.entries()) list.push([`LSM Channel ${i + 1} Wavelengths`, band.join(' ')]);
  for (const [i, stamp] of facts.stamps.entries()) list.push([`LSM TimeStamp ${i + 1}`, String(stamp)]);
  for (const [i, event] of facts.events.entries())
    list.push([`LSM Event ${i + 1}`, `${event.time} s, type ${event.type}: ${event.text}`]);
  for (const [i, at] of facts.positions.entries()) list.push([`LSM Position ${i + 1}`, at.join(' ')]);
  for (const [i, at] of facts.tiles.entries()) list.push([`LSM TilePosition ${i + 1}`, at.join(' ')]);
  for (const [key, value] of facts.tags) list.push([`LSM ApplicationTag ${key}`, value]);
  if (facts.scan) for (const [key, value] of listScan(facts.scan)) list.push([`LSM ${key}`, value]);
  return list.map(([key, value]) => ({ key, value }));
}
