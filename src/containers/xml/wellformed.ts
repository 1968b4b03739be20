// Strict well-formedness (XML 1.0 §2), for `validate`: what parseXml takes on trust because it cuts attributes and text on demand.

import { isSpace, scanAttributes, type XmlElement } from './element.js';

export interface XmlFault {
  readonly code: string;
  readonly message: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids (§2.2 Char)
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const BAD_REFERENCE = /&(?!(?:#\d+|#x[0-9a-fA-F]+|lt|gt|amp|quot|apos);)/;

/** First fault of each kind in the whole tree below `root`; an empty list means well-formed. */
export function checkWellFormed(root: XmlElement): XmlFault[] {
  const faults = new Map<string, XmlFault>();
  const add = (code: string, message: string): void => {
    if (!faults.has(code)) faults.set(code, { code, message });
  };
  const stack = [root];
  for (let next = stack.pop(); next; next = stack.pop()) {
    checkTag(next, add);
    checkText(next, add);
    stack.push(...next.children);
  }
  return [...faults.values()];
}

function checkTag(element: XmlElement, add: (code: string, message: string) => void): void {
  const tag = element.startTag;
  const name = /^<([^\s/>]+)/.exec(tag)?.[1] ?? '';
  if (!/^[\p{L}_:][\p{L}\p{N}\p{M}_:.\-\u00b7]*$/u.test(name)) add('XML_NAME', `'${name}' is no element name`);
  const seen = new Set<string>();
  let last = -1;
  const end = tag.length - (tag.endsWith('/>') ? 2 : 1);
  scanAttributes(tag, 1 + name.length, end, (from, to, valueFrom, valueTo, quoted) => {
    const attribute = tag.slice(from, to);
    const value = tag.slice(valueFrom, valueTo);
    if (!quoted) add('XML_ATTRIBUTE', `attribute ${attribute} of <${name}> has no quoted value`);
    if (last >= 0 && !isSpace(tag.charCodeAt(from - 1)))
      add('XML_ATTRIBUTE', `no space before attribute ${attribute} of <${name}>`);
    if (seen.has(attribute)) add('XML_DUPLICATE', `attribute ${attribute} of <${name}> appears twice`);
    if (value.includes('<')) add('XML_ATTRIBUTE', `'<' in attribute ${attribute} of <${name}>`);
    if (BAD_REFERENCE.test(value))
      add('XML_REFERENCE', `'&' that starts no entity in attribute ${attribute} of <${name}>`);
    if (ILLEGAL.test(value)) add('XML_CHARACTER', `forbidden control character in attribute ${attribute} of <${name}>`);
    seen.add(attribute);
    last = valueTo;
  });
}

function checkText(element: XmlElement, add: (code: string, message: string) => void): void {
  for (const raw of element.rawTexts()) {
    const text = raw.replace(/<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>/g, '');
    if (BAD_REFERENCE.test(text)) add('XML_REFERENCE', `'&' that starts no entity in the text of <${element.name}>`);
    if (ILLEGAL.test(text)) add('XML_CHARACTER', `forbidden control character in the text of <${element.name}>`);
  }
}
