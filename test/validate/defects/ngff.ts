// One deliberate defect each in a valid OME-Zarr, and the rule that finds it.

import {
  arrayOf,
  drop,
  imageStore,
  keyOf,
  type Loose,
  type NgffVersion,
  ome,
  plateStore,
  type Store,
} from './store.js';

export interface Defect {
  readonly id: string;
  readonly what: string;
  readonly rule: string;
  readonly base: 'image' | 'plate';
  /** Absent: both versions. */
  readonly only?: NgffVersion;
  /** Level that is needed; default metadata. */
  readonly level?: 'structure' | 'pixels';
  apply(store: Store, version: NgffVersion): void;
}

const multiscale = (store: Store, version: NgffVersion, path = ''): Loose => ome(store, version, path).multiscales[0];
const well = (store: Store, version: NgffVersion): Loose => ome(store, version, 'A/1').well;
const plate = (store: Store, version: NgffVersion): Loose => ome(store, version).plate;

/** Change every chunk of an array. */
function eachChunk(store: Store, path: string, change: (bytes: Uint8Array) => Uint8Array): void {
  for (const [key, value] of store)
    if (key.startsWith(`${path}/`) && value instanceof Uint8Array) store.set(key, change(value));
}

function swapArrays(store: Store, a: string, b: string): void {
  const moved = [...store].filter(([key]) => key.startsWith(`${a}/`) || key.startsWith(`${b}/`));
  for (const [key] of moved) store.delete(key);
  for (const [key, value] of moved)
    store.set(key.startsWith(`${a}/`) ? keyOf(b, key.slice(a.length + 1)) : keyOf(a, key.slice(b.length + 1)), value);
}

type Row = readonly [id: string, what: string, rule: string, apply: Defect['apply'], more?: Partial<Defect>];

const IMAGE: readonly Row[] = [
  [
    '01',
    'c after the space axes',
    'NGFF_AXES_ORDER',
    (s, v) => {
      const { axes } = multiscale(s, v);
      axes.push(axes.shift());
    },
  ],
  [
    '02',
    'two axes of the same name',
    'NGFF_AXES_DUPLICATE',
    (s, v) => {
      multiscale(s, v).axes[2].name = 'x';
    },
  ],
  [
    '03',
    'scale length ≠ number of axes',
    'NGFF_TRANSFORM_LENGTH',
    (s, v) => {
      multiscale(s, v).datasets[0].coordinateTransformations[0].scale.pop();
    },
  ],
  [
    '04',
    'two scales',
    'NGFF_TRANSFORM',
    (s, v) => {
      const list = multiscale(s, v).datasets[0].coordinateTransformations;
      list.splice(1, 1, { ...list[0] });
    },
  ],
  [
    '05',
    'translation before scale',
    'NGFF_TRANSFORM_ORDER',
    (s, v) => {
      multiscale(s, v).datasets[0].coordinateTransformations.reverse();
    },
  ],
  [
    '06',
    'datasets listed from small to large',
    'NGFF_LEVEL_ORDER',
    (s, v) => {
      multiscale(s, v).datasets.reverse();
    },
  ],
  [
    '07',
    'no ome.version',
    'NGFF_VERSION_MISSING',
    (s, v) => {
      delete ome(s, v).version;
    },
    { only: '0.5' },
  ],
  [
    '08',
    'a level lacks dimension_names',
    'NGFF_DIMENSION_NAMES',
    (s, v) => {
      delete arrayOf(s, v, 's1').dimension_names;
    },
    { only: '0.5' },
  ],
  [
    '09',
    'dimension_names ≠ axes',
    'NGFF_DIMENSION_NAMES',
    (s, v) => {
      arrayOf(s, v, 's1').dimension_names = ['c', 'z', 'x', 'y'];
    },
    { only: '0.5' },
  ],
  ['10', 'a listed level is missing', 'NGFF_LEVEL_MISSING', (s) => drop(s, 's1')],
  [
    '11',
    'fewer axes than dimensions',
    'NGFF_AXES_COUNT',
    (s, v) => {
      const one = multiscale(s, v);
      one.axes.shift();
      for (const { coordinateTransformations: list } of one.datasets) for (const each of list) each[each.type].shift();
      delete ome(s, v).omero;
    },
  ],
  [
    '12',
    'omero color "red"',
    'NGFF_OMERO_COLOR',
    (s, v) => {
      ome(s, v).omero.channels[0].color = 'red';
    },
  ],
  [
    '13',
    'omero window lacks start',
    'NGFF_OMERO_WINDOW',
    (s, v) => {
      delete ome(s, v).omero.channels[0].window.start;
    },
  ],
  [
    '14',
    'unit "micron"',
    'NGFF_UNIT',
    (s, v) => {
      multiscale(s, v).axes[3].unit = 'micron';
    },
  ],
  [
    '15',
    'label of type float32',
    'NGFF_LABEL_TYPE',
    (s, v) => {
      for (const level of ['s0', 's1', 's2']) {
        const path = `labels/cells/${level}`;
        const metadata = arrayOf(s, v, path);
        if (v === '0.4') metadata.dtype = '<f4';
        else {
          metadata.data_type = 'float32';
          metadata.codecs[0].configuration = { endian: 'little' };
        }
        for (const [key, value] of s) if (key.startsWith(`${path}/`) && value instanceof Uint8Array) s.delete(key);
      }
    },
  ],
  [
    '16',
    'label with fewer levels than the image',
    'NGFF_LABEL_LEVELS',
    (s, v) => {
      multiscale(s, v, 'labels/cells').datasets.pop();
      drop(s, 'labels/cells/s2');
    },
  ],
  [
    '17',
    'labels lists a missing image',
    'NGFF_LABEL_MISSING',
    (s, v) => {
      ome(s, v, 'labels').labels.push('nuclei');
    },
  ],
  [
    '18',
    'labels group without version',
    'NGFF_VERSION_MISSING',
    (s, v) => {
      delete ome(s, v, 'labels').version;
    },
    { only: '0.5' },
  ],
  [
    '19',
    'corrupt chunk',
    'ZARR_CHUNK_BROKEN',
    (s, v) => {
      const key = v === '0.4' ? 's0/0/0/0/0' : 's0/c/0/0/0/0';
      const bytes = Uint8Array.from(s.get(key));
      bytes.fill(0xa5, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2));
      s.set(key, bytes);
    },
    { level: 'pixels' },
  ],
  [
    '20',
    'levels of different types',
    'NGFF_LEVEL_TYPE',
    (s, v) => {
      const metadata = arrayOf(s, v, 's1');
      if (v === '0.4') metadata.dtype = '<i2';
      else metadata.data_type = 'int16';
    },
  ],
  ['21', 'arrays s0 and s1 swapped', 'NGFF_LEVEL_SHAPE', (s) => swapArrays(s, 's0', 's1')],
  [
    '22',
    'scale 1 at the half-size level',
    'NGFF_SCALE_SHAPE',
    (s, v) => {
      for (const { coordinateTransformations: list } of multiscale(s, v).datasets) {
        list[0].scale = [1, 1, 1, 1];
        list.length = 1;
      }
    },
  ],
  [
    '23',
    'global transformation of unknown type',
    'NGFF_TRANSFORM_TYPE',
    (s, v) => {
      multiscale(s, v).coordinateTransformations = [{ type: 'shear', shear: [1, 1, 1, 1] }];
    },
  ],
  [
    '24',
    'omero with 1 channel for 2',
    'NGFF_OMERO_CHANNELS',
    (s, v) => {
      ome(s, v).omero.channels.pop();
    },
  ],
  [
    '25',
    'unknown codec',
    'ZARR_CODEC',
    (s, v) => {
      const metadata = arrayOf(s, v, 's0');
      if (v === '0.4') metadata.compressor = { id: 'squash9000' };
      else metadata.codecs[1] = { name: 'squash9000', configuration: {} };
    },
  ],
  [
    '26',
    'time after channel',
    'NGFF_AXES_ORDER',
    (s, v) => {
      multiscale(s, v).axes[1] = { name: 't', type: 'time', unit: 'second' };
      if (v === '0.5') for (const level of ['s0', 's1', 's2']) arrayOf(s, v, level).dimension_names[1] = 't';
    },
  ],
  [
    '27',
    '0.4-style attributes in a Zarr v3 group',
    'NGFF_OME_KEY',
    (s) => {
      const root = s.get('zarr.json');
      const { version: _, ...rest } = root.attributes.ome;
      root.attributes = rest;
    },
    { only: '0.5' },
  ],
  [
    '28',
    'label group of another version',
    'NGFF_VERSION_MIXED',
    (s, v) => {
      if (v === '0.5') ome(s, v, 'labels/cells').version = '0.4';
      else multiscale(s, v, 'labels/cells').version = '0.3';
    },
  ],
];

const PLATE: readonly Row[] = [
  [
    '41',
    'rowIndex ≠ path',
    'NGFF_WELL_INDEX',
    (s, v) => {
      plate(s, v).wells[1].rowIndex = 0;
    },
  ],
  [
    '42',
    'plate lists a missing well',
    'NGFF_WELL_MISSING',
    (s, v) => {
      plate(s, v).wells.push({ path: 'A/2', rowIndex: 0, columnIndex: 1 });
    },
  ],
  [
    '43',
    'two acquisitions, fields without',
    'NGFF_ACQUISITION_MISSING',
    (s, v) => {
      plate(s, v).acquisitions.push({ id: 1, name: 'second', maximumfieldcount: 2 });
      for (const each of well(s, v).images) delete each.acquisition;
    },
  ],
  [
    '44',
    'duplicate row',
    'NGFF_PLATE_NAME',
    (s, v) => {
      plate(s, v).rows.push({ name: 'A' });
    },
  ],
  [
    '45',
    'well path "A/1/"',
    'NGFF_WELL_PATH',
    (s, v) => {
      plate(s, v).wells[0].path = 'A/1/';
    },
  ],
  ['46', 'a listed field is missing', 'NGFF_FIELD_MISSING', (s) => drop(s, 'A/1/1')],
  [
    '47',
    'acquisition unknown to the plate',
    'NGFF_ACQUISITION',
    (s, v) => {
      well(s, v).images[0].acquisition = 7;
    },
  ],
  [
    '48',
    'broken multiscales in a field',
    'NGFF_DATASETS',
    (s, v) => {
      delete multiscale(s, v, 'A/1/0').datasets;
    },
  ],
  [
    '49',
    'row name "A-1"',
    'NGFF_PLATE_NAME',
    (s, v) => {
      plate(s, v).rows[0].name = 'A-1';
      plate(s, v).wells[0].path = 'A-1/1';
    },
  ],
];

/** What no tool that was tried finds, and what belongs to other levels. */
const MORE: readonly Row[] = [
  [
    '51',
    'level with the pixels of another picture',
    'NGFF_LEVEL_PIXELS',
    (s) => {
      // Planes of the second channel, upside down, under the names of the first.
      const keys = [...s.keys()].filter((key) => /^s1\/(c\/)?\d/.test(key));
      const values = keys.map((key) => s.get(key));
      keys.forEach((key, i) => {
        s.set(key, values[values.length - 1 - i]);
      });
    },
    { level: 'pixels' },
  ],
  [
    '52',
    'chunk file that is empty',
    'ZARR_CHUNK_BYTES',
    (s, v) => {
      s.set(v === '0.4' ? 's0/0/0/0/0' : 's0/c/0/0/0/0', new Uint8Array(0));
    },
    { level: 'structure' },
  ],
  [
    '53',
    'chunk outside of the grid',
    'ZARR_CHUNK_STRAY',
    (s, v) => {
      s.set(v === '0.4' ? 's0/0/9/0/0' : 's0/c/0/9/0/0', new Uint8Array(4));
    },
    { level: 'structure' },
  ],
  [
    '54',
    'translation that fits no way of averaging',
    'NGFF_TRANSLATION',
    (s, v) => {
      multiscale(s, v).datasets[1].coordinateTransformations[1].translation = [0, 0, 3, 3];
    },
  ],
  [
    '55',
    'array without chunks',
    'ZARR_NO_CHUNKS',
    (s) => {
      for (const [key, value] of s) if (key.startsWith('s1/') && value instanceof Uint8Array) s.delete(key);
    },
    { level: 'structure' },
  ],
  [
    '56',
    'chunk that decodes to too few pixels',
    'ZARR_CHUNK_BROKEN',
    (s, v) => {
      eachChunk(s, 's2', () => s.get(v === '0.4' ? 'labels/cells/s2/0/0/0' : 'labels/cells/s2/c/0/0/0'));
    },
    { level: 'pixels' },
  ],
];

const make =
  (base: Defect['base']) =>
  ([id, what, rule, apply, more]: Row): Defect => ({ id, what, rule, base, apply, ...more });

export const NGFF_DEFECTS: readonly Defect[] = [...IMAGE.map(make('image')), ...PLATE.map(make('plate'))];
export const MORE_DEFECTS: readonly Defect[] = MORE.map(make('image'));

/** The hierarchy with the defect in it. */
export function broken(defect: Defect, version: NgffVersion): Store {
  const store = defect.base === 'image' ? imageStore(version) : plateStore(version);
  defect.apply(store, version);
  return store;
}
