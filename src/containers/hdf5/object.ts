// Objects by path: groups, data sets, attributes.

import { formatError } from '../../core/errors.js';
import { type Attributes, readAttributes } from './attributes.js';
import { type Dataset5, parseDataset } from './dataset.js';
import type { Hdf5File } from './file.js';
import { type Link, readLinks } from './group.js';
import { MESSAGE, readHeader } from './header.js';

const SOFT_LINKS = 16;

export interface Object5 {
  /** The file that it lies in. */
  readonly file: Hdf5File;
  readonly path: string;
  readonly links: readonly Link[];
  readonly attributes: Attributes;
  /** Absent for groups. */
  readonly dataset?: Dataset5;
}

/** Opened objects of a file, by path; each is read once. */
export class Objects {
  readonly #known = new Map<number, Promise<Object5>>();

  constructor(
    readonly file: Hdf5File,
    /** Opens the file of an external link; without it such links lead nowhere. */
    readonly external?: (file: string) => Promise<Objects | undefined>,
  ) {}

  async #at(address: number, path: string): Promise<Object5> {
    let found = this.#known.get(address);
    if (!found) {
      found = this.#read(address, path);
      this.#known.set(address, found);
    }
    return { ...(await found), path };
  }

  async #read(address: number, path: string): Promise<Object5> {
    const { file } = this;
    const messages = await readHeader(file, address);
    const isDataset = messages.some(({ type }) => type === MESSAGE.layout);
    const attributes = await readAttributes(file, messages);
    if (isDataset) return { file, path, links: [], attributes, dataset: parseDataset(file, path, messages) };
    return { file, path, links: await readLinks(file, messages), attributes };
  }

  root(): Promise<Object5> {
    return this.#at(this.file.root, '');
  }

  /** Object at a path such as 'DataSet/ResolutionLevel 0'; undefined where there is none. Soft links are followed. */
  async get(path: string, hops = 0): Promise<Object5 | undefined> {
    let object = await this.root();
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    for (const [i, name] of names.entries()) {
      const link = object.links.find((each) => each.name === name);
      if (!link) return undefined;
      if (link.soft !== undefined) {
        if (hops >= SOFT_LINKS) {
          throw formatError('HDF5_LOOP', `${this.file.name}: soft links lead in a circle`, { file: this.file.name });
        }
        const target = link.soft.startsWith('/') ? link.soft : `${object.path}/${link.soft}`;
        return this.get([target, ...names.slice(i + 1)].join('/'), hops + 1);
      }
      if (link.external && this.external && hops < SOFT_LINKS) {
        const other = await this.external(link.external[0]);
        return other?.get([link.external[1], ...names.slice(i + 1)].join('/'), hops + 1);
      }
      if (link.address === undefined || link.address < 0) return undefined;
      object = await this.#at(link.address, object.path === '' ? name : `${object.path}/${name}`);
    }
    return object;
  }
}
