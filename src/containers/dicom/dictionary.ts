// What the standard calls an element, and the value representation that implicit VR leaves out.

import { DICTIONARY } from './dictionary-data.js';

export interface DictionaryEntry {
  /** Two letters; 'XS': US or SS by Pixel Representation. */
  readonly vr: string;
  readonly keyword: string;
}

let table: Map<string, DictionaryEntry> | undefined;

function load(): Map<string, DictionaryEntry> {
  const entries = new Map<string, DictionaryEntry>();
  for (const line of DICTIONARY.split('\n')) {
    const group = line.slice(0, 4);
    for (const item of line.slice(5).split(',')) {
      entries.set(group + item.slice(0, 4), { vr: item.slice(4, 6), keyword: item.slice(6) });
    }
  }
  return entries;
}

/** Undefined for private and unknown elements. */
export function lookUp(tag: number): DictionaryEntry | undefined {
  table ??= load();
  const digits = tag.toString(16).padStart(8, '0');
  const found = table.get(digits);
  if (found) return found;
  // Curves and overlays repeat in the even groups 5000–50FF and 6000–60FF.
  const repeated = digits.startsWith('50') ? '50xx' : digits.startsWith('60') ? '60xx' : undefined;
  return repeated && table.get(repeated + digits.slice(4));
}
