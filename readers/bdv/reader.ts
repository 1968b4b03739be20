// BigDataViewer: t00000/s00/0/cells (time point, setup, resolution) in HDF5, everything else in XML. Layout and sources: NOTES.md.

import { textOf } from '../../src/containers/hdf5/attributes.js';
import type { Objects } from '../../src/containers/hdf5/object.js';
import { hdf5Of, headIsHdf5, openObjects } from '../../src/containers/hdf5/open.js';
import type { XmlElement } from '../../src/containers/xml/element.js';
import type { Dataset, ImageSource, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeImage } from '../../src/core/ome.js';
import { simpleImage } from '../../src/core/ome-build.js';
import { placeOf, sizesOf } from './space.js';
import { openViews, type ViewGroup } from './views.js';
import { parseSpimData, type Setup, type SpimData } from './xml.js';

const MOST_ROWS = 100_000;

/** Leaves and attributes of the XML, in document order. */
function xmlRows(element: XmlElement, prefix: string, rows: OriginalMetadata[]): OriginalMetadata[] {
  if (rows.length >= MOST_ROWS) return rows;
  const key = prefix === '' ? element.name : `${prefix}/${element.name}`;
  for (const [name, value] of Object.entries(element.attributes)) rows.push({ key: `${key}@${name}`, value });
  if (element.children.length > 0) for (const each of element.children) xmlRows(each, key, rows);
  else if (element.text.trim() !== '') rows.push({ key, value: element.text.trim() });
  return rows;
}

/** Setups and time points of a file without XML. */
async function guess(objects: Objects): Promise<SpimData> {
  const { links } = await objects.root();
  const find = (pattern: RegExp): number[] =>
    links.flatMap(({ name }) => (pattern.test(name) ? [Number(name.slice(1))] : [])).sort((a, b) => a - b);
  const setups = find(/^s\d{2,7}$/).map((id): Setup => ({ id, attributes: new Map([['channel', id]]) }));
  const timepoints = find(/^t\d{5,7}$/);
  if (setups.length === 0 || timepoints.length === 0) {
    const file = objects.file.name;
    throw formatError('BDV_GROUPS', `${file}: no groups of setups and time points`, { file });
  }
  return { setups, timepoints, missing: new Set(), affine: new Map(), names: new Map(), hdf5: '' };
}

/** Setups that differ only in their channel show the same place. */
function groupsOf(data: SpimData): ViewGroup[] {
  const groups = new Map<string, Setup[]>();
  for (const setup of data.setups) {
    const others = [...setup.attributes].filter(([name]) => name !== 'channel').map((pair) => pair.join(' '));
    const key = [others.sort().join(), setup.size?.join(' '), setup.voxel?.join(' ')].join('|');
    const group = groups.get(key);
    // Two setups of one channel cannot share an image.
    const taken = group?.some((each) => each.attributes.get('channel') === setup.attributes.get('channel'));
    if (group && !taken) group.push(setup);
    else groups.set(taken ? `${key}|${setup.id}` : key, [setup]);
  }
  return [...groups.values()].map((setups) => ({
    setups: setups.sort((a, b) => (a.attributes.get('channel') ?? 0) - (b.attributes.get('channel') ?? 0)),
  }));
}

function nameOf(group: ViewGroup, data: SpimData, several: boolean, input: InputTree): string {
  const [setup] = group.setups as readonly [Setup];
  if (!several) return input.name;
  const parts = ['angle', 'tile', 'illumination'].flatMap((attribute) => {
    const id = setup.attributes.get(attribute);
    return id === undefined ? [] : [`${attribute} ${data.names.get(`${attribute} ${id}`) ?? id}`];
  });
  return group.setups.length === 1 && setup.name ? setup.name : parts.join(', ') || `setup ${setup.id}`;
}

interface Input5 {
  readonly data: SpimData;
  readonly objects: Objects;
  readonly rows: OriginalMetadata[];
  /** Opened files, absolute. */
  readonly files: string[];
}

async function openInput(input: InputTree, options: OpenOptions): Promise<Input5> {
  const { limits } = options;
  const files: string[] = [];
  const opened = new Map<string, Promise<Objects | undefined>>();
  const open = (relative: string): Promise<Objects | undefined> => {
    const name = relative
      .replaceAll('\\', '/')
      .split('/')
      .filter((part) => part !== '.')
      .join('/');
    let found = opened.get(name);
    if (!found) {
      found = (async () => {
        try {
          const source = await input.open(name);
          files.push(source.name);
          return await openObjects(source, limits, open);
        } catch (error) {
          if (!(error instanceof ImgconvError) || error.code !== 'NOT_FOUND') throw error;
          return undefined;
        }
      })();
      opened.set(name, found);
    }
    return found;
  };
  let xmlName: string | undefined = input.name;
  if (headIsHdf5(input.head)) {
    const beside = input.name.replace(/\.[^.]+$/, '.xml');
    const names = (await input.list()).map(({ name }) => name);
    xmlName = names.includes(beside) ? beside : undefined;
  }
  const xml = xmlName === undefined ? undefined : await input.readSmall(xmlName, limits.metadataBytes);
  const parsed =
    xml && /<SpimData[\s>]/.test(Buffer.from(xml.subarray(0, 65536)).toString('latin1'))
      ? parseSpimData(xml, `${input.root}/${xmlName}`, limits.directories)
      : undefined;
  if (!parsed) {
    const objects = (await open(input.name)) ?? (await hdf5Of(input, limits));
    return { data: await guess(objects), objects, rows: [], files };
  }
  files.push(`${input.root}/${xmlName}`);
  const objects = await open(headIsHdf5(input.head) ? input.name : parsed.data.hdf5);
  if (!objects) {
    const file = `${input.root}/${parsed.data.hdf5}`;
    throw new ImgconvError(
      'io',
      'NOT_FOUND',
      `${input.path} names ${parsed.data.hdf5}, which does not exist beside it`,
      { file },
    );
  }
  return { data: parsed.data, objects, rows: xmlRows(parsed.root, '', []), files };
}

export async function openBdv(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const { data, objects, rows, files } = await openInput(input, options);
  const views = await openViews(objects, data, groupsOf(data), options);
  const images: ImageSource[] = [];
  const models: OmeImage[] = [];
  for (const [index, { group, levels, type }] of views.entries()) {
    const [setup] = group.setups as readonly [Setup];
    const name = nameOf(group, data, views.length > 1, input);
    const place = placeOf(data, setup, options);
    images.push({ name, role: 'pixels', type, levels, ...(place.origin ? { origin: place.origin } : {}) });
    const channels = group.setups.map((each) => {
      const id = each.attributes.get('channel');
      const label = id === undefined ? undefined : data.names.get(`channel ${id}`);
      const Name = label ?? each.name;
      return Name === undefined ? {} : { Name };
    });
    models.push(simpleImage({ index, name, shape: levels[0].shape, type, channels, pixels: sizesOf(setup) }));
  }
  for (const { group } of views) {
    for (const { id } of group.setups) {
      const type = textOf((await objects.get(`s${String(id).padStart(2, '0')}`))?.attributes.get('dataType'));
      if (type) rows.push({ key: `setup ${id} dataType`, value: type });
    }
  }
  return { format: 'bdv', ome: { Images: models }, images, original: rows, files };
}
