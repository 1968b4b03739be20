// The whole agreement between rooms. A reader describes (OME model + block maps); the engine reads; writers plan and write.

import type { BlockMap } from './blocks.js';
import type { Tczyx } from './geometry.js';
import type { Limits } from './limits.js';
import type { OmeModel } from './ome.js';
import type { PixelType } from './pixel-type.js';

/** Random access to bytes. Stateless: no cursor. */
export interface ByteSource {
  /** Absolute path or URL, usable in `BlockMap.files`. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Exactly `length` bytes, or ImgconvError (blame format, code TRUNCATED). Never a short read. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface TreeEntry {
  /** Name inside its folder. */
  readonly name: string;
  readonly folder: boolean;
}

/** What the user named (file or folder) and its neighbours. Relative names use '/', may not climb above `root` with '..'. */
export interface InputTree {
  /** As named by the user. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Base name of `path`. */
  readonly name: string;
  /** Absolute path or URL of the folder that relative names start from: `path` itself for a folder, its parent for a file. */
  readonly root: string;
  /** First 4 KiB (fewer in a shorter file), read once for all probes; empty for a folder. */
  readonly head: Uint8Array;
  /** Bytes asked for so far, by probes and readers. */
  readonly bytesRead?: number;
  /** Entries of a folder relative to `root` ('' = root itself), sorted by name; empty where it does not exist. Cached. */
  list(folder?: string): Promise<readonly TreeEntry[]>;
  /** Whether a file exists. For folders that cannot be listed (servers), whose `list` tells only what metadata speaks of; absent: ask `list`. */
  has?(relative: string): Promise<boolean>;
  /** No argument: the named file itself. ImgconvError (io, NOT_FOUND) where it does not exist. */
  open(relative?: string): Promise<ByteSource>;
  /** Whole small file; ImgconvError (limit, METADATA_SIZE) above `limit` bytes; undefined where it does not exist. */
  readSmall(relative: string, limit: number): Promise<Uint8Array | undefined>;
  /** Make a structure (parsed TIFF, OLE directory) once for all probes and readers that ask with the same key. */
  once<T>(key: string, make: () => Promise<T>): Promise<T>;
  /** Every source that `open` gave is closed too. */
  close(): Promise<void>;
}

/** 0 not mine · 25 extension only · 50 right container · 75 right vendor · 100 unmistakable. `why` is printed by --explain. */
export interface Verdict {
  readonly score: 0 | 25 | 50 | 75 | 100;
  readonly why: string;
}

/** A setting of a reader. */
export interface ReaderOption {
  /** All values, the default first; absent: free text, judged by the reader. */
  readonly values?: readonly string[];
  readonly help: string;
}

export interface FormatReader {
  /** Folder name, CLI name, fixture folder: 'czi'. */
  readonly id: string;
  /** 'Zeiss CZI'. */
  readonly name: string;
  /** With dot, lower case, longest first. */
  readonly extensions: readonly string[];
  /** One or two sentences for the formats table: which file to open, what belongs to it. */
  readonly structure: string;
  /** Short phrases for the formats table. */
  readonly reads: readonly string[];
  readonly gaps: readonly string[];
  /** What `--option key=value` sets, by key. */
  readonly options?: Readonly<Record<string, ReaderOption>>;
  /** Pure and synchronous; looks at `input.head`, `name`, `isFolder` only. Never throws. */
  probe(input: Pick<InputTree, 'head' | 'name' | 'isFolder'>): Verdict;
  /** Asked only after a 50 (or for folders): may look inside the container. */
  identify?(input: InputTree): Promise<Verdict>;
  /** Headers only; pixels are described, not read. */
  open(input: InputTree, options: OpenOptions): Promise<Dataset>;
}

/** info: worth knowing · loss: the output cannot hold it · damage: the input lacks or breaks it, exit code 1. */
export interface Notice {
  readonly code: string;
  readonly rank: 'info' | 'loss' | 'damage';
  readonly text: string;
}

export interface OpenOptions {
  readonly limits: Limits;
  notice(notice: Notice): void;
  readonly signal?: AbortSignal;
  /** `--option key=value` pairs; checked against the reader's `options`, but some may be meant for other readers. */
  readonly reader: Readonly<Record<string, string>>;
}

/** One resolution of an image. */
export interface Level {
  readonly shape: Tczyx;
  readonly blocks: BlockMap;
  /**
   * For a pending address: the level as it is, of the same shape, without `settle`; its layout and chains may differ from what was expected
   * here. The engine asks before it reads, in the main thread, as long as the input is open. What turns out to be missing or broken is told as
   * notices of the open options.
   */
  settle?(signal?: AbortSignal): Promise<Level>;
}

/** How a viewer should show one channel (c counts samples). */
export interface ChannelDisplay {
  readonly active?: boolean;
  /** Slider range and contrast limits. */
  readonly window?: { readonly min: number; readonly max: number; readonly start: number; readonly end: number };
}

export interface LabelImage {
  readonly name: string;
  readonly image: ImageSource;
  /** NGFF `image-label` object as found (colors, properties, source). */
  readonly imageLabel?: Readonly<Record<string, unknown>>;
}

export interface ImageSource {
  readonly name: string;
  readonly role: 'pixels' | 'label' | 'macro' | 'thumbnail' | 'preview';
  readonly type: PixelType;
  /** Full size first; further levels only where t, c, z are unchanged and x, y shrink. */
  readonly levels: readonly [Level, ...Level[]];
  /**
   * Where the centre of the first pixel lies along t, c, z, y, x, in the units of the image's TimeIncrement and PhysicalSizes (pixels where
   * it has none). For formats that place images on a common canvas; absent: zero. Stage positions stay in the planes.
   */
  readonly origin?: Tczyx;
  /** Pixels are indices or labels: never averaged, and windows are left alone. */
  readonly categorical?: boolean;
  /** Colour table of an indexed image: RGB triplets, 3 bytes an entry, or 6 (little-endian 16-bit) when `depth` is 16. */
  readonly palette?: { readonly depth: 8 | 16; readonly rgb: Uint8Array };
  /** One a channel (samples count). */
  readonly display?: readonly ChannelDisplay[];
  readonly labels?: readonly LabelImage[];
}

export interface OriginalMetadata {
  /** Index of the image it belongs to; absent: the whole data set. */
  readonly image?: number;
  readonly key: string;
  readonly value: string;
}

export interface Dataset {
  /** Reader id. */
  readonly format: string;
  readonly ome: OmeModel;
  /** images[i] belongs to ome.Images[i]. */
  readonly images: readonly ImageSource[];
  /** Vendor metadata as found, in order. */
  readonly original: readonly OriginalMetadata[];
  /** Every file that belongs to the data set, absolute. */
  readonly files: readonly string[];
  /** Files that the data set names and that do not exist. */
  readonly missing?: readonly string[];
}
