// The TIFF files of a set, found by file name or UUID, opened on demand. A set may have more members than a process may have open files,
// so only some stay open: a source that was closed opens itself again.

import { hasFile } from '../../src/containers/has-file.js';
import { looksLikeOmeXml, rootUuid } from '../../src/containers/ome-xml/detect.js';
import type { TiffDataBlock } from '../../src/containers/ome-xml/document.js';
import { parseTiff, type TiffFile } from '../../src/containers/tiff/file.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { ByteSource, InputTree } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { Limits } from '../../src/core/limits.js';

const OPEN = 32;
const SCANNED = 4096;

/** Sources of a tree of which only the last used ones are open. */
class Sources {
  private readonly open = new Map<string, Promise<ByteSource>>();

  constructor(private readonly input: InputTree) {}

  async get(relative: string): Promise<ByteSource> {
    const first = await this.real(relative);
    const { name, size } = first;
    return {
      name,
      size,
      read: async (offset, length) => (await this.real(relative)).read(offset, length),
      close: async () => this.drop(relative),
    };
  }

  private real(relative: string): Promise<ByteSource> {
    const known = this.open.get(relative);
    if (known) return known;
    const made = this.input.open(relative);
    this.open.set(relative, made);
    made.catch(() => this.open.delete(relative));
    if (this.open.size > OPEN) void this.drop(this.open.keys().next().value as string);
    return made;
  }

  private async drop(relative: string): Promise<void> {
    const source = this.open.get(relative);
    this.open.delete(relative);
    await (await source)?.close();
  }
}

/** The opened TIFF, its name in the folder and the UUID in it. */
export interface OwnFile {
  readonly name: string;
  readonly file: TiffFile;
  readonly uuid?: string;
}

export class Members {
  private readonly files = new Map<string, Promise<TiffFile | undefined>>();
  private readonly sources: Sources;
  private byUuid: Promise<ReadonlyMap<string, string>> | undefined;
  /** Names that the set gives and that do not exist. */
  readonly missing = new Set<string>();

  constructor(
    private readonly input: InputTree,
    private readonly limits: Limits,
    /** The TIFF that the metadata speaks of when it names no file; undefined for a companion file. */
    private readonly own: OwnFile | undefined,
    /** True where every block names the same file: then it is this one, whatever its name is today. */
    private readonly alone: boolean,
  ) {
    this.sources = new Sources(input);
    if (own) this.files.set(own.name, Promise.resolve(own.file));
  }

  /** The file that holds a block's planes; undefined where it does not exist. */
  async find(block: TiffDataBlock): Promise<TiffFile | undefined> {
    const { uuid, fileName } = block;
    if (fileName === undefined && uuid === undefined) return this.own?.file;
    const name = fileName === undefined ? undefined : localName(fileName);
    if (name !== undefined) {
      const file = await this.named(name);
      if (file) return file;
    }
    if (this.own && (uuid === undefined ? this.alone : uuid === this.own.uuid)) return this.own.file;
    if (uuid !== undefined) {
      this.byUuid ??= this.scan();
      const found = (await this.byUuid).get(uuid);
      if (found !== undefined) return this.named(found);
      if (this.own && this.alone) return this.own.file;
    }
    this.missing.add(name ?? uuid!);
    return undefined;
  }

  /** A TIFF by name; undefined where it does not exist, or (with a notice on the opened file) cannot be read. */
  named(name: string): Promise<TiffFile | undefined> {
    let file = this.files.get(name);
    if (!file) {
      file = this.open(name);
      this.files.set(name, file);
    }
    return file;
  }

  private async open(name: string): Promise<TiffFile | undefined> {
    // A listing is cached and cheap; a failed open is neither.
    if (!name.includes('/') && !(await hasFile(this.input, name))) return undefined;
    try {
      return await parseTiff(await this.sources.get(name), this.limits);
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
      if (error.code !== 'NOT_FOUND')
        this.own?.file.report('OME_MEMBER', 'damage', `${name} cannot be read: ${error.message}`);
      return undefined;
    }
  }

  /** UUIDs of the TIFF files in the folder. */
  private async scan(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const names = (await this.input.list()).filter(
      (entry) => !entry.folder && /\.(?:tiff?|tf[28]|btf)$/i.test(entry.name),
    );
    for (const { name } of names.slice(0, SCANNED)) {
      try {
        const source = await this.sources.get(name);
        const ifd = (await parseTiff(source, this.limits, { first: 1 })).ifds[0];
        const text = ifd?.has(TAG.ImageDescription) ? await ifd.text(TAG.ImageDescription) : undefined;
        const uuid = text && looksLikeOmeXml(text) ? rootUuid(text) : undefined;
        if (uuid !== undefined && !found.has(uuid)) found.set(uuid, name);
      } catch (error) {
        if (!(error instanceof ImgconvError)) throw error;
      }
    }
    return found;
  }

  /** Every file that was opened. */
  async list(): Promise<TiffFile[]> {
    const all = await Promise.all(this.files.values());
    return [...new Set(all.filter((file): file is TiffFile => file !== undefined))];
  }
}

/** A name inside the folder of the set: other systems' folders and anything that climbs out are cut off. */
export function localName(name: string): string {
  const slashed = name.replaceAll('\\', '/');
  const parts = slashed.split('/').filter((part) => part !== '' && part !== '.');
  const absolute = slashed.startsWith('/') || /^[A-Za-z]:/.test(slashed);
  return absolute || parts.includes('..') ? (parts.at(-1) ?? name) : parts.join('/');
}
