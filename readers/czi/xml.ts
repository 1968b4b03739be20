// Small readings of the metadata XML.

import { child, descendants, textAt, type XmlElement } from '../../src/containers/xml/element.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';

/** Number at 'A/B/C'; undefined for empty, absent and non-numbers. */
export function numberIn(element: XmlElement | undefined, path: string): number | undefined {
  return numeric(textAt(element, path));
}

export function numeric(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** First element of that name anywhere below. */
export function first(element: XmlElement | undefined, name: string): XmlElement | undefined {
  if (!element) return undefined;
  for (const each of descendants(element, name)) return each;
  return undefined;
}

export function boolIn(element: XmlElement | undefined, path: string): boolean | undefined {
  const text = textAt(element, path)?.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** A word of the schema, or 'Other' for one that it does not know; undefined stays undefined. */
export function oneOf(text: string | undefined, words: readonly string[]): string | undefined {
  if (!text) return undefined;
  return words.includes(text) ? text : 'Other';
}

const ROW_LIMIT = 2_000_000;

/**
 * Every text and attribute, in document order: 'Information/Image/SizeX'; siblings of one name are numbered, attributes follow '@'.
 */
export function flatten(root: XmlElement): OriginalMetadata[] {
  const rows: OriginalMetadata[] = [];
  const visit = (element: XmlElement, key: string): void => {
    if (rows.length > ROW_LIMIT) return;
    const { attributes } = element;
    for (const name in attributes) rows.push({ key: `${key}@${name}`, value: attributes[name]! });
    const text = element.text.trim();
    if (text) rows.push({ key, value: text });
    const counts = new Map<string, number>();
    for (const each of element.children) counts.set(each.name, (counts.get(each.name) ?? 0) + 1);
    const seen = new Map<string, number>();
    for (const each of element.children) {
      const index = (seen.get(each.name) ?? 0) + 1;
      seen.set(each.name, index);
      const many = counts.get(each.name)! > 1 ? ` ${index}` : '';
      visit(each, `${key}${key ? '/' : ''}${each.name}${many}`);
    }
  };
  visit(child(root, 'Metadata') ?? root, '');
  return rows;
}
