// Small valid OME-Zarr hierarchies in memory, 0.4 and 0.5, made without the code under test: key → JSON or bytes.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';

export type NgffVersion = '0.4' | '0.5';

// biome-ignore lint/suspicious/noExplicitAny: test data is changed at will
export type Loose = any;
export type Store = Map<string, Loose>;

export function keyOf(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/');
}

/** The object with `multiscales` and the like of a group. */
export function ome(store: Store, version: NgffVersion, path = ''): Loose {
  return version === '0.4' ? store.get(keyOf(path, '.zattrs')) : store.get(keyOf(path, 'zarr.json')).attributes.ome;
}

/** Metadata of an array. */
export function arrayOf(store: Store, version: NgffVersion, path: string): Loose {
  return store.get(keyOf(path, version === '0.4' ? '.zarray' : 'zarr.json'));
}

export function group(store: Store, version: NgffVersion, path: string, content?: Loose): void {
  if (version === '0.4') {
    store.set(keyOf(path, '.zgroup'), { zarr_format: 2 });
    if (content) store.set(keyOf(path, '.zattrs'), content);
  } else {
    const attributes = content ? { ome: { version: '0.5', ...content } } : {};
    store.set(keyOf(path, 'zarr.json'), { zarr_format: 3, node_type: 'group', attributes });
  }
}

export interface Pixels {
  readonly shape: readonly number[];
  /** C order. */
  readonly values: readonly number[];
}

/** Type names and writers of one number. */
const TYPES: Readonly<Record<string, readonly [v2: string, bytes: number]>> = {
  uint8: ['|u1', 1],
  uint16: ['<u2', 2],
  uint32: ['<u4', 4],
  float32: ['<f4', 4],
};

function encode(values: readonly number[], type: string): Uint8Array {
  const size = TYPES[type]![1];
  const bytes = Buffer.alloc(values.length * size);
  values.forEach((value, i) => {
    if (type === 'float32') bytes.writeFloatLE(value, i * 4);
    else bytes.writeUIntLE(value, i * size, size);
  });
  return bytes;
}

/** An array of one chunk a plane of the last two dimensions; zlib in 0.4, gzip in 0.5. */
export function array(
  store: Store,
  version: NgffVersion,
  path: string,
  { shape, values }: Pixels,
  type: string,
  names: readonly string[],
): void {
  const chunks = shape.map((n, i) => (i < shape.length - 2 ? 1 : n));
  if (version === '0.4') {
    store.set(keyOf(path, '.zarray'), {
      zarr_format: 2,
      shape,
      chunks,
      dtype: TYPES[type]![0],
      compressor: { id: 'zlib', level: 1 },
      fill_value: 0,
      order: 'C',
      filters: null,
      dimension_separator: '/',
    });
  } else {
    store.set(keyOf(path, 'zarr.json'), {
      zarr_format: 3,
      node_type: 'array',
      shape,
      data_type: type,
      chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      fill_value: 0,
      codecs: [
        TYPES[type]![1] === 1 ? { name: 'bytes' } : { name: 'bytes', configuration: { endian: 'little' } },
        { name: 'gzip', configuration: { level: 1 } },
      ],
      attributes: {},
      dimension_names: names,
    });
  }
  const plane = chunks.reduce((a, b) => a * b, 1);
  for (let i = 0; i * plane < values.length; i++) {
    let rest = i;
    const position = shape.map(() => 0);
    for (let d = shape.length - 3; d >= 0; d--) {
      position[d] = rest % shape[d]!;
      rest = Math.floor(rest / shape[d]!);
    }
    const bytes = encode(values.slice(i * plane, (i + 1) * plane), type);
    const key = version === '0.4' ? position.join('/') : `c/${position.join('/')}`;
    store.set(keyOf(path, key), version === '0.4' ? deflateSync(bytes) : gzipSync(bytes));
  }
}

/** Halve y and x: means of integers, or the first pixel for labels. Edge blocks average what exists. */
export function halve({ shape, values }: Pixels, isLabel: boolean): Pixels {
  const [h, w] = [shape.at(-2)!, shape.at(-1)!];
  const [ny, nx] = [Math.ceil(h / 2), Math.ceil(w / 2)];
  const planes = values.length / (h * w);
  const out: number[] = [];
  for (let p = 0; p < planes; p++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        const block: number[] = [];
        for (let dy = 0; dy < 2; dy++)
          for (let dx = 0; dx < 2; dx++)
            if (2 * y + dy < h && 2 * x + dx < w) block.push(values[(p * h + 2 * y + dy) * w + 2 * x + dx]!);
        out.push(isLabel ? block[0]! : Math.round(block.reduce((a, b) => a + b, 0) / block.length));
      }
    }
  }
  return { shape: [...shape.slice(0, -2), ny, nx], values: out };
}

/** A picture with structure at all scales. */
export function picture(shape: readonly number[]): Pixels {
  const [h, w] = [shape.at(-2)!, shape.at(-1)!];
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => {
    const x = i % w;
    const y = Math.floor(i / w) % h;
    const p = Math.floor(i / (w * h));
    return Math.round(2000 + 900 * Math.sin(x / 7 + p) + 700 * Math.cos(y / 5) + ((i * 7919) % 97));
  });
  return { shape, values };
}

export function labels(shape: readonly number[]): Pixels {
  const [h, w] = [shape.at(-2)!, shape.at(-1)!];
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => {
    const [x, y] = [i % w, Math.floor(i / w) % h];
    return (Math.floor(x / 16) + 3 * Math.floor(y / 16)) % 5;
  });
  return { shape, values };
}

export interface ImageOptions {
  readonly axes?: string;
  readonly shape?: readonly number[];
  readonly levels?: number;
  readonly label?: boolean;
  readonly type?: string;
}

/** An image group with its levels. */
export function image(store: Store, version: NgffVersion, path: string, options: ImageOptions = {}): void {
  const {
    axes = 'czyx',
    shape = [2, 3, 130, 97],
    levels = 3,
    label = false,
    type = label ? 'uint8' : 'uint16',
  } = options;
  const names = [...axes];
  const types: Readonly<Record<string, Loose>> = {
    t: { type: 'time', unit: 'second' },
    c: { type: 'channel' },
    z: { type: 'space', unit: 'micrometer' },
  };
  const datasets: Loose[] = [];
  let pixels = label ? labels(shape) : picture(shape);
  for (let level = 0; level < levels; level++) {
    const factor = 2 ** level;
    const isPlane = (name: string): boolean => name === 'y' || name === 'x';
    datasets.push({
      path: `s${level}`,
      coordinateTransformations: [
        { type: 'scale', scale: names.map((name) => (isPlane(name) ? 0.5 * factor : 1)) },
        { type: 'translation', translation: names.map((name) => (isPlane(name) && !label ? 0.25 * (factor - 1) : 0)) },
      ],
    });
    array(store, version, keyOf(path, `s${level}`), pixels, type, names);
    pixels = halve(pixels, label);
  }
  const channels = axes.includes('c') ? shape[axes.indexOf('c')]! : 1;
  group(store, version, path, {
    multiscales: [
      {
        ...(version === '0.4' && { version: '0.4' }),
        name: 'test',
        type: label ? 'nearest' : 'mean',
        metadata: { method: 'by hand' },
        axes: names.map((name) => ({ name, ...(types[name] ?? { type: 'space', unit: 'micrometer' }) })),
        datasets,
      },
    ],
    ...(label
      ? {
          'image-label': {
            ...(version === '0.4' && { version }),
            colors: [{ 'label-value': 1, rgba: [255, 0, 0, 255] }],
            source: { image: '../../' },
          },
        }
      : {
          omero: {
            channels: Array.from({ length: channels }, (_, i) => ({
              label: `channel ${i}`,
              color: 'FF0000',
              active: true,
              window: { min: 0, max: 65535, start: 300, end: 3800 },
            })),
          },
        }),
  });
}

/** Image with a label image. */
export function imageStore(version: NgffVersion): Store {
  const store: Store = new Map();
  image(store, version, '');
  group(store, version, 'labels', { labels: ['cells'] });
  image(store, version, 'labels/cells', { axes: 'zyx', shape: [3, 130, 97], label: true });
  return store;
}

/** Two wells of two fields. */
export function plateStore(version: NgffVersion): Store {
  const store: Store = new Map();
  group(store, version, '', {
    plate: {
      version,
      name: 'plate',
      rows: [{ name: 'A' }, { name: 'B' }],
      columns: [{ name: '1' }, { name: '2' }],
      field_count: 2,
      acquisitions: [{ id: 0, name: 'first', maximumfieldcount: 2 }],
      wells: [
        { path: 'A/1', rowIndex: 0, columnIndex: 0 },
        { path: 'B/2', rowIndex: 1, columnIndex: 1 },
      ],
    },
  });
  for (const well of ['A/1', 'B/2']) {
    group(store, version, well.split('/')[0]!);
    const images = ['0', '1'].map((path) => ({ path, acquisition: 0 }));
    group(store, version, well, { well: { ...(version === '0.4' && { version }), images } });
    for (const field of ['0', '1'])
      image(store, version, `${well}/${field}`, { axes: 'cyx', shape: [2, 40, 30], levels: 2 });
  }
  return store;
}

/** All keys below a path go. */
export function drop(store: Store, path: string): void {
  for (const key of [...store.keys()]) if (key === path || key.startsWith(`${path}/`)) store.delete(key);
}

export function writeStore(store: Store, folder: string): void {
  for (const [key, value] of store) {
    const file = join(folder, key);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, value instanceof Uint8Array ? value : JSON.stringify(value, null, 2));
  }
}
