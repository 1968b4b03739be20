// The files of a FluoView data set, in a folder (OIF) or in a compound file (OIB): one view of both.

import { isOle, OleFile, type OleStream } from '../../src/containers/ole/file.js';
import { openStream, relocate, type StreamSource } from '../../src/containers/ole/stream.js';
import type { ByteSource, InputTree, Level, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../src/core/limits.js';
import { parseIni, text } from './ini.js';

export interface FluoFiles {
  /** Settings of the data set. */
  readonly main: Uint8Array;
  /** Base names of the files beside it. */
  readonly names: readonly string[];
  /** Whole small file; undefined where there is none of this name. Names are compared without case. */
  read(name: string): Promise<Uint8Array | undefined>;
  open(name: string): Promise<ByteSource | undefined>;
  /** Block maps over opened files, as the engine can use them. */
  place(level: Level): Level;
  /** Absolute paths of everything. */
  readonly paths: readonly string[];
}

const OLE_KEY = 'ole';

function oleOf(input: InputTree, limits: Limits): Promise<OleFile> {
  return input.once(OLE_KEY, async () => OleFile.open(await input.open(), limits));
}

export async function hasOibInfo(input: InputTree): Promise<boolean> {
  if (input.isFolder || !isOle(input.head)) return false;
  try {
    const ole = await oleOf(input, DEFAULT_LIMITS);
    return ole.streams.some(({ path }) => path === 'OibInfo.txt');
  } catch (error) {
    if (error instanceof ImgconvError) return false;
    throw error;
  }
}

async function whole(source: ByteSource, limits: Limits): Promise<Uint8Array> {
  if (source.size > limits.metadataBytes) {
    const found = `${source.name} has ${source.size} bytes, more than the limit of ${limits.metadataBytes}`;
    throw new ImgconvError('limit', 'METADATA_SIZE', found, { file: source.name });
  }
  return source.read(0, source.size);
}

/** `OibInfo.txt` lists streams as 'Stream00010=Storage00001/s_C001.pty': the stream Storage00001/Stream00010 holds that file. */
export async function oibFiles(input: InputTree, options: OpenOptions): Promise<FluoFiles> {
  const { limits } = options;
  const ole = await oleOf(input, limits);
  const file = ole.source.name;
  const byPath = new Map(ole.streams.map((stream) => [stream.path.toLowerCase(), stream]));
  const info = byPath.get('oibinfo.txt');
  if (!info) throw formatError('OIB_INFO', `${file}: no OibInfo.txt in the compound file`, { file });
  const settings = parseIni(await whole(openStream(ole, info), limits)).get('OibSaveInfo');
  const members = new Map<string, OleStream>();
  for (const [key, value] of settings ?? []) {
    if (!/^Stream\d+$/i.test(key)) continue;
    const slash = value.lastIndexOf('/');
    const stream = byPath.get(`${value.slice(0, slash + 1)}${key}`.toLowerCase());
    if (stream) members.set(value.slice(slash + 1).toLowerCase(), stream);
  }
  const mainName = settings?.get('MainFileName');
  const main = mainName === undefined ? undefined : byPath.get(mainName.toLowerCase());
  if (!main) throw formatError('OIB_MAIN', `${file}: the main stream ${mainName ?? ''} does not exist`, { file });
  const opened = new Map<string, StreamSource>();
  const open = async (name: string): Promise<ByteSource | undefined> => {
    const stream = members.get(name.toLowerCase());
    if (!stream) return undefined;
    const source = openStream(ole, stream);
    opened.set(source.name, source);
    return source;
  };
  return {
    main: await whole(openStream(ole, main), limits),
    names: [...members.keys()],
    open,
    async read(name) {
      const stream = members.get(name.toLowerCase());
      return stream && whole(openStream(ole, stream), limits);
    },
    place: (level) => relocate(level, file, [...opened.values()]),
    paths: [file],
  };
}

/** A source that is open only while it reads: data sets have thousands of files. */
async function brief(input: InputTree, relative: string): Promise<ByteSource> {
  const first = await input.open(relative);
  const { name, size } = first;
  await first.close();
  return {
    name,
    size,
    async read(offset, length) {
      const source = await input.open(relative);
      try {
        return await source.read(offset, length);
      } finally {
        await source.close();
      }
    },
    close: async () => undefined,
  };
}

export async function oifFiles(input: InputTree, options: OpenOptions): Promise<FluoFiles> {
  const { limits } = options;
  const main = await input.open();
  const bytes = await whole(main, limits);
  await main.close();
  const named = text(parseIni(bytes), 'ProfileSaveInfo', 'PtyFileNameS')?.split(/[\\/]/)[0];
  const wanted = [`${input.name}.files`, named].map((name) => name?.toLowerCase());
  const folders = (await input.list()).filter((entry) => entry.folder);
  const folder = wanted
    .map((name) => folders.find((entry) => entry.name.toLowerCase() === name))
    .find((entry) => entry);
  const entries = folder ? await input.list(folder.name) : [];
  const real = new Map(
    entries.filter((e) => !e.folder).map((e) => [e.name.toLowerCase(), `${folder!.name}/${e.name}`]),
  );
  return {
    main: bytes,
    names: [...real.keys()],
    async open(name) {
      const relative = real.get(name.toLowerCase());
      return relative === undefined ? undefined : brief(input, relative);
    },
    async read(name) {
      const relative = real.get(name.toLowerCase());
      return relative === undefined ? undefined : input.readSmall(relative, limits.metadataBytes);
    },
    place: (level) => level,
    paths: [main.name, ...[...real.values()].map((relative) => `${input.root}/${relative}`)],
  };
}
