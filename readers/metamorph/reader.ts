import { tiffSignature } from '../../src/containers/tiff/file.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { findNd } from './set.js';

/** A plate (.HTD), an .nd set (also by one of its members, unless `--option group=no`), or a single file. */
export async function openMetaMorph(input: InputTree, options: OpenOptions): Promise<Dataset> {
  if (/^\s*"HTSInfoFile"/.test(new TextDecoder('latin1').decode(input.head.subarray(0, 64)))) {
    return (await import('./plate.js')).openPlate(input, options);
  }
  const single = tiffSignature(input.head) !== undefined;
  const nd = single ? (options.reader.group === 'no' ? undefined : await findNd(input)) : input.name;
  if (nd === undefined) return (await import('./single.js')).openSingle(input, options);
  return (await import('./series.js')).openSeries(input, nd, options);
}
