// What archives, servers and viewers ask for beyond the specifications.
// OMERO: omero-zarr-pixel-buffer, ZarrReader, Bio-Formats · IDR: bioformats2raw output · BioImage Archive: file lists, one archive an image ·
// viewers: Neuroglancer, vizarr, napari-ome-zarr, Viv.

import { asList, asObject, asText } from '../containers/zarr/json.js';
import type { ZarrFacts } from './ngff/check.js';
import type { TiffFacts } from './ometiff/check.js';
import type { Profile } from './options.js';
import type { Report } from './report.js';
import type { ImageFacts } from './zarr/context.js';
import { codecNames } from './zarr/metadata.js';

export interface ProfileInput {
  readonly zarr?: ZarrFacts;
  readonly tiff?: TiffFacts;
  readonly folder: boolean;
  readonly name: string;
}

/** Planes above this size are shown through a pyramid, which the server makes itself where there is none. */
const OMERO_PLANE = 3192;
const VIEWER_PLANE = 4096;
const VIEWER_CHUNK = 64 * 2 ** 20;

export function applyProfile(profile: Profile | undefined, input: ProfileInput, report: Report): void {
  if (profile === undefined || profile === 'strict') return;
  const images = input.zarr?.images ?? [];
  switch (profile) {
    case 'omero':
      for (const image of images) omeroImage(image, 'PROFILE_OMERO', report);
      if (input.zarr?.zipped) report.add('PROFILE_OMERO', '', 'an archive: unpack it, the server reads folders');
      omeroTiff(input, report);
      return;
    case 'idr':
      for (const image of images) omeroImage(image, 'PROFILE_IDR', report);
      idr(input, report);
      return;
    case 'bia':
      bia(input, report);
      return;
    case 'viewer':
      for (const image of images) viewerImage(image, report);
      viewerTiff(input, report);
  }
}

function omeroImage(image: ImageFacts, rule: string, report: Report): void {
  const { path, version, axes, levels, zarr } = image;
  if (zarr !== 2 || version !== '0.4') report.add(rule, path, `version ${version}, the server reads 0.4`);
  const names = axes.map(({ name }) => name).join('');
  if (!/^t?c?z?yx$/.test(names)) report.add(rule, path, `axes ${names}, the server reads t, c, z, y, x in this order`);
  for (const { path: key, node, array } of levels) {
    const other = codecNames(node.metadata).filter((name) => !['blosc', 'zlib', 'bytes'].includes(name));
    if (other.length > 0) report.add(rule, key, `codec ${other.join(', ')}, the server reads blosc and zlib`);
    if (array.shard) report.add(rule, key, 'shards, which the server does not read');
    if (/64$|complex|bit/.test(array.type.ome) || array.type.half)
      report.add(rule, key, `elements of type ${array.type.ome}${array.type.half ? ' (half)' : ''}`);
  }
  for (const [i, level] of levels.entries()) {
    const before = levels[i - 1]?.array.shape;
    if (!before) continue;
    for (const axis of ['y', 'x']) {
      const d = axes.findIndex(({ name }) => name === axis);
      if (d < 0) continue;
      const [n, m] = [before[d]!, level.array.shape[d]!];
      if (m !== Math.floor(n / 2) && m !== Math.ceil(n / 2))
        report.add(rule, level.path, `${m} along ${axis} after ${n}: the factor must be 2`);
    }
  }
  const [y, x] = planeOf(image);
  if (levels.length === 1 && Math.max(y, x) > OMERO_PLANE)
    report.add('PROFILE_HINT', path, `planes of ${x} × ${y} without a pyramid`);
}

function planeOf({ axes, levels }: ImageFacts): readonly [y: number, x: number] {
  const size = (axis: string): number => levels[0]?.array.shape[axes.findIndex(({ name }) => name === axis)] ?? 1;
  return [size('y'), size('x')];
}

function omeroTiff({ tiff }: ProfileInput, report: Report): void {
  for (const [i, image] of (tiff?.images ?? []).entries()) {
    const where = `OME/Image[${i}]`;
    if (/complex/.test(image.type)) report.add('PROFILE_OMERO', where, `pixels of type ${image.type}`);
    if (image.levels === 1 && Math.max(image.width, image.height) > OMERO_PLANE)
      report.add('PROFILE_OMERO', where, `planes of ${image.width} × ${image.height} without sub-resolutions`);
    const other = image.compressions.filter(
      (code) => ![1, 5, 7, 8, 32773, 32946, 33003, 33004, 33005, 34712, 50000].includes(code),
    );
    if (other.length > 0)
      report.add('PROFILE_OMERO', where, `compression ${other.join(', ')}, which Bio-Formats does not read`);
  }
}

function idr({ zarr }: ProfileInput, report: Report): void {
  if (!zarr) return;
  if (!zarr.xml) report.add('PROFILE_IDR', '', 'no OME/METADATA.ome.xml');
  if (zarr.zipped) report.add('PROFILE_IDR', '', 'an archive: unpack it');
}

function bia({ zarr, folder, name }: ProfileInput, report: Report): void {
  if (!/^[A-Za-z0-9_.\- ]+$/.test(name))
    report.add('PROFILE_BIA', '', `the name ${JSON.stringify(name)} holds characters that file lists do not allow`);
  if (!zarr) return;
  if (folder)
    report.add('PROFILE_HINT', '', 'a folder: file lists take one archive (.ozx or .zip) an image as one row');
  for (const { path, axes, version, ome, levels } of zarr.images) {
    if (version !== '0.4' && version !== '0.5')
      report.add('PROFILE_BIA', path, `version ${version}, expected 0.4 or 0.5`);
    // One slice has no distance to the next.
    const isFlat = (i: number): boolean => axes[i]!.name === 'z' && levels[0]?.array.shape[i] === 1;
    const bare = axes
      .filter(({ type, unit }, i) => type === 'space' && unit === undefined && !isFlat(i))
      .map((axis) => axis.name);
    if (bare.length > 0) report.add('PROFILE_BIA', path, `no unit of ${bare.join(', ')}: pixel sizes are asked for`);
    const labels = asList(asObject(ome.omero).channels).map((channel) => asText(asObject(channel).label));
    if (axes.some((axis) => axis.type === 'channel') && (labels.length === 0 || labels.some((label) => !label)))
      report.add('PROFILE_HINT', path, 'channels without names');
  }
}

function viewerImage(image: ImageFacts, report: Report): void {
  const { path, levels, axes, ome, version, isLabel } = image;
  if (version !== '0.4' && version !== '0.5')
    report.add('PROFILE_VIEWER', path, `version ${version}, viewers read 0.4 and 0.5`);
  for (const { path: key, array } of levels) {
    const type = array.type.half ? 'float16' : array.type.ome;
    if (['double', 'int64', 'bit', 'float16', 'complex', 'double-complex'].includes(type))
      report.add('PROFILE_VIEWER', key, `elements of type ${type}, which Neuroglancer does not show`);
    const bytes = array.chunk.reduce((product, n) => product * n, array.type.size);
    if (bytes > VIEWER_CHUNK)
      report.add('PROFILE_VIEWER', key, `chunks of ${Math.round(bytes / 2 ** 20)} MiB: viewers load each as a whole`);
  }
  const coarsest = levels.at(-1);
  const sizes = ['y', 'x'].map((axis) => coarsest?.array.shape[axes.findIndex(({ name }) => name === axis)] ?? 1);
  if (Math.max(...sizes) > VIEWER_PLANE)
    report.add('PROFILE_VIEWER', path, `the smallest level has ${sizes[1]} × ${sizes[0]} pixels: overviews are slow`);
  if (!isLabel && ome.omero === undefined)
    report.add('PROFILE_HINT', path, 'no "omero": viewers guess colours and contrast');
}

function viewerTiff({ tiff }: ProfileInput, report: Report): void {
  for (const [i, image] of (tiff?.images ?? []).entries()) {
    const where = `OME/Image[${i}]`;
    if (image.levels === 1 && Math.max(image.width, image.height) > VIEWER_PLANE)
      report.add('PROFILE_VIEWER', where, `planes of ${image.width} × ${image.height} without sub-resolutions`);
    const other = image.compressions.filter((code) => ![1, 5, 7, 8, 32773, 32946].includes(code));
    if (other.length > 0)
      report.add('PROFILE_VIEWER', where, `compression ${other.join(', ')}, which Viv does not read`);
  }
}
