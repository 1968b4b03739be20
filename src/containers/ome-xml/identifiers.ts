// Identifiers of a model before it is written: each fits its pattern, is unique in its class, and references to nothing are left out
// (ome.xsd: key and keyref).

import type { OmeElement, OmeModel } from '../../core/ome.js';
import { kindOf, propertyOf } from './properties.js';
import { cleanId, type ElementSpec, elementSpec } from './schema.js';

export class Identifiers {
  /** New identifier by class and old identifier. */
  private readonly classes = new Map<string, Map<string, string>>();
  private readonly used = new Map<string, Set<string>>();
  /** Objects whose identifier could not stay. */
  private readonly changed = new Map<object, string>();

  /** Objects that will not be written are in `left`. */
  constructor(
    model: OmeModel,
    private readonly left: ReadonlySet<object>,
  ) {
    const all: readonly (readonly [string, readonly object[] | undefined])[] = [
      ['Plate', model.Plates],
      ['Experimenter', model.Experimenters],
      ['Instrument', model.Instruments],
      ['Image', model.Images],
      ['ROI', model.ROIs],
    ];
    for (const element of model.Others ?? []) this.raw(element);
    for (const [type, list] of all) for (const each of list ?? []) this.visit(type, each);
    for (const each of model.Annotations ?? []) this.visit(each.Kind, each);
    for (const roi of model.ROIs ?? []) if (!left.has(roi)) for (const shape of roi.Shapes) this.raw(shape);
  }

  /** Identifier to write for an object or element. */
  of(object: object, target: string, id: string): string {
    return this.changed.get(object) ?? this.classes.get(target)?.get(id) ?? id;
  }

  /** Identifier that a reference becomes; undefined where it refers to nothing. */
  refer(target: string, id: string): string | undefined {
    const known = this.classes.get(target);
    return known?.get(id) ?? known?.get(cleanId(target, id));
  }

  /** A prefix under which numbered identifiers of a class are free: 'Annotation:Original'. */
  freePrefix(target: string, name: string): string {
    const used = [...(this.used.get(target) ?? [])];
    let prefix = `${target}:${name}`;
    while (used.some((id) => id.startsWith(`${prefix}:`))) prefix += ':0';
    return prefix;
  }

  private visit(type: string, object: object): void {
    const spec = elementSpec(type);
    if (!spec || this.left.has(object)) return;
    const values = object as Readonly<Record<string, unknown>>;
    this.define(spec, object, values.ID);
    const done = new Set<string>();
    for (const child of spec.children) {
      const property = propertyOf(child);
      if (kindOf(child) !== 'object' || done.has(property)) continue;
      done.add(property);
      const value = values[property];
      for (const each of Array.isArray(value) ? value : value ? [value] : []) {
        this.visit(property === 'LightSources' ? each.Kind : child.type, each);
      }
    }
  }

  private raw(element: OmeElement): void {
    const spec = elementSpec(element.name);
    if (!spec || this.left.has(element)) return;
    this.define(spec, element, element.attributes.ID);
    // What may not stand here is not written.
    for (const child of element.children) if (spec.children.some((slot) => slot.name === child.name)) this.raw(child);
  }

  private define(spec: ElementSpec, object: object, id: unknown): void {
    const attribute = spec.attributes.find((each) => each.type === 'id');
    if (!attribute) return;
    const target = attribute.target!;
    const used = this.used.get(target) ?? new Set<string>();
    const names = this.classes.get(target) ?? new Map<string, string>();
    this.used.set(target, used);
    this.classes.set(target, names);
    const old = typeof id === 'string' ? id : '';
    const clean = old === '' ? `${target}:${used.size}` : cleanId(target, old);
    let made = clean;
    for (let i = 1; used.has(made); i++) made = `${clean}:${i}`;
    used.add(made);
    if (old !== '' && !names.has(old)) names.set(old, made);
    if (!names.has(made)) names.set(made, made);
    if (made !== old) this.changed.set(object, made);
  }
}
