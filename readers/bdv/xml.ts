// SpimData XML: setups, their attributes, time points, missing views, registrations.

import { children, numberAt, path, paths, textAt, type XmlElement } from '../../src/containers/xml/element.js';
import { parseXml } from '../../src/containers/xml/parse.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';

export interface Setup {
  readonly id: number;
  readonly name?: string;
  /** x, y, z. */
  readonly size?: readonly number[];
  readonly voxel?: readonly number[];
  readonly unit?: string;
  /** 'channel', 'angle', 'tile', 'illumination' … to their numbers. */
  readonly attributes: ReadonlyMap<string, number>;
}

export interface SpimData {
  readonly setups: readonly Setup[];
  readonly timepoints: readonly number[];
  /** 'timepoint setup'. */
  readonly missing: ReadonlySet<string>;
  /** 12 numbers, row by row: from pixels to the common space. Key 'timepoint setup'. */
  readonly affine: ReadonlyMap<string, readonly number[]>;
  /** Name of an attribute's entity: 'channel 0' to its name. */
  readonly names: ReadonlyMap<string, string>;
  /** File, relative to the XML. */
  readonly hdf5: string;
}

const MOST_TIMEPOINTS = 10_000_000;

function numbers(text: string | undefined): number[] | undefined {
  const list = (text ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(Number);
  return list.length > 0 && list.every(Number.isFinite) ? list : undefined;
}

/** '0-10:2, 13': ranges with steps. */
function pattern(text: string, limit: number): number[] {
  const list: number[] = [];
  for (const part of text.split(/[\s,;]+/)) {
    const match = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part);
    if (!match) continue;
    const [first, last, step] = [Number(match[1]), Number(match[2] ?? match[1]), Math.max(1, Number(match[3] ?? 1))];
    for (let i = first; i <= last && list.length <= limit; i += step) list.push(i);
  }
  return list;
}

function readTimepoints(element: XmlElement | undefined, limit: number, file: string): number[] {
  let list: number[];
  if (element?.attribute('type') === 'range') {
    list = pattern(`${numberAt(element, 'first') ?? 0}-${numberAt(element, 'last') ?? 0}`, limit);
  } else if (textAt(element, 'integerpattern') !== undefined) list = pattern(textAt(element, 'integerpattern')!, limit);
  else list = children(element, 'Timepoint').map((each) => numberAt(each, 'id') ?? 0);
  if (list.length > Math.min(limit, MOST_TIMEPOINTS)) {
    throw new ImgconvError('limit', 'DIRECTORIES', `${file}: more than ${limit} time points`, { file });
  }
  return list.length > 0 ? [...new Set(list)].sort((a, b) => a - b) : [0];
}

/** Transforms are applied last to first: the product of the list, the first one outermost. */
function compose(list: readonly (readonly number[])[]): readonly number[] {
  return list.reduce((a, b) => {
    const out: number[] = [];
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 4; column++) {
        const sum = [0, 1, 2].reduce((n, k) => n + a[row * 4 + k]! * b[k * 4 + column]!, 0);
        out.push(sum + (column === 3 ? a[row * 4 + 3]! : 0));
      }
    }
    return out;
  });
}

function setupOf(element: XmlElement): Setup | undefined {
  const id = numberAt(element, 'id');
  if (id === undefined || !Number.isInteger(id) || id < 0) return undefined;
  const attributes = new Map<string, number>();
  for (const each of path(element, 'attributes')?.children ?? []) {
    const value = Number(each.text.trim());
    if (Number.isInteger(value)) attributes.set(each.name, value);
  }
  const voxel = numbers(textAt(element, 'voxelSize/size'));
  return {
    id,
    name: textAt(element, 'name'),
    size: numbers(textAt(element, 'size')),
    voxel: voxel?.length === 3 ? voxel : undefined,
    unit: textAt(element, 'voxelSize/unit'),
    attributes,
  };
}

export function parseSpimData(bytes: Uint8Array, file: string, limit: number): { data: SpimData; root: XmlElement } {
  const root = parseXml(bytes);
  const sequence = path(root, 'SequenceDescription');
  const loader = path(sequence, 'ImageLoader');
  const format = loader?.attribute('format') ?? '';
  if (root.name !== 'SpimData' || !loader)
    throw formatError('BDV_XML', `${file}: no SpimData with an ImageLoader`, { file });
  if (format !== 'bdv.hdf5') {
    const hint = /n5|zarr/.test(format) ? '; open the N5 or Zarr folder that it names instead' : '';
    throw unsupported(
      'BDV_BACKEND',
      `${file}: the image loader ${format || 'without a name'} is not supported${hint}`,
      { file },
    );
  }
  const hdf5 = textAt(loader, 'hdf5');
  if (!hdf5) throw formatError('BDV_XML', `${file}: the image loader names no HDF5 file`, { file });
  const base = textAt(root, 'BasePath') ?? '.';
  const setups = paths(sequence, 'ViewSetups/ViewSetup').flatMap((each) => setupOf(each) ?? []);
  const missing = new Set<string>();
  for (const each of paths(sequence, 'MissingViews/MissingView')) {
    missing.add(`${each.attribute('timepoint')} ${each.attribute('setup')}`);
  }
  const affine = new Map<string, readonly number[]>();
  for (const each of paths(root, 'ViewRegistrations/ViewRegistration')) {
    const list = children(each, 'ViewTransform').flatMap((one) => {
      const values = numbers(textAt(one, 'affine'));
      return values?.length === 12 ? [values] : [];
    });
    if (list.length > 0) affine.set(`${each.attribute('timepoint')} ${each.attribute('setup')}`, compose(list));
  }
  const names = new Map<string, string>();
  for (const group of paths(sequence, 'ViewSetups/Attributes')) {
    for (const each of group.children) {
      const name = textAt(each, 'name');
      if (name) names.set(`${group.attribute('name')} ${numberAt(each, 'id')}`, name);
    }
  }
  const relative = /^([A-Za-z]:)?[\\/]/.test(hdf5) ? hdf5.split(/[\\/]/).at(-1)! : `${base}/${hdf5}`;
  const timepoints = readTimepoints(path(sequence, 'Timepoints'), limit, file);
  return { data: { setups, timepoints, missing, affine, names, hdf5: relative }, root };
}
