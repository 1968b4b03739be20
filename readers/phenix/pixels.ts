// The TIFFs of a field, wherever they lie.

import { type FileSetLevel, levelOfFiles, withSparseGaps } from '../../src/containers/tiff/file-set.js';
import type { ByteSource, InputTree, Level, OpenOptions } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { Field } from './planes.js';

const FOLDERS = ['', 'Images/', 'flex/', 'Flex/'] as const;

/** Opens the files that the index names: beside it, or in the folders that Harmony uses. */
export class Tiffs {
  #folder: (typeof FOLDERS)[number] = '';

  constructor(
    readonly input: InputTree,
    /** Folder of the index, with '/' at its end, or ''. */
    readonly base: string,
    readonly options: OpenOptions,
  ) {}

  async open(url: string): Promise<ByteSource | undefined> {
    const name = url.replaceAll('\\', '/').replace(/^.*\//, '');
    for (const folder of [this.#folder, ...FOLDERS]) {
      try {
        const source = await this.input.open(`${this.base}${folder}${name}`);
        this.#folder = folder;
        return source;
      } catch (error) {
        if (!(error instanceof ImgconvError) || error.code !== 'NOT_FOUND') throw error;
      }
    }
    return undefined;
  }
}

export async function fieldPixels(field: Field, tiffs: Tiffs): Promise<FileSetLevel> {
  const planes = field.planes.flatMap(({ t, c, z, facts }) => {
    const name = facts.text('URL');
    return name === undefined ? [] : [{ t, c, z, name, page: facts.number('BufferNo') ?? 0 }];
  });
  const found = await levelOfFiles(planes, field.counts, (name) => tiffs.open(name), tiffs.options);
  // Planes that the measurement never took are no damage; as soon as a TIFF is lost, every gap is listed.
  const whole = found.missing.length === 0 && found.broken.length === 0;
  return found.level && whole ? { ...found, level: withSparseGaps(found.level) } : found;
}

/** A field of which nothing is left: all planes are missing. */
export function lostLevel(shape: Tczyx, samples: number): Level {
  const [t, c, z, y, x] = shape;
  const count = t * (c / samples) * z;
  return {
    shape,
    blocks: {
      layout: { kind: 'grid', block: [1, samples, 1, y, x], edge: 'clipped' },
      address: { kind: 'table', file: 0, offset: new Float64Array(count).fill(-1), length: new Float64Array(count) },
      files: [],
      chains: [{ codecs: [], order: 'tzyxc' }],
      fill: 0,
      absent: 'missing',
    },
  };
}
