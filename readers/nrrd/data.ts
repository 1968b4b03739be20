// Where the samples are: attached, in one file, in numbered files or in a list of files.

import type { ByteSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { NrrdHeader } from './header.js';

export interface DataFile {
  readonly path: string;
  readonly bytes: number;
  /** First byte after the skipped lines (and bytes, for raw data). */
  readonly start: number;
}

export interface DataFiles {
  /** undefined: a file that the header names and that does not exist. */
  readonly files: readonly (DataFile | undefined)[];
  readonly missing: readonly string[];
}

/** 'name%03d.raw 1 20 1 [subdim]'; widths and zero padding as in C. */
function patternNames(text: string, file: string, maxFiles: number): string[] | undefined {
  const match = /^(.*%\d*[diu].*?)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)(?:\s+\d+)?$/.exec(text);
  if (!match) return undefined;
  const [pattern, first, last, step] = [match[1]!, Number(match[2]), Number(match[3]), Number(match[4])];
  const count = step === 0 ? 0 : Math.floor((last - first) / step) + 1;
  if (!(count > 0) || count > maxFiles) {
    throw formatError('NRRD_FILES', `${file}: a pattern of ${count} data files: ${text}`, { file });
  }
  return Array.from({ length: count }, (_, i) =>
    pattern.replace(/%(0?)(\d*)[diu]/, (_all, zero: string, width: string) =>
      String(first + i * step).padStart(Number(width || 0), zero ? '0' : ' '),
    ),
  );
}

/** Data file names of a detached header, relative to it; undefined for an attached one. */
export function dataNames(header: NrrdHeader, file: string, options: OpenOptions): readonly string[] | undefined {
  const text = header.fields.get('data file');
  if (text === undefined) return undefined;
  if (/^LIST\b/i.test(text)) return header.list;
  return patternNames(text, file, options.limits.directories) ?? [text];
}

const LINE_WINDOW = 65536;

/** Offset after `lines` line ends from `from`. */
async function skipLines(source: ByteSource, from: number, lines: number): Promise<number> {
  let at = from;
  let left = lines;
  while (left > 0) {
    const bytes = await source.read(at, Math.min(LINE_WINDOW, source.size - at));
    if (bytes.length === 0) {
      throw formatError('NRRD_SKIP', `${source.name}: has fewer than ${lines} lines to skip`, { file: source.name });
    }
    let i = 0;
    while (left > 0 && i < bytes.length) if (bytes[i++] === 10) left--;
    at += i;
  }
  return at;
}

export async function locate(source: ByteSource, header: NrrdHeader, from: number): Promise<DataFile> {
  const start = await skipLines(source, from, header.lineSkip);
  return { path: source.name, bytes: source.size, start };
}

export async function locateAll(input: InputTree, names: readonly string[], header: NrrdHeader): Promise<DataFiles> {
  const files: (DataFile | undefined)[] = [];
  const missing: string[] = [];
  for (const name of names) {
    let source: ByteSource;
    try {
      source = await input.open(name.replaceAll('\\', '/').replace(/^\.\//, ''));
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.code !== 'NOT_FOUND') throw error;
      files.push(undefined);
      missing.push(name);
      continue;
    }
    try {
      files.push(await locate(source, header, 0));
    } finally {
      await source.close();
    }
  }
  return { files, missing };
}
