// A Zarr hierarchy under examination: its store with every metadata file read once and strictly, and what was learnt about its arrays.

import { parseArray, type ZarrArray } from '../../containers/zarr/array.js';
import { type JsonObject, parseJson } from '../../containers/zarr/json.js';
import { readNode, type ZarrNode } from '../../containers/zarr/node.js';
import { joinKey, type ZarrStore } from '../../containers/zarr/store.js';
import type { Limits } from '../../core/limits.js';
import type { CheckLevel } from '../options.js';
import type { Report } from '../report.js';
import { checkArrayMetadata, reportArrayError } from './metadata.js';

export interface CheckedArray {
  readonly node: ZarrNode;
  /** Undefined where its metadata is broken or not supported. */
  readonly array: ZarrArray | undefined;
}

export interface ImageFacts {
  /** Key of the image group. */
  readonly path: string;
  /** NGFF version; undefined where none is said. */
  readonly version: string | undefined;
  readonly zarr: 2 | 3;
  readonly axes: readonly AxisFacts[];
  /** Largest first, as listed; those that exist. */
  readonly levels: readonly LevelFacts[];
  readonly isLabel: boolean;
  readonly ome: JsonObject;
}

export interface AxisFacts {
  readonly name: string;
  readonly type: string | undefined;
  readonly unit: string | undefined;
}

export interface LevelFacts {
  readonly path: string;
  readonly node: ZarrNode;
  readonly array: ZarrArray;
  readonly scale: readonly number[] | undefined;
  readonly translation: readonly number[] | undefined;
}

const METADATA = /(^|\/)(zarr\.json|\.zarray|\.zgroup|\.zattrs|\.zmetadata)$/;

export class ZarrContext {
  readonly images: ImageFacts[] = [];
  readonly store: ZarrStore;
  readonly #nodes = new Map<string, ZarrNode | undefined>();
  readonly #arrays = new Map<string, CheckedArray | undefined>();

  constructor(
    store: ZarrStore,
    readonly report: Report,
    readonly limits: Limits,
    readonly level: CheckLevel,
  ) {
    this.store = {
      name: store.name,
      files: store.files,
      list: (folder) => store.list(folder),
      places: (grid, chain) => store.places(grid, chain),
      get: async (key) => {
        const bytes = await store.get(key);
        if (bytes && METADATA.test(key)) this.#checkJson(key, bytes);
        return bytes;
      },
    };
  }

  /** The parser takes what Python writes; browsers do not. */
  #checkJson(key: string, bytes: Uint8Array): void {
    const text = new TextDecoder().decode(bytes);
    if (!/NaN|Infinity/.test(text)) return;
    try {
      JSON.parse(text);
    } catch {
      try {
        parseJson(bytes, key);
        this.report.add('ZARR_JSON_NAN', key, 'the bare word NaN or Infinity, which is no JSON');
      } catch {
        // Broken in other ways as well: told by whoever reads the node.
      }
    }
  }

  /** The group or array at a key; undefined where there is none or its metadata cannot be read, which is then reported. */
  async node(path: string): Promise<ZarrNode | undefined> {
    if (this.#nodes.has(path)) return this.#nodes.get(path);
    let node: ZarrNode | undefined;
    try {
      node = await readNode(this.store, path);
      if (node?.kind === 'group' && node.version === 2) await this.#checkGroupFile(path);
      if (node?.version === 3) this.#checkNodeType(node);
    } catch (error) {
      this.report.fault(error, path, 'ZARR_JSON');
    }
    this.#nodes.set(path, node);
    return node;
  }

  async #checkGroupFile(path: string): Promise<void> {
    if (await this.store.get(joinKey(path, '.zgroup'))) return;
    this.report.add('ZARR_GROUP', path, '.zattrs without .zgroup: Zarr sees no group here');
  }

  #checkNodeType({ metadata, path }: ZarrNode): void {
    const type = metadata.node_type;
    if (type === 'group' || type === 'array') return;
    this.report.add(
      'ZARR_KEYS',
      path,
      `node_type is ${JSON.stringify(type) ?? 'missing'}, expected "group" or "array"`,
    );
  }

  /** The array at a key, with its metadata checked; undefined where there is no array. */
  async array(path: string): Promise<CheckedArray | undefined> {
    if (this.#arrays.has(path)) return this.#arrays.get(path);
    const node = await this.node(path);
    let checked: CheckedArray | undefined;
    if (node?.kind === 'array') {
      checkArrayMetadata(node, this.report);
      let array: ZarrArray | undefined;
      try {
        array = parseArray(node, this.store, this.limits);
      } catch (error) {
        reportArrayError(error, node, this.report);
      }
      checked = { node, array };
    }
    this.#arrays.set(path, checked);
    return checked;
  }

  /** Every array that was looked at. */
  checked(): readonly CheckedArray[] {
    return [...this.#arrays.values()].filter((each) => each !== undefined);
  }
}
