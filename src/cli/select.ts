// Which images the `--series` list means: indices, ranges, names, names with wildcards.

import type { Dataset } from '../core/contracts.js';
import { indexRanges, listIndices, usage } from './values.js';

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'is');
}

/** Indices into `dataset.images`, in the order named. A name wins over a number, so that images called '1', '2' … can be named. Errors: usage. */
export function selectSeries(parts: readonly string[], dataset: Dataset): readonly number[] {
  const names = dataset.images.map((image) => image.name);
  const found = new Set<number>();
  for (const part of parts) {
    const isIndex = /^\d+(-\d*)?$/.test(part);
    const named = names.flatMap((name, index) => (name === part ? [index] : []));
    const matched =
      named.length > 0 || isIndex ? named : names.flatMap((name, index) => (wildcard(part).test(name) ? [index] : []));
    if (matched.length > 0) for (const index of matched) found.add(index);
    else if (isIndex)
      for (const index of listIndices(indexRanges(part, '--series'), names.length, '--series')) found.add(index);
    else
      throw usage(
        `--series: no image is called ${part}; there are ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`,
      );
  }
  return [...found];
}
