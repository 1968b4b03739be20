// What a folder of a hierarchy holds where it cannot be listed: as far as metadata speaks of it. OME-NGFF 0.4 and 0.5, Zarr v2 and v3.

import type { TreeEntry } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import { asList, asObject, asText, type JsonObject, parseJson } from './json.js';
import { joinKey } from './store.js';

const METADATA = ['zarr.json', '.zgroup', '.zattrs', '.zarray', '.zmetadata', 'attributes.json'] as const;
/** Images that are numbered without being listed: as many as this are looked for. */
const MOST_IMAGES = 10_000;

/** Folders that are asked for before anyone needs them, by each that names them. */
const AHEAD = 2000;

type Get = (relative: string) => Promise<Uint8Array | undefined>;

/** Names of the metadata files of a node: of Zarr v3 one; of others as many as there are. */
async function metadataFiles(key: string, get: Get): Promise<readonly string[]> {
  if (await get(joinKey(key, 'zarr.json'))) return ['zarr.json'];
  const others = METADATA.slice(1, 4);
  const found = await Promise.all(others.map(async (name) => ((await get(joinKey(key, name))) ? [name] : [])));
  if (found.some((names) => names.length > 0)) return found.flat();
  const rest = await Promise.all(
    METADATA.slice(4).map(async (name) => ((await get(joinKey(key, name))) ? [name] : [])),
  );
  return rest.flat();
}

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
    const entries = (await metadataFiles(key, get)).map((name) => ({ name, folder: false }));
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
    const v3 = await this.#object(joinKey(folder, METADATA[0]), get);
    const isV3 = v3.zarr_format !== undefined;
    // Each question costs a journey to the server: what Zarr v3 does not have is not asked for.
    const older = isV3 ? [] : folder === '' ? ['.zattrs', '.zmetadata'] : ['.zattrs'];
    const [v2 = {}, copies = {}] = await Promise.all(older.map((name) => this.#object(joinKey(folder, name), get)));
    const attributes = { ...asObject(v3.attributes), ...v2 };
    const ome = { ...attributes, ...asObject(asObject(attributes).ome) };
    for (const path of Object.keys(asObject(asObject(v3.consolidated_metadata).metadata))) this.#add(folder, path);
    for (const path of Object.keys(asObject(copies.metadata)))
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
    this.#ahead(folder, named, isV3, get);
    // Paths of images in OME/zarr.json start from the folder around it.
    const around = folder.replace(/(^|\/)OME$/, '');
    for (const path of asList(series).map(asText)) if (path !== undefined) this.#add(around, path);
    if (multiscales !== undefined) await this.#probe(folder, 'labels', get);
    if (folder === '') await this.#probe(folder, 'OME', get);
    if (ome['bioformats2raw.layout'] === undefined || plate !== undefined) return;
    await this.#read(joinKey(folder, 'OME'), get);
    for (let i = 0; i < MOST_IMAGES; i++) if (!(await this.#probe(folder, String(i), get))) break;
  }

  /** Wells, fields, levels and labels will be read one after the other: asked for all at once, none of them waits for the one before. */
  #ahead(folder: string, named: readonly (string | undefined)[], isV3: boolean, get: Get): void {
    const inside = named.filter(
      (path) => path !== undefined && !/(^|[\\/])\.\.($|[\\/])|[\\\0]/.test(path),
    ) as string[];
    for (const path of inside.slice(0, AHEAD)) {
      const key = joinKey(folder, path);
      // Whoever needs them meets the failure, if there is one.
      for (const name of METADATA.slice(0, isV3 ? 1 : 4)) void get(joinKey(key, name)).catch(() => undefined);
      void this.#read(key, get).catch(() => this.#done.delete(key));
    }
  }

  /** A folder that nothing names: there if it has metadata. */
  async #probe(folder: string, name: string, get: Get): Promise<boolean> {
    const key = joinKey(folder, name);
    // Who looks for a node asks for all of them before it says that there is none.
    const files = [...METADATA.slice(0, 4), ...(name === 'OME' ? ['METADATA.ome.xml'] : [])];
    const found = await Promise.all(files.map((file) => get(joinKey(key, file))));
    if (found.every((bytes) => bytes === undefined)) return false;
    this.#add(folder, name);
    return true;
  }
}
