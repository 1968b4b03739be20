// The TIFFs of a field, wherever they lie. One of each kind is opened to describe the fields; the others when pixels are asked for.

import {
  type FileSetLevel,
  levelOfFiles,
  lostLevel,
  type PlaneFile,
  pendingLevel,
  withSparseGaps,
} from '../../src/containers/tiff/file-set.js';
import type { ByteSource, InputTree, Level, OpenOptions } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { fieldName } from './metadata.js';
import type { Facts, Field } from './planes.js';

const FOLDERS = ['', 'Images/', 'flex/', 'Flex/'] as const;
/** Files named in notices of one sort. */
const LISTED = 20;
/** Files of a kind that are tried before it is given up. */
const TRIES = 8;

/** The files that the index names: beside it, or in the folders that Harmony uses. */
export class Tiffs {
  /** By name as it is, and in lower case: names are told apart as the file system of the microscope does it. */
  readonly #places = new Map<string, string>();

  private constructor(
    readonly input: InputTree,
    readonly options: OpenOptions,
  ) {}

  /** @param base folder of the index, with '/' at its end, or '' */
  static async list(input: InputTree, base: string, options: OpenOptions): Promise<Tiffs> {
    const tiffs = new Tiffs(input, options);
    for (const folder of FOLDERS) {
      for (const entry of await input.list(`${base}${folder}`.replace(/\/$/, ''))) {
        if (entry.folder) continue;
        const place = `${base}${folder}${entry.name}`;
        for (const name of [entry.name, entry.name.toLowerCase()]) {
          if (!tiffs.#places.has(name)) tiffs.#places.set(name, place);
        }
      }
    }
    return tiffs;
  }

  /** Place in the input; undefined where there is no such file. */
  place(url: string): string | undefined {
    const exact = this.#places.get(url);
    if (exact !== undefined) return exact;
    const name = url.replaceAll('\\', '/').replace(/^.*\//, '');
    return this.#places.get(name) ?? this.#places.get(name.toLowerCase());
  }

  async open(url: string): Promise<ByteSource | undefined> {
    const place = this.place(url);
    return place === undefined ? undefined : this.input.open(place);
  }
}

function planeFile(plane: Field['planes'][number]): PlaneFile | undefined {
  const name = plane.facts.text('URL');
  if (name === undefined) return undefined;
  return { t: plane.t, c: plane.c, z: plane.z, name, page: plane.facts.number('BufferNo') ?? 0 };
}

/** What the pixels of a field are, as far as the index and a sample tell. */
export interface FieldPixels {
  readonly level: Level;
  readonly type: PixelType;
  readonly samples: number;
}

interface Sample extends FileSetLevel {
  readonly level: Level;
  readonly type: PixelType;
}

/** Opens one file of each channel and size. */
export class PlateReader {
  readonly #samples = new Map<string, Sample | undefined>();
  /** Names of listed files that do not exist. */
  readonly missing: string[] = [];
  /** Files that exist, absolute. */
  readonly files: string[] = [];
  #any: Sample | undefined;
  #told = 0;

  constructor(
    readonly tiffs: Tiffs,
    /** The index. */
    readonly file: string,
  ) {}

  /** Look at every listed file's name, and at one file of each kind. Errors: format PHENIX_INDEX where no TIFF can be read. */
  async look(fields: readonly Field[]): Promise<void> {
    const kinds = new Map<string, PlaneFile[]>();
    const { root } = this.tiffs.input;
    for (const { planes } of fields) {
      for (const plane of planes) {
        const listed = planeFile(plane);
        if (!listed) continue;
        const place = this.tiffs.place(listed.name);
        if (place === undefined) {
          this.missing.push(listed.name);
          continue;
        }
        this.files.push(`${root}/${place}`);
        const kind = kindOf(plane.facts);
        const tried = kinds.get(kind);
        if (!tried) kinds.set(kind, [listed]);
        else if (tried.length < TRIES) tried.push(listed);
      }
    }
    const broken: string[] = [];
    for (const [kind, list] of kinds) {
      const sample = await this.#sample(list, broken);
      this.#samples.set(kind, sample);
      this.#any ??= sample;
    }
    this.missing.sort();
    this.#tell('FILE_MISSING', this.missing, 'a TIFF that the index lists is missing: ', 'TIFFs are missing in all');
    if (this.#any) return;
    this.#tell('FILE_BROKEN', broken, 'a TIFF cannot be read: ', 'TIFFs were tried');
    const first = this.missing[0] ?? broken[0] ?? 'none named';
    throw formatError('PHENIX_TIFFS', `${this.file}: none of its TIFFs can be read, first: ${first}`, {
      file: this.file,
    });
  }

  #tell(code: string, list: readonly string[], what: string, all: string): void {
    const { options } = this.tiffs;
    for (const text of list.slice(0, LISTED)) options.notice({ code, rank: 'damage', text: `${what}${text}` });
    if (list.length > LISTED) options.notice({ code, rank: 'damage', text: `${list.length} ${all}` });
  }

  async #sample(list: readonly PlaneFile[], broken: string[]): Promise<Sample | undefined> {
    for (const { name, page } of list) {
      const plane = { t: 0, c: 0, z: 0, name, page };
      const found = await levelOfFiles([plane], [1, 1, 1], (each) => this.tiffs.open(each), this.tiffs.options);
      const { level, type } = found;
      if (level && type) return { ...found, level, type };
      broken.push(...found.broken);
    }
    return undefined;
  }

  pixels(field: Field): FieldPixels {
    const { counts } = field;
    const listed = field.planes.map(planeFile).filter((each) => each !== undefined);
    const present = listed.filter(({ name }) => this.tiffs.place(name) !== undefined);
    let sample: Sample | undefined;
    for (const { facts } of field.planes) sample ??= this.#samples.get(kindOf(facts));
    const any = this.#any!;
    if (!sample || present.length === 0) {
      // Nothing is left of the field.
      const { type, samples } = sample ?? any;
      const [x, y] = sizeOf(field, this.file);
      const [t, c, z] = counts;
      return { level: lostLevel([t, c * samples, z, y, x], samples), type, samples };
    }
    return { level: this.#pending(sample, listed, present.length, counts), type: sample.type, samples: sample.samples };
  }

  /** What waits for its turn holds these values alone, not the records of the index. */
  #pending(
    { level: like, samples, key }: Sample,
    listed: readonly PlaneFile[],
    present: number,
    counts: Field['counts'],
  ): Level {
    const [t, c, z] = counts;
    const gaps = { count: t * c * z - present, absent: present === listed.length ? 'sparse' : 'missing' } as const;
    const level = pendingLevel(like, counts, gaps, async () => {
      const { tiffs } = this;
      const found = await levelOfFiles(listed, counts, (name) => tiffs.open(name), tiffs.options, key);
      for (const text of found.broken) this.#tellBroken(text);
      if (!found.level) return lostLevel(level.shape, samples);
      // Planes that the measurement never took are no damage; as soon as a TIFF is lost, every gap is listed.
      return found.missing.length + found.broken.length === 0 ? withSparseGaps(found.level) : found.level;
    });
    return level;
  }

  #tellBroken(text: string): void {
    this.#told++;
    if (this.#told > LISTED + 1) return;
    const last = this.#told === LISTED + 1;
    this.tiffs.options.notice({
      code: 'FILE_BROKEN',
      rank: 'damage',
      text: last ? 'further TIFFs are left out' : `a TIFF is left out: ${text}`,
    });
  }
}

/** Files of a kind are alike: those of a channel and size. */
function kindOf(facts: Facts): string {
  return ['ChannelID', 'ImageSizeX', 'ImageSizeY'].map((name) => facts.text(name)).join(' ');
}

/** Size of a field's planes by the index, where none of them can be read. */
function sizeOf(field: Field, file: string): readonly [x: number, y: number] {
  const { facts } = field.planes[0]!;
  const [x, y] = [facts.number('ImageSizeX'), facts.number('ImageSizeY')];
  const valid = (n: number | undefined): n is number => n !== undefined && Number.isInteger(n) && n > 0 && n < 2 ** 20;
  if (!valid(x) || !valid(y)) {
    throw formatError('PHENIX_INDEX', `${file}: ${fieldName(field)} has no TIFF and no valid size`, { file });
  }
  return [x, y];
}
