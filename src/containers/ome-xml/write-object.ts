// One object of the model and what is below it, by the table, in schema order. What the schema would refuse is left out and reported.

import type { OmeElement, Quantity } from '../../core/ome.js';
import { escapeAttribute, escapeText } from '../xml/escape.js';
import { enumOrOther, matchUnit } from './enums.js';
import type { Identifiers } from './identifiers.js';
import { kindOf, propertyOf } from './properties.js';
import { type AttributeSpec, type ChildSpec, elementSpec } from './schema.js';
import { isLegal, legalNumber } from './values.js';

type Values = Readonly<Record<string, unknown>>;

/** Writes the content of one kind of element itself; returns false to leave the element to the table. */
export type Special = (type: string, object: object, depth: number) => string | undefined;

export class ObjectWriter {
  private readonly wellImages = new Set<string>();

  constructor(
    readonly ids: Identifiers,
    /** Told what was left out. */
    private readonly loss: (text: string) => void,
    private readonly special: Special,
  ) {}

  /** The element as text with its indentation and line end; '' where a required part is missing. */
  element(name: string, type: string, object: object, depth: number, extra: Values = {}): string {
    const spec = elementSpec(type)!;
    const values = { ...(object as Values), ...extra };
    let head = '';
    for (const attribute of spec.attributes) {
      const text = this.attribute(attribute, values[attribute.name], object, name);
      if (text !== undefined) head += text;
      else if (attribute.required) return this.drop(`${name}: required ${attribute.name} is missing`);
    }
    const body = this.special(type, values, depth + 1) ?? this.children(type, values, depth + 1);
    if (body === undefined) return this.drop(`${name}: a required part is missing`);
    const indent = '  '.repeat(depth);
    return body === '' ? `${indent}<${name}${head}/>\n` : `${indent}<${name}${head}>\n${body}${indent}</${name}>\n`;
  }

  /** Children by the table; undefined where a required one is missing. `skip`: names that the caller writes. */
  children(type: string, values: Values, depth: number, skip: readonly string[] = []): string | undefined {
    const done = new Set<string>(skip);
    let body = '';
    for (const child of elementSpec(type)!.children) {
      const property = propertyOf(child);
      if (done.has(property)) continue;
      done.add(property);
      const value = values[property];
      const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
      let written = '';
      for (const each of list) written += this.child(child, property, each, depth);
      if (written === '' && child.required) return undefined;
      body += written;
    }
    return body;
  }

  private child(slot: ChildSpec, property: string, value: unknown, depth: number): string {
    const indent = '  '.repeat(depth);
    switch (kindOf(slot)) {
      case 'ref': {
        const target = elementSpec(slot.type)!.attributes[0]!.target!;
        const id = this.refer(slot.name, target, String(value));
        return id === undefined ? '' : `${indent}<${slot.name} ID="${escapeAttribute(id)}"/>\n`;
      }
      case 'text': {
        if (typeof value === 'object') return this.raw(value as OmeElement, slot.type, depth);
        const type = elementSpec(slot.type)!.text!;
        if (!isLegal({ type }, String(value))) return this.drop(`${slot.name}: "${value}" is no ${type}`);
        return `${indent}<${slot.name}>${escapeText(String(value))}</${slot.name}>\n`;
      }
      case 'raw':
        return this.raw(value as OmeElement, slot.type, depth);
      default: {
        if (property !== 'LightSources') return this.element(slot.name, slot.type, value as object, depth);
        const kind = (value as { Kind: string }).Kind;
        return elementSpec(kind)
          ? this.element(kind, kind, value as object, depth)
          : this.drop(`light source of kind ${kind}`);
      }
    }
  }

  private refer(name: string, target: string, old: string): string | undefined {
    const id = this.ids.refer(target, old);
    if (id === undefined) {
      this.drop(`${name} to "${old}", which does not exist`);
      return undefined;
    }
    return id;
  }

  /** ` Name="value"`, with its unit; undefined for nothing to write. */
  private attribute(spec: AttributeSpec, value: unknown, object: object, element: string): string | undefined {
    if (spec.type === 'id')
      return ` ${spec.name}="${escapeAttribute(this.ids.of(object, spec.target!, String(value ?? '')))}"`;
    if (value === undefined || value === null) return undefined;
    const text = this.attributeText(spec, value, element);
    if (text === undefined) return undefined;
    const written = ` ${spec.name}="${escapeAttribute(text)}"`;
    if (!spec.unit) return written;
    const { unit } = value as Quantity;
    const symbol = matchUnit(spec.unit.kind, unit);
    if (symbol === undefined) {
      this.drop(`${element} ${spec.name}: unit "${unit}" is unknown`);
      return undefined;
    }
    return `${written} ${spec.name}Unit="${escapeAttribute(symbol)}"`;
  }

  private attributeText(spec: AttributeSpec, value: unknown, element: string): string | undefined {
    switch (spec.type) {
      case 'ref':
        return this.refer(`${element} ${spec.name}`, spec.target!, String(value));
      case 'enum': {
        const known = enumOrOther(spec.enumName!, String(value));
        if (known !== value) this.drop(`${element} ${spec.name}: "${value}" is not in the schema`);
        return known;
      }
      case 'boolean':
        return value === true ? 'true' : 'false';
      case 'string':
        return String(value);
      case 'uri':
      case 'uuid':
      case 'dateTime':
      case 'list':
        return isLegal(spec, String(value)) ? String(value) : this.nothing(`${element} ${spec.name}: "${value}"`);
      default: {
        const number = legalNumber(spec.type, spec.unit ? (value as Quantity).value : Number(value));
        return number === undefined ? undefined : formatNumber(number);
      }
    }
  }

  private nothing(text: string): undefined {
    this.drop(text);
    return undefined;
  }

  private drop(text: string): '' {
    this.loss(text);
    return '';
  }

  /** A schema element that the model keeps as it is; '' where the schema would refuse it. */
  raw(element: OmeElement, type: string, depth: number): string {
    const spec = elementSpec(type);
    if (!spec) return this.drop(`<${element.name}> is not in the schema`);
    if (type === 'XMLValue') return `${'  '.repeat(depth)}${foreign(element, new Set(['xsi']))}\n`;
    let head = '';
    for (const attribute of spec.attributes) {
      const text = this.rawAttribute(attribute, element);
      if (text !== undefined) head += ` ${attribute.name}="${escapeAttribute(text)}"`;
      else if (attribute.required) return this.drop(`${element.name}: required ${attribute.name} is missing or wrong`);
      const unit = attribute.unit && element.attributes[`${attribute.name}Unit`];
      if (unit && text !== undefined && matchUnit(attribute.unit!.kind, unit) === unit) {
        head += ` ${attribute.name}Unit="${escapeAttribute(unit)}"`;
      }
    }
    let body = '';
    let content = '';
    for (const slot of spec.children) {
      for (const child of element.children.filter((each) => each.name === slot.name)) {
        const written = this.raw(child, slot.type, depth + 1);
        if (written) content += `${slot.name} `;
        body += written;
        if (!slot.many && written) break;
      }
    }
    if (!spec.content.test(shorten(content))) return this.drop(`${element.name}: a required part is missing`);
    const indent = '  '.repeat(depth);
    const open = `${indent}<${element.name}${head}`;
    if (spec.text !== undefined) {
      const text = element.text ?? '';
      if (!isLegal({ type: spec.text }, text))
        return this.drop(`${element.name}: "${text.slice(0, 40)}" is no ${spec.text}`);
      return text === '' ? `${open}/>\n` : `${open}>${escapeText(text)}</${element.name}>\n`;
    }
    return body === '' ? `${open}/>\n` : `${open}>\n${body}${indent}</${element.name}>\n`;
  }

  private rawAttribute(spec: AttributeSpec, element: OmeElement): string | undefined {
    const text = element.attributes[spec.name];
    if (spec.type === 'id') return this.ids.of(element, spec.target!, text ?? '');
    if (text === undefined) return undefined;
    if (spec.type === 'ref') return this.refer(`${element.name}`, spec.target!, text);
    return isLegal(spec, text) ? text : this.nothing(`${element.name} ${spec.name}: "${text}"`);
  }

  /** An image may stand in one well sample only (ome.xsd, WellSampleImageRefIDKey). */
  firstUse(image: string): boolean {
    if (this.wellImages.has(image)) return false;
    this.wellImages.add(image);
    return true;
  }
}

/** Names with runs of three or more cut to two, as content models are matched. */
export function shorten(names: string): string {
  return names.replace(/(\w+ )\1{2,}/g, '$1$1');
}

function formatNumber(value: number): string {
  return Object.is(value, -0) ? '0' : String(value);
}

/** Content of an XML annotation as it is, on one line: white space may mean something in it. */
function foreign(element: OmeElement, declared: ReadonlySet<string>): string {
  if (element.name === '#text') return escapeText(element.text ?? '');
  const prefixes = new Set(declared);
  for (const name of Object.keys(element.attributes)) if (name.startsWith('xmlns:')) prefixes.add(name.slice(6));
  let head = element.namespace === undefined ? '' : ` xmlns="${escapeAttribute(element.namespace)}"`;
  const written = new Set<string>();
  for (const [name, value] of Object.entries(element.attributes)) {
    const colon = name.indexOf(':');
    const known =
      colon < 0 || name.startsWith('xml:') || name.startsWith('xmlns:') || prefixes.has(name.slice(0, colon));
    const own = known ? name : name.slice(colon + 1);
    if (written.has(own)) continue;
    written.add(own);
    head += ` ${own}="${escapeAttribute(value)}"`;
  }
  const body = element.children.map((child) => foreign(child, prefixes)).join('') + escapeText(element.text ?? '');
  return body === '' ? `<${element.name}${head}/>` : `<${element.name}${head}>${body}</${element.name}>`;
}
