// Files of a set, found by the names that TiffData gives. OME-TIFF specification, "Distributed metadata".

import { hasFile } from '../../containers/has-file.js';
import { rootUuid } from '../../containers/ome-xml/detect.js';
import type { TiffDataBlock } from '../../containers/ome-xml/document.js';
import { parseTiff, type TiffFile } from '../../containers/tiff/file.js';
import { TAG } from '../../containers/tiff/tags.js';
import type { ByteSource, InputTree } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import type { Report } from '../report.js';

export interface Member {
  /** Name in the folder; '' for the file that was named. */
  readonly name: string;
  readonly file: TiffFile;
}

const SCANNED = 4096;
const OPEN = 32;

/** Sources of a set of which only the last used ones are open: a set may have more files than a process may hold open. */
class Sources {
  readonly #open = new Map<string, Promise<ByteSource>>();

  constructor(readonly tree: InputTree) {}

  async get(name: string): Promise<ByteSource> {
    const { name: path, size } = await this.#real(name);
    return {
      name: path,
      size,
      read: async (offset, length) => (await this.#real(name)).read(offset, length),
      close: async () => {},
    };
  }

  async #real(name: string): Promise<ByteSource> {
    const known = this.#open.get(name);
    if (known) return known;
    if (this.#open.size >= OPEN) await this.#drop(this.#open.keys().next().value as string);
    const made = this.tree.open(name);
    this.#open.set(name, made);
    made.catch(() => this.#open.delete(name));
    return made;
  }

  async #drop(name: string): Promise<void> {
    const source = this.#open.get(name);
    this.#open.delete(name);
    await (await source)?.close();
  }

  async close(): Promise<void> {
    for (const name of [...this.#open.keys()]) await this.#drop(name);
  }
}

export class Members {
  readonly #sources: Sources;
  #byUuid: Promise<ReadonlyMap<string, string>> | undefined;
  readonly #members = new Map<string, Promise<Member | undefined>>();

  constructor(
    readonly tree: InputTree,
    readonly limits: Limits,
    /** The file that was named, if it is a TIFF. */
    readonly own: Member | undefined,
    readonly ownUuid: string | undefined,
    /** All blocks name one file: it is this one, whatever its name is today. */
    readonly alone: boolean,
    readonly report: Report,
  ) {
    this.#sources = new Sources(tree);
  }

  /** The file that a block speaks of; undefined (reported once) where it cannot be had. */
  async find(block: TiffDataBlock): Promise<Member | undefined> {
    const { fileName, uuid } = block;
    if (this.own && (uuid === undefined ? fileName === undefined : uuid === this.ownUuid)) return this.own;
    if (this.own && (fileName === this.tree.name || (this.alone && fileName !== undefined))) {
      if (uuid !== undefined && this.ownUuid !== undefined && uuid !== this.ownUuid)
        this.report.add('OMETIFF_UUID', '', `TiffData names ${uuid}, the file is ${this.ownUuid}`);
      return this.own;
    }
    const key = `${fileName ?? ''}\n${uuid ?? ''}`;
    let member = this.#members.get(key);
    if (!member) {
      member = this.#locate(fileName, uuid);
      this.#members.set(key, member);
    }
    return member;
  }

  /** By name, else by UUID among the files beside this one. */
  async #locate(fileName: string | undefined, uuid: string | undefined): Promise<Member | undefined> {
    const name = fileName?.split(/[\\/]/).at(-1);
    if (fileName !== undefined && name !== fileName)
      this.report.add(
        'OMETIFF_MEMBER',
        '',
        `${fileName} names a folder; files of a set lie beside each other`,
        'warning',
      );
    const exists = name !== undefined && (await hasFile(this.tree, name));
    if (exists) return this.#open(name, uuid);
    const found = uuid === undefined ? undefined : (await this.#scan()).get(uuid);
    if (found === undefined) {
      this.report.add(
        'OMETIFF_MEMBER',
        '',
        name === undefined ? `there is no file of ${uuid ?? 'a block without name'}` : `there is no ${name}`,
      );
      return undefined;
    }
    if (name !== undefined) this.report.add('OMETIFF_MEMBER', '', `${name} is called ${found} today`, 'warning');
    return found === this.tree.name && this.own ? this.own : this.#open(found, uuid);
  }

  /** Names of TIFFs beside this one by the UUIDs of their root elements. */
  #scan(): Promise<ReadonlyMap<string, string>> {
    this.#byUuid ??= (async () => {
      const names = (await this.tree.list('')).filter(
        (entry) => !entry.folder && /\.(tiff?|tf[28]|btf)$/i.test(entry.name),
      );
      const found = new Map<string, string>();
      for (const { name } of names.slice(0, SCANNED)) {
        try {
          const source = await this.#sources.get(name);
          const file = await parseTiff(source, this.limits, { first: 1 });
          const uuid = rootUuid(((await file.ifds[0]?.text(TAG.ImageDescription)) ?? '').slice(0, 65536));
          if (uuid !== undefined && !found.has(uuid)) found.set(uuid, name);
        } catch (error) {
          if (!(error instanceof ImgconvError)) throw error;
        }
      }
      return found;
    })();
    return this.#byUuid;
  }

  async #open(name: string, uuid: string | undefined): Promise<Member | undefined> {
    try {
      const source = await this.#sources.get(name);
      const file = await parseTiff(source, this.limits);
      const text = (await file.ifds[0]?.text(TAG.ImageDescription)) ?? '';
      const own = rootUuid(text.slice(0, 65536));
      if (uuid !== undefined && own !== undefined && own !== uuid)
        this.report.add('OMETIFF_UUID', name, `TiffData says ${uuid}, the file ${own}`);
      return { name, file };
    } catch (error) {
      if (
        error instanceof ImgconvError &&
        error.blame === 'io' &&
        (error.code === 'NOT_FOUND' || error.code === 'ENOTDIR')
      )
        this.report.add('OMETIFF_MEMBER', '', `there is no ${name}`);
      else this.report.fault(error, name, 'TIFF_HEADER');
      return undefined;
    }
  }

  close(): Promise<void> {
    return this.#sources.close();
  }
}
