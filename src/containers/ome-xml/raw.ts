// Elements that the model keeps as they are.

import type { OmeElement } from '../../core/ome.js';
import { XmlElement } from '../xml/element.js';
import { detach } from '../xml/encoding.js';
import { schemaVersion, type XmlNode } from './document.js';
import { OME_NAMESPACE } from './schema.js';

/** Schema elements: attributes and text, no mixed content. */
export function toOmeElement(node: XmlNode): OmeElement {
  const children = node.children.map(toOmeElement);
  const text = node.text;
  const keep = text !== '' && (children.length === 0 || text.trim() !== '');
  return {
    name: node.name,
    attributes: own(node.attributes),
    children,
    ...(keep && { text: detach(text) }),
  };
}

function own(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, detach(value)]));
}

/** Anything, in any namespace, mixed content included (content of XMLAnnotation values). `parent`: namespace of the parent. */
export function toForeignElement(node: XmlNode, parent: string): OmeElement {
  const element = node instanceof XmlElement ? node : node.source;
  if (!element) return toOmeElement(node);
  const namespace = schemaVersion(element.namespace) === undefined ? element.namespace : OME_NAMESPACE;
  const attributes: Record<string, string> = {};
  element.eachAttribute((_local, value, qualified) => {
    if (qualified === 'xmlns') return;
    attributes[qualified] = detach(value);
  }, true);
  const nodes = element.nodes;
  const mixed = element.children.length > 0 && nodes.some((each) => typeof each === 'string' && each.trim() !== '');
  const children = nodes.flatMap((each) => {
    if (typeof each !== 'string') return [toForeignElement(each, namespace)];
    return mixed ? [{ name: '#text', attributes: {}, children: [], text: detach(each) }] : [];
  });
  const text = element.children.length === 0 ? detach(element.text) : '';
  return {
    name: element.name,
    ...(namespace !== parent && { namespace }),
    attributes,
    children,
    ...(text !== '' && { text }),
  };
}
