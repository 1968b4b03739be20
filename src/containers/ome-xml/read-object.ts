// One element and what is below it, by the table: attributes to typed properties, children to references, texts, objects and lists.

import { detach } from '../xml/encoding.js';
import type { XmlNode } from './document.js';
import { enumOrOther, matchEnum, matchUnit } from './enums.js';
import { kindOf, propertyOf } from './properties.js';
import { toOmeElement } from './raw.js';
import { type AttributeSpec, type ChildSpec, cleanId, elementSpec } from './schema.js';
import { isDateTime, legalNumber } from './values.js';

/** Gets what the schema has no place for. */
export type Keep = (path: string, value: string) => void;

/** Called for each child first; a result is taken instead of decoding by the table. */
export type Override = (child: XmlNode) => unknown;

/** Lists that the model's interfaces always have. */
const LISTS: Readonly<Record<string, string>> = { Plate: 'Wells', Well: 'WellSamples', Pixels: 'Channels' };

/** Properties of the model's interface for an element of `type`. */
export function decodeObject(
  type: string,
  node: XmlNode,
  path: string,
  keep: Keep,
  override?: Override,
): Record<string, unknown> {
  const spec = elementSpec(type)!;
  const made: Record<string, unknown> = {};
  const attributes = node.attributes;
  for (const name in attributes) {
    const text = attributes[name]!;
    const own = spec.attribute.get(name);
    if (!own) {
      const quantity = name.endsWith('Unit') && spec.attribute.get(name.slice(0, -4))?.unit;
      if (!quantity && name !== 'schemaLocation') keep(`${path}/${name}`, text);
      continue;
    }
    const unit = own.unit && attributes[`${name}Unit`];
    const value = decodeAttribute(own, text, unit, path, keep);
    if (value !== undefined) made[name] = value;
  }
  for (const child of node.children) {
    const slot = spec.child.get(child.name);
    if (!slot) {
      keepNode(child, path, keep);
      continue;
    }
    const property = propertyOf(slot);
    const value = override?.(child) ?? decodeChild(slot, child, path, keep);
    if (value === undefined) continue;
    if (slot.many) {
      made[property] ??= [];
      (made[property] as unknown[]).push(value);
    } else if (made[property] === undefined) made[property] = value;
    else keepNode(child, path, keep);
  }
  const list = LISTS[type];
  if (list) made[list] ??= [];
  return made;
}

function decodeChild(slot: ChildSpec, child: XmlNode, parent: string, keep: Keep): unknown {
  const path = `${parent}/${child.name}`;
  switch (kindOf(slot)) {
    case 'ref': {
      const { ID } = child.attributes;
      for (const name of Object.keys(child.attributes))
        if (name !== 'ID') keep(`${path}/${name}`, child.attributes[name]!);
      return ID === undefined ? undefined : detach(cleanId(elementSpec(slot.type)!.attributes[0]!.target!, ID));
    }
    case 'text': {
      if (elementSpec(slot.type)!.text !== 'dateTime') return detach(child.text);
      const date = child.text.trim();
      if (isDateTime(date)) return detach(date);
      if (date) keep(path, date);
      return undefined;
    }
    case 'raw':
      // Pixels are found through their positions: copying them would cost the size of the image.
      return child.name === 'BinData' || child.name === 'TiffData' || child.name === 'Union'
        ? true
        : toOmeElement(child);
    default: {
      const made = decodeObject(slot.type, child, path, keep);
      return propertyOf(slot) === 'LightSources' ? { Kind: child.name, ...made } : made;
    }
  }
}

function decodeAttribute(
  spec: AttributeSpec,
  text: string,
  unitText: string | undefined,
  path: string,
  keep: Keep,
): unknown {
  switch (spec.type) {
    case 'string':
    case 'uri':
    case 'uuid':
      return detach(text);
    case 'id':
    case 'ref':
      return detach(cleanId(spec.target!, text));
    case 'boolean':
      if (/^\s*(?:true|false|0|1|t|f)\s*$/i.test(text)) return /^\s*(?:true|1|t)/i.test(text);
      keep(`${path}/${spec.name}`, text);
      return undefined;
    case 'enum': {
      const exact = matchEnum(spec.enumName!, text);
      if (exact !== undefined) return exact;
      if (text.trim() && text !== 'Unknown') keep(`${path}/${spec.name}`, text);
      return text.trim() ? enumOrOther(spec.enumName!, text) : undefined;
    }
    case 'dateTime':
      if (isDateTime(text.trim())) return detach(text.trim());
      if (text.trim()) keep(`${path}/${spec.name}`, text);
      return undefined;
    case 'list':
      return detach(text);
    default:
      return decodeNumber(spec, text, unitText, path, keep);
  }
}

function decodeNumber(
  spec: AttributeSpec,
  text: string,
  unitText: string | undefined,
  path: string,
  keep: Keep,
): unknown {
  let number = text.trim() === '' ? Number.NaN : Number(text);
  // Colours before 2010-06 were written as unsigned integers.
  if (spec.type === 'int' && number > 2 ** 31 - 1 && number < 2 ** 32) number |= 0;
  const value = legalNumber(spec.type, number);
  const unit = spec.unit && (unitText === undefined ? spec.unit.default : matchUnit(spec.unit.kind, unitText));
  if (value === undefined || (spec.unit && unit === undefined)) {
    // Zero and unset sizes say nothing; everything else that does not fit is kept.
    const empty = text.trim() === '' || Number(text) === 0 || !Number.isFinite(number);
    if (!empty || /[A-Za-z]/.test(text.replace(/nan|inf(?:inity)?|e/gi, ''))) {
      keep(`${path}/${spec.name}`, text);
      if (unitText !== undefined) keep(`${path}/${spec.name}Unit`, unitText);
    }
    return undefined;
  }
  return unit === undefined ? value : { value, unit };
}

/** Everything in an element that the schema does not know, as paths and values. */
export function keepNode(node: XmlNode, path: string, keep: Keep): void {
  const own = `${path}/${node.name}`;
  for (const [name, value] of Object.entries(node.attributes)) keep(`${own}/${name}`, value);
  const text = node.children.length === 0 ? node.text.trim() : '';
  if (text) keep(own, text);
  for (const child of node.children) keepNode(child, own, keep);
}
