// Files of a set, found by the names that TiffData gives. OME-TIFF specification, "Distributed metadata".

import { rootUuid } from '../../containers/ome-xml/detect.js';
import type { TiffDataBlock } from '../../containers/ome-xml/document.js';
import { parseTiff, type TiffFile } from '../../containers/tiff/file.js';
import { TAG } from '../../containers/tiff/tags.js';
import type { InputTree } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import type { Report } from '../report.js';

export interface Member {
  /** Name in the folder; '' for the file that was named. */
  readonly name: string;
  readonly file: TiffFile;
}

export class Members {
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
  ) {}

  /** The file that a block speaks of; undefined (reported once) where it cannot be had. */
  async find(block: TiffDataBlock): Promise<Member | undefined> {
    const { fileName, uuid } = block;
    if (this.own && (uuid === undefined ? fileName === undefined : uuid === this.ownUuid)) return this.own;
    if (this.own && (fileName === this.tree.name || (this.alone && fileName !== undefined))) {
      if (uuid !== undefined && this.ownUuid !== undefined && uuid !== this.ownUuid)
        this.report.add('OMETIFF_UUID', '', `TiffData names ${uuid}, the file is ${this.ownUuid}`);
      return this.own;
    }
    if (fileName === undefined) {
      this.report.add('OMETIFF_MEMBER', '', uuid === undefined ? 'TiffData names no file' : `no file name for ${uuid}`);
      return undefined;
    }
    let member = this.#members.get(fileName);
    if (!member) {
      member = this.#open(fileName, uuid);
      this.#members.set(fileName, member);
    }
    return member;
  }

  async #open(fileName: string, uuid: string | undefined): Promise<Member | undefined> {
    const name = fileName.split(/[\\/]/).at(-1)!;
    try {
      const source = await this.tree.open(name);
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

  async close(): Promise<void> {
    for (const member of this.#members.values()) await (await member)?.file.source.close();
  }
}
