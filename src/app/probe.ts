// Which reader opens an input: by content, not by name.

import type { FormatReader, InputTree, Verdict } from '../core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../core/errors.js';

export interface ReaderVerdict {
  readonly reader: FormatReader;
  readonly verdict: Verdict;
}

/** Verdicts of all readers, best first; equal ones in registry order. */
export async function probeAll(readers: readonly FormatReader[], tree: InputTree): Promise<readonly ReaderVerdict[]> {
  const first = readers.map((reader) => ({ reader, verdict: reader.probe(tree) }));
  const best = Math.max(0, ...first.map(({ verdict }) => verdict.score));
  // 50 means the right container, whose content tells the rest; a folder has no head to judge by.
  const asks = (score: number): boolean => (tree.isFolder ? best <= 50 && score > 0 : best === 50 && score === 50);
  const all: ReaderVerdict[] = [];
  for (const { reader, verdict } of first) {
    const ask = asks(verdict.score) && reader.identify !== undefined;
    all.push({ reader, verdict: ask ? await reader.identify!(tree) : verdict });
  }
  return all.sort((a, b) => b.verdict.score - a.verdict.score);
}

/** The one reader that knows the input best. Errors: unsupported UNKNOWN_FORMAT, format EMPTY_FILE, internal PROBE_TIE. */
export function chooseReader(verdicts: readonly ReaderVerdict[], tree: InputTree): FormatReader {
  const [best, second] = verdicts;
  const where = { file: tree.path };
  if (!best || best.verdict.score <= 25) {
    if (!tree.isFolder && tree.head.length === 0)
      throw formatError('EMPTY_FILE', `${tree.path}: the file is empty`, where);
    const guesses = verdicts
      .filter(({ verdict }) => verdict.score > 0)
      .map(({ reader, verdict }) => `${reader.name}: ${verdict.why}`);
    const nearest = guesses.length > 0 ? ` (${guesses.slice(0, 3).join('; ')})` : '';
    throw unsupported(
      'UNKNOWN_FORMAT',
      `${tree.path}: unknown format${nearest}; \`imgconv formats\` lists the known ones`,
      where,
    );
  }
  if (second && second.verdict.score === best.verdict.score) {
    throw new ImgconvError(
      'internal',
      'PROBE_TIE',
      `${tree.path}: ${best.reader.id} and ${second.reader.id} both claim it (${best.verdict.why}; ${second.verdict.why}); --reader chooses one`,
      where,
    );
  }
  return best.reader;
}

/** The reader that `--reader` names. Errors: usage UNKNOWN_READER. */
export function readerById(readers: readonly FormatReader[], id: string): FormatReader {
  const found = readers.find((reader) => reader.id === id.toLowerCase());
  if (found) return found;
  throw new ImgconvError(
    'usage',
    'UNKNOWN_READER',
    `no reader ${id}; there are ${readers.map((reader) => reader.id).join(', ')}`,
  );
}
