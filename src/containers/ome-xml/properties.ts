// How the table's children become properties of the model: the same rules read and write.

import { type ChildSpec, elementSpec, LIGHT_SOURCES } from './schema.js';

/** 'ref': identifier alone · 'text': simple content · 'raw': kept as OmeElement · 'object': an interface of its own. */
export type ChildKind = 'ref' | 'text' | 'raw' | 'object';

const RAW = new Set(['Map', 'BinData', 'BinaryFile', 'XMLValue', 'MetadataOnly', 'TiffData', 'Union', 'Transform']);

export function kindOf(child: ChildSpec): ChildKind {
  if (RAW.has(child.type)) return 'raw';
  const spec = elementSpec(child.type)!;
  if (spec.text !== undefined && spec.attributes.length === 0) return 'text';
  if (spec.children.length === 0 && spec.attributes.length === 1 && spec.attributes[0]!.type === 'ref') return 'ref';
  return 'object';
}

/** Name of the model's property: 'AnnotationRefs' for AnnotationRef*, 'LightSources' for any of the light sources. */
export function propertyOf(child: ChildSpec): string {
  if (LIGHT_SOURCES.includes(child.name)) return 'LightSources';
  return child.many ? `${child.name}s` : child.name;
}
