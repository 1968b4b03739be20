// Which reader opens an input: by content, not by name.

import type { FormatReader, InputTree, Verdict } from '../core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../core/errors.js';

export interface ReaderVerdict {
  readonly reader: FormatReader;
  readonly verdict: Verdict;
}

/**
 * Verdicts of all readers, best first; equal ones in registry order. What one reader stumbles over (a neighbour that cannot be opened, a
 * broken directory) does not keep another from knowing the input; it is thrown where none does.
 */
export async function probeAll(readers: readonly FormatReader[], tree: InputTree): Promise<readonly ReaderVerdict[]> {
  const first = readers.map((reader) => ({ reader, verdict: reader.probe(tree) }));
  const best = Math.max(0, ...first.map(({ verdict }) => verdict.score));
  // 50 means the right container, whose content tells the rest; a folder has no head to judge by.
  const asks = (score: number): boolean => (tree.isFolder ? best <= 50 && score > 0 : best === 50 && score === 50);
  const all: ReaderVerdict[] = [];
  let failure: ImgconvError | undefined;
  for (const { reader, verdict } of first) {
    const ask = asks(verdict.score) && reader.identify !== undefined;
    try {
      all.push({ reader, verdict: ask ? await reader.identify!(tree) : verdict });
    } catch (error) {
      if (!(error instanceof ImgconvError)) throw error;
      failure ??= error;
      all.push({ reader, verdict: { score: 0, why: error.message } });
    }
  }
  all.sort((a, b) => b.verdict.score - a.verdict.score);
  if (failure && (all[0]?.verdict.score ?? 0) <= 25) throw failure;
  return all;
}

/** The one reader that knows the input best. Errors: unsupported UNKNOWN_FORMAT, format EMPTY_FILE, usage PROBE_TIE. */
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
      'usage',
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
