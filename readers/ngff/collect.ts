// Which images a hierarchy holds, in which order: one image, a plate, a well, a bioformats2raw.layout collection, a set of labels, or groups
// without NGFF metadata that hold such groups.

import { mapLanes } from '../../src/containers/lanes.js';
import { asList, asNumber, asObject, asText, type Json, type JsonObject } from '../../src/containers/zarr/json.js';
import { readChildren, readNode, type ZarrNode } from '../../src/containers/zarr/node.js';
import { joinKey, type ZarrStore } from '../../src/containers/zarr/store.js';
import type { OpenOptions } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { type GroupKind, groupKind, ngffContent } from './groups.js';

export interface FoundField {
  readonly path: string;
  readonly acquisition?: number;
}

export interface FoundWell {
  readonly row: number;
  readonly column: number;
  readonly path: string;
  readonly fields: readonly FoundField[];
}

export interface FoundPlate {
  readonly path: string;
  /** The `plate` object as found. */
  readonly plate: JsonObject;
  readonly wells: readonly FoundWell[];
}

export interface Found {
  /** Image groups in order. */
  readonly images: ZarrNode[];
  readonly plates: FoundPlate[];
  /** Groups above images, for the original metadata. */
  readonly groups: ZarrNode[];
  /** Keys of groups that are named and do not exist. */
  readonly missing: string[];
}

/** Levels of groups without metadata that are searched. */
const SEARCH_DEPTH = 3;

export class Collector {
  readonly found: Found = { images: [], plates: [], groups: [], missing: [] };

  constructor(
    private readonly store: ZarrStore,
    private readonly options: OpenOptions,
  ) {}

  /** Add everything at and below a node. */
  async add(node: ZarrNode, depth = 0): Promise<void> {
    this.options.signal?.throwIfAborted();
    const kind = groupKind(node);
    if (kind === 'image') return this.#image(node);
    if (node.kind === 'array') return;
    this.found.groups.push(node);
    const handlers: Partial<Record<GroupKind, () => Promise<void>>> = {
      plate: () => this.#plate(node),
      well: () => this.#well(node),
      collection: () => this.#collection(node, depth),
      labels: () => this.#labels(node),
    };
    const handler = kind && handlers[kind];
    if (handler) return handler();
    if (kind === 'scene') {
      this.options.notice({
        code: 'NGFF_SCENE',
        rank: 'loss',
        text: `${node.path || this.store.name}: transformations between the images of a scene are kept as original metadata only`,
      });
    }
    if (depth < SEARCH_DEPTH)
      for (const child of await readChildren(this.store, node.path)) await this.add(child, depth + 1);
  }

  #image(node: ZarrNode): void {
    const limit = this.options.limits.images;
    if (this.found.images.length >= limit) {
      throw new ImgconvError('limit', 'IMAGE_COUNT', `${this.store.name}: more than ${limit} images`, {
        file: this.store.name,
      });
    }
    this.found.images.push(node);
  }

  #lost(path: string, what: string): void {
    this.found.missing.push(path);
    this.options.notice({
      code: 'NGFF_MISSING',
      rank: 'damage',
      text: `${what} ${path} is named but does not exist or is no image`,
    });
  }

  async #addImages(paths: readonly string[], what: string): Promise<void> {
    const nodes = await mapLanes(paths, (path) => readNode(this.store, path));
    for (const [i, node] of nodes.entries()) {
      if (node && groupKind(node) === 'image') this.#image(node);
      else this.#lost(paths[i]!, what);
    }
  }

  async #plate(node: ZarrNode): Promise<void> {
    const plate = asObject(ngffContent(node).plate);
    const listed = asList(plate.wells).map(asObject);
    const wells = await mapLanes(listed, async (well, index) => {
      const path = asText(well.path);
      if (path === undefined) return undefined;
      const key = joinKey(node.path, path);
      const found = await readNode(this.store, key);
      const [row, column] = wellPosition(plate, well, path, index);
      return { row, column, path: key, fields: found ? fieldsOf(found) : [], exists: found !== undefined };
    });
    const known = wells.filter((well) => well !== undefined);
    for (const well of known) if (!well.exists) this.#lost(well.path, 'well');
    this.found.plates.push({ path: node.path, plate, wells: known });
    await this.#addImages(
      known.flatMap((well) => well.fields.map((field) => field.path)),
      'field',
    );
  }

  /** A well on its own: its images, without a plate, as the rest of the plate is not known. */
  async #well(node: ZarrNode): Promise<void> {
    await this.#addImages(
      fieldsOf(node).map((field) => field.path),
      'field',
    );
  }

  async #labels(node: ZarrNode): Promise<void> {
    const names = asList(ngffContent(node).labels).flatMap((name) => asText(name) ?? []);
    await this.#addImages(
      names.map((name) => joinKey(node.path, name)),
      'label image',
    );
  }

  async #collection(node: ZarrNode, depth: number): Promise<void> {
    const ome = await readNode(this.store, joinKey(node.path, 'OME'));
    const series = ome && asList(ngffContent(ome).series).flatMap((name) => asText(name) ?? []);
    if (series && series.length > 0) {
      await this.#addImages(
        series.map((name) => joinKey(node.path, name)),
        'image',
      );
      return;
    }
    for (let i = 0; i <= this.options.limits.images; i++) {
      const child = await readNode(this.store, joinKey(node.path, String(i)));
      if (!child || child.kind === 'array') break;
      await this.add(child, depth + 1);
    }
  }
}

/** Row and column: as stated; else by the names in the path; else in order. */
function wellPosition(plate: JsonObject, well: JsonObject, path: string, index: number): readonly [number, number] {
  const row = asNumber(well.rowIndex);
  const column = asNumber(well.columnIndex);
  const isIndex = (n: number | undefined): n is number =>
    n !== undefined && Number.isInteger(n) && n >= 0 && n < 2 ** 20;
  if (isIndex(row) && isIndex(column)) return [row, column];
  const names = (list: Json | undefined): readonly (string | undefined)[] =>
    asList(list).map((one) => asText(asObject(one).name));
  const parts = path.split('/');
  const rowByName = names(plate.rows).indexOf(parts.at(-2));
  const columnByName = names(plate.columns).indexOf(parts.at(-1));
  if (rowByName >= 0 && columnByName >= 0) return [rowByName, columnByName];
  const columns = Math.max(1, asList(plate.columns).length);
  return [Math.floor(index / columns), index % columns];
}

function fieldsOf(well: ZarrNode): readonly FoundField[] {
  return asList(asObject(ngffContent(well).well).images).flatMap((value) => {
    const image = asObject(value);
    const path = asText(image.path);
    if (path === undefined) return [];
    const acquisition = asNumber(image.acquisition);
    return [{ path: joinKey(well.path, path), ...(acquisition === undefined ? {} : { acquisition }) }];
  });
}
