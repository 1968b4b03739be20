// What a folder of a hierarchy holds where it cannot be listed: as far as metadata speaks of it. OME-NGFF 0.4 and 0.5, Zarr v2 and v3.

import type { TreeEntry } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import { asList, asObject, asText, type JsonObject, parseJson } from './json.js';
import { joinKey } from './store.js';

const METADATA = ['zarr.json', '.zgroup', '.zattrs', '.zarray', '.zmetadata', 'attributes.json'];
/** Images that are numbered without being listed: as many as this are looked for. */
const MOST_IMAGES = 10_000;

type Get = (relative: string) => Promise<Uint8Array | undefined>;

/** Gives the entries of folders, and remembers what metadata above them said. One a hierarchy. */
export class MetadataListing {
  /** Paths that metadata named, by their folder. */
  readonly #named = new Map<string, Set<string>>();
  readonly #done = new Set<string>();

  async list(folder: string, get: Get): Promise<readonly TreeEntry[]> {
    const key = joinKey('', folder);
    // What lies in a folder may be said by any folder above it.
    const parts = key === '' ? [] : key.split('/');
    for (let n = 0; n <= parts.length; n++) await this.#read(parts.slice(0, n).join('/'), get);
    const files = await Promise.all(METADATA.map(async (name) => ((await get(joinKey(key, name))) ? [name] : [])));
    const entries = files.flat().map((name) => ({ name, folder: false }));
    if (/(^|\/)OME$/.test(key) && (await get(joinKey(key, 'METADATA.ome.xml'))))
      entries.push({ name: 'METADATA.ome.xml', folder: false });
    return [...entries, ...[...(this.#named.get(key) ?? [])].map((name) => ({ name, folder: true }))];
  }

  #add(base: string, relative: string): void {
    let key: string;
    try {
      key = joinKey(base, relative);
    } catch (error) {
      if (error instanceof ImgconvError) return;
      throw error;
    }
    const parts = key.split('/');
    for (let n = 0; n < parts.length; n++) {
      const folder = parts.slice(0, n).join('/');
      const names = this.#named.get(folder) ?? new Set<string>();
      names.add(parts[n]!);
      this.#named.set(folder, names);
    }
  }

  async #object(key: string, get: Get): Promise<JsonObject> {
    const bytes = await get(key);
    if (!bytes) return {};
    try {
      return asObject(parseJson(bytes, key));
    } catch (error) {
      // Broken metadata speaks of nothing; whoever reads it says so.
      if (error instanceof ImgconvError && error.blame === 'format') return {};
      throw error;
    }
  }

  async #read(folder: string, get: Get): Promise<void> {
    if (this.#done.has(folder)) return;
    this.#done.add(folder);
    const [v3, v2, copies] = await Promise.all(
      ['zarr.json', '.zattrs', '.zmetadata'].map((name) => this.#object(joinKey(folder, name), get)),
    );
    const attributes = { ...asObject(v3!.attributes), ...v2 };
    const ome = { ...attributes, ...asObject(asObject(attributes).ome) };
    for (const path of Object.keys(asObject(asObject(v3!.consolidated_metadata).metadata))) this.#add(folder, path);
    for (const path of Object.keys(asObject(copies!.metadata)))
      if (path.includes('/')) this.#add(folder, path.slice(0, path.lastIndexOf('/')));
    const paths = (list: unknown): (string | undefined)[] =>
      asList(list as never).map((each) => asText(asObject(each).path) ?? undefined);
    const { plate, well, labels, series, multiscales } = ome as JsonObject;
    const named = [
      ...paths(asObject(plate).wells),
      ...paths(asObject(well).images),
      ...asList(labels).map(asText),
      ...asList(multiscales).flatMap((each) => paths(asObject(each).datasets)),
    ];
    for (const path of named) if (path !== undefined) this.#add(folder, path);
    // Paths of images in OME/zarr.json start from the folder around it.
    const around = folder.replace(/(^|\/)OME$/, '');
    for (const path of asList(series).map(asText)) if (path !== undefined) this.#add(around, path);
    if (multiscales !== undefined) await this.#probe(folder, 'labels', get);
    if (folder === '') await this.#probe(folder, 'OME', get);
    if (ome['bioformats2raw.layout'] === undefined || plate !== undefined) return;
    await this.#read(joinKey(folder, 'OME'), get);
    for (let i = 0; i < MOST_IMAGES; i++) if (!(await this.#probe(folder, String(i), get))) break;
  }

  /** A folder that nothing names: there if it has metadata. */
  async #probe(folder: string, name: string, get: Get): Promise<boolean> {
    const key = joinKey(folder, name);
    const files = ['zarr.json', '.zgroup', '.zattrs', ...(name === 'OME' ? ['METADATA.ome.xml'] : [])];
    const found = await Promise.all(files.map((file) => get(joinKey(key, file))));
    if (found.every((bytes) => bytes === undefined)) return false;
    this.#add(folder, name);
    return true;
  }
}
