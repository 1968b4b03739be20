// Leica XLEF: a tree of XML files (project, collections, images) that name files with pixels. Layout and sources: ../lif/NOTES.md.

import { type Gathered, makeDataset } from '../../src/containers/leica/dataset.js';
import { fileName, findImages } from '../../src/containers/leica/elements.js';
import { readLof, readXlef } from '../../src/containers/leica/file.js';
import { findPixels } from '../../src/containers/leica/frames.js';
import { child, children, type XmlElement } from '../../src/containers/xml/element.js';
import type { ByteSource, Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';

const MAX_DEPTH = 32;

/** 'Metadata' and '../a/b.lof' to 'a/b.lof'; undefined above the root. */
function resolveBelow(folder: string, name: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of name.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function folderOf(name: string): string {
  const end = name.lastIndexOf('/');
  return end < 0 ? '' : name.slice(0, end);
}

class Project {
  readonly files = new Set<string>();
  readonly missing = new Set<string>();
  readonly gathered: Gathered[] = [];
  readonly photons: string[] = [];
  private readonly open = new Map<string, ByteSource>();

  constructor(
    readonly input: InputTree,
    readonly options: OpenOptions,
  ) {}

  /** Name as it is on disk: Windows does not tell case. */
  private async actual(name: string): Promise<string | undefined> {
    let at = '';
    for (const part of name.split('/')) {
      const entries = await this.input.list(at);
      const hit =
        entries.find((entry) => entry.name === part) ??
        entries.find((entry) => entry.name.toLowerCase() === part.toLowerCase());
      if (!hit) return undefined;
      at = at === '' ? hit.name : `${at}/${hit.name}`;
    }
    return at;
  }

  /** A file that one in `folder` names; undefined where it does not exist. */
  async part(folder: string, name: string): Promise<{ source: ByteSource; name: string } | undefined> {
    const wanted = resolveBelow(folder, name);
    const found = wanted === undefined ? undefined : await this.actual(wanted);
    if (found === undefined) {
      this.missing.add(wanted ?? name);
      return undefined;
    }
    const source = this.open.get(found) ?? (await this.input.open(found));
    this.open.set(found, source);
    this.files.add(source.name);
    return { source, name: found };
  }

  /** Project, collection or image: what it holds, in order. `names`: of the collections above it. */
  async read(
    source: ByteSource,
    name: string,
    names: readonly string[],
    chain: readonly string[],
    isTop: boolean,
  ): Promise<void> {
    if (chain.length > MAX_DEPTH || chain.includes(name))
      throw formatError('XLEF_LOOP', `${source.name}: the files of this project name each other in a circle`, {
        file: source.name,
      });
    const root = await readXlef(source, this.options.limits);
    const element = child(root, 'Element');
    const folder = folderOf(name);
    const own = element?.attribute('Name') ?? '';
    const isProject = child(child(element, 'Data'), 'Experiment') !== undefined;
    const below = isProject || isTop || own === '' ? names : [...names, own];
    await this.addImages(root, folder, source, names);
    for (const reference of children(child(element, 'Children'), 'Reference')) {
      const file = fileName(reference.attribute('File') ?? '');
      if (file === '') continue;
      const part = await this.part(folder, file);
      if (!part) continue;
      const { length } = this.gathered;
      if (length > this.options.limits.images)
        throw new ImgconvError('limit', 'IMAGES', `${source.name}: more than ${length} images`, { file: source.name });
      if (/\.lof$/i.test(part.name)) await this.addLof(part.source, below);
      else if (/\.xl(if|cf|ef)$/i.test(part.name))
        await this.read(part.source, part.name, below, [...chain, name], false);
    }
  }

  private async addImages(
    root: XmlElement,
    folder: string,
    source: ByteSource,
    names: readonly string[],
  ): Promise<void> {
    const { images, photons } = findImages(root, true);
    this.photons.push(...photons);
    for (const image of images) {
      const open = async (name: string): Promise<ByteSource | undefined> => (await this.part(folder, name))?.source;
      try {
        const pixels = await findPixels(image, source.name, open, this.options);
        this.gathered.push({ image: { ...image, name: [...names, image.name].join('/') }, pixels });
      } catch (error) {
        if (!(error instanceof ImgconvError)) throw error;
        const text = `image ${JSON.stringify(image.name)} is left out: ${error.message}`;
        this.options.notice({ code: error.code, rank: 'damage', text });
      }
    }
  }

  private async addLof(source: ByteSource, names: readonly string[]): Promise<void> {
    const { root, memory } = await readLof(source, this.options.limits);
    const [only] = memory.values();
    for (const image of findImages(root, true).images.slice(0, 1))
      this.gathered.push({
        image: { ...image, name: [...names, image.name].join('/') },
        pixels: { file: source.name, memory: only },
      });
  }

  async close(): Promise<void> {
    await Promise.all([...this.open.values()].map((source) => source.close()));
  }
}

export async function openXlef(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const project = new Project(input, options);
  const source = await input.open();
  try {
    project.files.add(source.name);
    await project.read(source, input.name, [], [], true);
    // Pictures are looked for as their images are made.
    const made = await makeDataset('xlef', project.gathered, options);
    const missing = [...project.missing].sort();
    const what = missing.slice(0, 5).join(', ');
    const lost = `${missing.length} files are missing: ${what}; open the .xlef at the top if they lie above`;
    if (missing.length > 0) options.notice({ code: 'FILE_MISSING', rank: 'damage', text: `${source.name}: ${lost}` });
    if (project.photons.length > 0) {
      const text = `${source.name}: ${project.photons.length} photon records (FLIM) are not read`;
      options.notice({ code: 'LEICA_PHOTONS', rank: 'loss', text });
    }
    if (made.images.length === 0)
      throw formatError('XLEF_EMPTY', `${source.name}: no image can be read${missing.length > 0 ? `; ${lost}` : ''}`, {
        file: source.name,
      });
    return { ...made, files: [...project.files], missing: missing.length > 0 ? missing : undefined };
  } finally {
    await source.close();
    await project.close();
  }
}
