import { tiffSignature } from '../../src/containers/tiff/file.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { findNd } from './set.js';

/** An .nd set (also by one of its members, unless `--option group=no`), or a single file. */
export async function openMetaMorph(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const single = tiffSignature(input.head) !== undefined;
  const nd = single ? (options.reader.group === 'no' ? undefined : await findNd(input)) : input.name;
  if (nd === undefined) return (await import('./single.js')).openSingle(input, options);
  return (await import('./series.js')).openSeries(input, nd, options);
}
