// .ndpis: an INI file that lists the .ndpi files of a fluorescence slide, one a channel.

import { formatError } from '../../src/core/errors.js';

const MOST = 1000;

/** File names in the order of Image0, Image1 … */
export function parseNdpis(text: string, file: string): string[] {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n|\r/)) {
    const at = line.indexOf('=');
    if (at > 0) values.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
  }
  const count = Number.parseInt(values.get('noimages') ?? '', 10);
  if (!(count >= 1 && count <= MOST))
    throw formatError('NDPIS_COUNT', `NoImages is ${values.get('noimages') ?? 'missing'}`, { file });
  return Array.from({ length: count }, (_, i) => {
    const name = values.get(`image${i}`);
    if (!name) throw formatError('NDPIS_IMAGE', `Image${i} is missing, NoImages is ${count}`, { file });
    return name.replaceAll('\\', '/').replace(/^.*\//, '');
  });
}
