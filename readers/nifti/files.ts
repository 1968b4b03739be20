// Which file holds the header and which the pixels.

import type { InputTree } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';

const PAIR = /\.(hdr|img)(\.gz)?$/i;

export function isPairName(name: string): boolean {
  return PAIR.test(name);
}

/** The neighbour that makes the pair complete, whatever its case and compression; undefined where there is none. */
export async function partner(input: InputTree, wanted: 'hdr' | 'img'): Promise<string | undefined> {
  const stem = input.name.replace(PAIR, '').toLowerCase();
  const names = [`${stem}.${wanted}`, `${stem}.${wanted}.gz`];
  const entries = await input.list('');
  const of = (name: string): string | undefined =>
    entries.find((each) => !each.folder && each.name.toLowerCase() === name)?.name;
  return of(names[0]!) ?? of(names[1]!);
}

/** Errors: io NOT_FOUND. */
export async function needPartner(input: InputTree, wanted: 'hdr' | 'img'): Promise<string> {
  const found = await partner(input, wanted);
  if (found !== undefined) return found;
  const stem = input.name.replace(PAIR, '');
  const what = wanted === 'img' ? 'pixels' : 'header';
  const text = `${input.path}: the ${what} should be in ${stem}.${wanted} or ${stem}.${wanted}.gz beside it, neither exists`;
  throw new ImgconvError('io', 'NOT_FOUND', text, { file: input.path });
}
