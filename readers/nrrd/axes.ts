// Which stored axis becomes t, c, z, y or x, and what one step along it is.

import { AXIS, type AxisIndex, type StoredAxis } from '../../src/containers/raw/blocks.js';
import { unitOption } from '../../src/containers/raw/model.js';
import { unsupported } from '../../src/core/errors.js';
import type { Quantity } from '../../src/core/ome.js';
import { lengthWord, timeWord } from '../../src/core/unit-words.js';
import type { NrrdHeader } from './header.js';

/** Kinds whose positions are components of one sample; the others are space, time or unknown. */
const COMPONENTS = new Set([
  'list',
  'point',
  'vector',
  'covariant-vector',
  'normal',
  'complex',
  '2-vector',
  '3-color',
  'rgb-color',
  'hsv-color',
  'xyz-color',
  '4-color',
  'rgba-color',
  '3-vector',
  '3-gradient',
  '3-normal',
  '4-vector',
  'quaternion',
  '2d-symmetric-matrix',
  '2d-masked-symmetric-matrix',
  '2d-matrix',
  '2d-masked-matrix',
  '3d-symmetric-matrix',
  '3d-masked-symmetric-matrix',
  '3d-matrix',
  '3d-masked-matrix',
]);
const COLORS = new Set(['3-color', 'rgb-color', 'rgba-color', '4-color']);
/** Spaces of medical images: DICOM's patient coordinates, millimetres where nothing else is said. */
const ANATOMICAL = /^((left|right)-(anterior|posterior)-(superior|inferior)(-time)?|[lr][ap][si]t?)$/i;

export interface NrrdAxes {
  /** Fastest first. */
  readonly axes: readonly StoredAxis[];
  /** Components that are one colour: 3 or 4. */
  readonly colorSamples: number | undefined;
  readonly complex: boolean;
  readonly step: Readonly<Partial<Record<AxisIndex, Quantity>>>;
  /** Unit that spatial steps got because the header has none. */
  readonly assumedUnit: string | undefined;
}

/** Quoted or bare words. */
function words(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '');
}

/** Length of each direction vector; undefined for 'none'. */
function directionLengths(text: string | undefined): (number | undefined)[] {
  return [...(text ?? '').matchAll(/\(([^)]*)\)|none/gi)].map((m) =>
    m[1] === undefined ? undefined : Math.hypot(...m[1].split(',').map(Number)),
  );
}

type Role = 'space' | 'time' | 'component' | 'unknown';

function rolesOf(header: NrrdHeader, directions: readonly (number | undefined)[]): Role[] {
  const kinds = words(header.fields.get('kinds')).map((kind) => kind.toLowerCase());
  const { sizes, type } = header;
  return sizes.map((size, i): Role => {
    const kind = kinds[i];
    if (kind === 'time') return 'time';
    if (kind === 'domain' || kind === 'space') return 'space';
    if (kind !== undefined && COMPONENTS.has(kind)) return 'component';
    if (directions.length > 0) return directions[i] === undefined ? (i === 0 ? 'component' : 'unknown') : 'space';
    // Nothing is said: bytes in threes or fours before two more axes are colours.
    const plain = kinds.length === 0 && !header.fields.has('spacings');
    return plain && i === 0 && sizes.length >= 3 && type === 'uint8' && (size === 3 || size === 4)
      ? 'component'
      : 'unknown';
  });
}

/** `option`: the reader option `unit`. */
export function axesOf(header: NrrdHeader, file: string, option: string | undefined): NrrdAxes {
  const { sizes, fields } = header;
  const directions = directionLengths(fields.get('space directions'));
  const roles = rolesOf(header, directions);
  const free = new Set<AxisIndex>([AXIS.x, AXIS.y, AXIS.z, AXIS.t, AXIS.c]);
  const take = (...wanted: AxisIndex[]): AxisIndex | undefined => {
    const found = wanted.find((axis) => free.has(axis));
    if (found !== undefined) free.delete(found);
    return found;
  };
  const assigned = sizes.map((_, i): AxisIndex | undefined => {
    if (roles[i] === 'component') return take(AXIS.c);
    return roles[i] === 'time' ? take(AXIS.t) : undefined;
  });
  for (const [i] of sizes.entries()) {
    if (assigned[i] !== undefined) continue;
    const spare = sizes[i] === 1 ? undefined : take(AXIS.t, AXIS.c);
    assigned[i] = roles[i] === 'component' || roles[i] === 'time' ? spare : (take(AXIS.x, AXIS.y, AXIS.z) ?? spare);
  }
  const axes: StoredAxis[] = [];
  for (const [i, size] of sizes.entries()) {
    const axis = assigned[i];
    const last = axes.at(-1);
    if (axis !== undefined) axes.push({ axis, size });
    else if (size === 1) continue;
    // A sixth dimension joins its faster neighbour: their positions are numbered through.
    else if (last && (last.axis === AXIS.t || last.axis === AXIS.z || last.axis === AXIS.c)) {
      axes[axes.length - 1] = { axis: last.axis, size: last.size * size };
    } else
      throw unsupported('NRRD_AXES', `${file}: too many dimensions of this arrangement: ${sizes.join(' x ')}`, {
        file,
      });
  }
  const kinds = words(fields.get('kinds')).map((kind) => kind.toLowerCase());
  const c = assigned.indexOf(AXIS.c);
  const count = c < 0 ? 0 : sizes[c]!;
  const isColor = (count === 3 || count === 4) && (COLORS.has(kinds[c] ?? '') || (kinds.length === 0 && c === 0));
  // Anatomical spaces are DICOM's, in mm; for others µm is what every OME tool takes.
  const medical = ANATOMICAL.test(fields.get('space') ?? '') && directions.length > 0;
  const unit = option === undefined && medical ? 'mm' : unitOption(option);
  const { step, assumed } = stepsOf(header, assigned, directions, unit);
  return {
    axes,
    colorSamples: isColor ? count : undefined,
    complex: kinds[c] === 'complex',
    step,
    assumedUnit: assumed ? unit : undefined,
  };
}

function stepsOf(
  header: NrrdHeader,
  assigned: readonly (AxisIndex | undefined)[],
  directions: readonly (number | undefined)[],
  given: string | undefined,
): { step: Partial<Record<AxisIndex, Quantity>>; assumed: boolean } {
  const { fields } = header;
  const spacings = words(fields.get('spacings')).map(Number);
  const units = words(fields.get('units'));
  const spaceUnits = words(fields.get('space units'));
  const step: Partial<Record<AxisIndex, Quantity>> = {};
  let spatial = 0;
  let assumed = false;
  for (const [i, axis] of assigned.entries()) {
    const direction = directions[i];
    const value = direction ?? Math.abs(spacings[i] ?? Number.NaN);
    const unit = (direction === undefined ? units[i] : (spaceUnits[spatial] ?? units[i]))?.toLowerCase();
    if (direction !== undefined) spatial++;
    if (axis === undefined || !(value > 0) || !Number.isFinite(value)) continue;
    const isAssumed = !unit && axis !== AXIS.t && given !== undefined;
    const symbol = axis === AXIS.t ? timeWord(unit) : unit === 'a' ? 'Å' : lengthWord(unit);
    const known = isAssumed ? given : symbol;
    assumed ||= isAssumed;
    if (known) step[axis] = { value, unit: known };
  }
  return { step, assumed };
}
