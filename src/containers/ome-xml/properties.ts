// How the table's children become properties of the model: the same rules read and write.

import { type ChildSpec, elementSpec, LIGHT_SOURCES } from './schema.js';

/** 'ref': identifier alone · 'text': simple content · 'raw': kept as OmeElement · 'object': an interface of its own. */
export type ChildKind = 'ref' | 'text' | 'raw' | 'object';

const RAW = new Set(['Map', 'BinData', 'BinaryFile', 'XMLValue', 'MetadataOnly', 'TiffData', 'Union', 'Transform']);

const kinds = new Map<ChildSpec, ChildKind>();
const properties = new Map<ChildSpec, string>();

export function kindOf(child: ChildSpec): ChildKind {
  let kind = kinds.get(child);
  if (!kind) {
    kind = findKind(child);
    kinds.set(child, kind);
  }
  return kind;
}

function findKind(child: ChildSpec): ChildKind {
  if (RAW.has(child.type)) return 'raw';
  const spec = elementSpec(child.type)!;
  if (spec.text !== undefined && spec.attributes.length === 0) return 'text';
  if (spec.children.length === 0 && spec.attributes.length === 1 && spec.attributes[0]!.type === 'ref') return 'ref';
  return 'object';
}

/** Name of the model's property: 'AnnotationRefs' for AnnotationRef*, 'LightSources' for any of the light sources. */
export function propertyOf(child: ChildSpec): string {
  let property = properties.get(child);
  if (property === undefined) {
    property = LIGHT_SOURCES.includes(child.name) ? 'LightSources' : child.many ? `${child.name}s` : child.name;
    properties.set(child, property);
  }
  return property;
}
