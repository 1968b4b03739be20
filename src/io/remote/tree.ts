// Data on a server: a file, or a folder that cannot be listed, whose content follows from the metadata in it.

import type { ByteSource, InputTree, TreeEntry } from '../../core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../core/errors.js';
import { HttpClient, shown } from './client.js';
import { RemoteSource } from './source.js';

const HEAD_BYTES = 4096;

/** Entries of a folder, from small files in it. '' is the root. */
export type Listing = (
  folder: string,
  get: (relative: string) => Promise<Uint8Array | undefined>,
) => Promise<readonly TreeEntry[]>;

const notFound = (url: string): ImgconvError =>
  new ImgconvError('io', 'NOT_FOUND', `cannot open ${shown(url)}: not found (HTTP 404)`, { file: shown(url) });

/** True for a page that a server shows to people. */
function isPage(head: Uint8Array): boolean {
  return /^\s*(<!doctype html|<html)/i.test(new TextDecoder('latin1').decode(head.subarray(0, 256)));
}

function joined(root: string, relative: string): string {
  const parts = relative.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || relative.startsWith('/') || relative.includes('\0') || /^[a-z]+:/i.test(relative)) {
    const text = `the file names ${JSON.stringify(relative)}, which lies outside its folder`;
    throw formatError('PATH_ESCAPES', text, { file: shown(root) });
  }
  return [root, ...parts].join('/');
}

class RemoteTree implements InputTree {
  readonly name: string;
  readonly #made = new Map<string, Promise<unknown>>();
  readonly #small = new Map<string, Promise<Uint8Array | undefined>>();
  readonly #lists = new Map<string, Promise<readonly TreeEntry[]>>();
  readonly #sources = new Set<ByteSource>();

  constructor(
    readonly path: string,
    readonly isFolder: boolean,
    readonly root: string,
    readonly client: HttpClient,
    readonly listing: Listing,
    /** The file that was named. */
    readonly file: RemoteSource | undefined,
  ) {
    const last = new URL(path).pathname.split('/').filter((part) => part !== '');
    this.name = decodeURIComponent(last.at(-1) ?? '');
  }

  get head(): Uint8Array {
    return this.file?.head(HEAD_BYTES) ?? new Uint8Array(0);
  }

  get bytesRead(): number {
    return this.client.bytesRead;
  }

  list(folder = ''): Promise<readonly TreeEntry[]> {
    let list = this.#lists.get(folder);
    if (!list) {
      list = this.#list(folder);
      this.#lists.set(folder, list);
    }
    return list;
  }

  async #list(folder: string): Promise<readonly TreeEntry[]> {
    const found = new Map<string, TreeEntry>();
    for (const entry of await this.listing(folder, (key) => this.readSmall(key, HEAD_BYTES ** 2 * 16)))
      found.set(entry.name, entry);
    if (folder === '' && !this.isFolder) found.set(this.name, { name: this.name, folder: false });
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async has(relative: string): Promise<boolean> {
    return (await this.client.size(joined(this.root, relative))) !== undefined;
  }

  async open(relative?: string): Promise<ByteSource> {
    if (relative === undefined && this.file) return this.file;
    const url = relative === undefined ? this.root : joined(this.root, relative);
    const source = await RemoteSource.open(url, this.client);
    if (!source) throw notFound(url);
    this.#sources.add(source);
    return source;
  }

  readSmall(relative: string, limit: number): Promise<Uint8Array | undefined> {
    let bytes = this.#small.get(relative);
    if (!bytes) {
      bytes = this.#readSmall(joined(this.root, relative), limit);
      this.#small.set(relative, bytes);
    }
    return bytes;
  }

  async #readSmall(url: string, limit: number): Promise<Uint8Array | undefined> {
    const found = await this.client.get(url, undefined, limit).catch((error: unknown) => {
      if (!(error instanceof ImgconvError) || error.code !== 'REMOTE_SIZE') throw error;
      throw new ImgconvError('limit', 'METADATA_SIZE', error.message, error.where);
    });
    // Servers of web applications answer every question with their page.
    return found && isPage(found.bytes) ? undefined : found?.bytes;
  }

  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    let value = this.#made.get(key);
    if (!value) {
      value = make();
      this.#made.set(key, value);
    }
    return value as Promise<T>;
  }

  async close(): Promise<void> {
    this.client.close();
    await Promise.all([...this.#sources].map((source) => source.close()));
  }
}

/**
 * Open what lies at an http or https address: a file, or a folder with metadata in it. Errors: io NOT_FOUND, HOST_UNKNOWN, REFUSED, TIMEOUT,
 * TLS, EACCES, NO_RANGES …; unsupported URL_PAGE.
 */
export async function openRemoteTree(path: string, listing: Listing): Promise<InputTree> {
  if (!URL.canParse(path)) throw new ImgconvError('usage', 'URL', `${shown(path)} is no address`);
  const url = new URL(path);
  url.hash = '';
  const client = new HttpClient();
  const folder = async (): Promise<InputTree | undefined> => {
    const root = new URL(url);
    root.search = '';
    const tree = new RemoteTree(path, true, root.href.replace(/\/+$/, ''), client, listing, undefined);
    return (await tree.list('')).length > 0 ? tree : undefined;
  };
  const looksLikeFolder = /\/$|\.zarr$/i.test(url.pathname);
  const early = looksLikeFolder ? await folder() : undefined;
  if (early) return early;
  const source = await RemoteSource.open(url.href, client).catch(async (error: unknown) => {
    // Some servers forbid what has no page of its own.
    const denied = error instanceof ImgconvError && /^(EACCES|HTTP_4|HTTP_REDIRECT)/.test(error.code);
    const found = denied && !looksLikeFolder ? await folder() : undefined;
    if (found) return found;
    throw error;
  });
  if (source && !(source instanceof RemoteSource)) return source;
  if (!source || isPage(source.head(HEAD_BYTES))) {
    const found = looksLikeFolder ? undefined : await folder();
    if (found) return found;
    if (!source) throw notFound(path);
    throw unsupported('URL_PAGE', `${shown(path)}: the server answers with a web page, not with data`, {
      file: shown(path),
    });
  }
  const root = new URL('.', url);
  root.search = '';
  return new RemoteTree(path, false, root.href.replace(/\/+$/, ''), client, listing, source);
}
