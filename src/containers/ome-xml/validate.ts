// Offline validator of OME-XML 2016-06: well-formed, then the rules of ome.xsd (structure, order, types, enumerations, identifiers, keys and
// references), then what the schema cannot say (validate-meaning.ts). Agrees with XSD validators on what is invalid; not checked: the
// inside of XML annotation values.

import { ImgconvError } from '../../core/errors.js';
import type { XmlElement } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';
import { checkWellFormed } from '../xml/wellformed.js';
import { schemaVersion } from './document.js';
import { type AttributeSpec, type ElementSpec, elementSpec, OME_NAMESPACE, unitsOf } from './schema.js';
import { checkMeaning } from './validate-meaning.js';
import { isLegal } from './values.js';
import { shorten } from './write-object.js';

export interface Finding {
  readonly severity: 'error' | 'warning';
  /** Stable: OME_…, XML_… */
  readonly code: string;
  /** 'OME/Image[0]/Pixels[0]'. */
  readonly path: string;
  readonly message: string;
}

const MOST = 200;

/** References whose keyref in ome.xsd matches nothing: XSD validators let them dangle. */
const LOOSE = new Set([
  'ROIRef',
  'Pump',
  'WellSampleRef',
  'ExcitationFilterRef/LightPath',
  'EmissionFilterRef/LightPath',
  'DatasetRef/Project',
  'ImageRef/Dataset',
  'ExperimenterRef/ExperimenterGroup',
]);

/** Everything wrong with a document, in document order by kind; empty = valid. At most 200 findings. */
export function validateOmeXml(input: Uint8Array | string): Finding[] {
  let root: XmlElement;
  try {
    root = parseXml(input);
  } catch (error) {
    if (!(error instanceof ImgconvError)) throw error;
    return [{ severity: 'error', code: error.code, path: '', message: error.message }];
  }
  const faults = checkWellFormed(root);
  if (faults.length > 0) return faults.map((each) => ({ severity: 'error', path: '', ...each }));
  return validateOmeTree(root);
}

function validateOmeTree(root: XmlElement): Finding[] {
  const version = schemaVersion(root.namespace);
  if (root.name === 'OME' && root.namespace !== OME_NAMESPACE && version !== undefined && version < '2016-06') {
    const message = `schema ${version}: only that it is well-formed was checked`;
    return [{ severity: 'warning', code: 'OME_OLD_SCHEMA', path: 'OME', message }];
  }
  const validator = new Validator();
  if (root.name !== 'OME' || root.namespace !== OME_NAMESPACE) {
    validator.add(
      'OME_NAMESPACE',
      'OME',
      `the root is <${root.name}> of namespace "${root.namespace}", not <OME> of ${OME_NAMESPACE}`,
    );
    return validator.findings;
  }
  validator.element(root, elementSpec('OME')!, 'OME', '');
  validator.references();
  if (validator.findings.length < MOST) {
    checkMeaning(root, (severity, code, path, message) => validator.add(code, path, message, severity));
  }
  return validator.findings;
}

class Validator {
  readonly findings: Finding[] = [];
  private readonly ids = new Map<string, Set<string>>();
  private readonly refs: { target: string; id: string; path: string; loose: boolean }[] = [];
  private readonly wellImages = new Set<string>();

  add(code: string, path: string, message: string, severity: Finding['severity'] = 'error'): void {
    if (this.findings.length < MOST) this.findings.push({ severity, code, path, message });
  }

  element(element: XmlElement, spec: ElementSpec, path: string, parent: string): void {
    if (spec.open) return;
    this.attributes(element, spec, path, parent);
    if (spec.text !== undefined) this.simpleContent(element, spec, path);
    else this.content(element, spec, path);
    const counts = new Map<string, number>();
    for (const child of element.children) {
      const slot = spec.children.find((each) => each.name === child.name);
      const index = counts.get(child.name) ?? 0;
      counts.set(child.name, index + 1);
      if (slot) this.element(child, elementSpec(slot.type)!, `${path}/${child.name}[${index}]`, element.name);
    }
  }

  private attributes(element: XmlElement, spec: ElementSpec, path: string, parent: string): void {
    const seen = new Set<string>();
    element.eachAttribute((local, value, qualified) => {
      if (qualified.startsWith('xsi:') && (local === 'schemaLocation' || local === 'type' || local === 'nil')) return;
      const known = qualified === local && this.attribute(element.name, local, value, spec, path, parent);
      if (!known) this.add('OME_ATTRIBUTE', path, `unknown attribute ${qualified}`);
      seen.add(local);
    });
    for (const each of spec.attributes) {
      if (each.required && !seen.has(each.name)) this.add('OME_REQUIRED', path, `attribute ${each.name} is missing`);
    }
  }

  private attribute(
    element: string,
    name: string,
    value: string,
    spec: ElementSpec,
    path: string,
    parent: string,
  ): boolean {
    const own = spec.attributes.find((each) => each.name === name);
    if (!own) {
      const base = name.endsWith('Unit') ? spec.attributes.find((each) => each.name === name.slice(0, -4)) : undefined;
      if (!base?.unit) return false;
      const unit: Pick<AttributeSpec, 'type' | 'values'> = { type: 'enum', values: unitValues(base) };
      if (!isLegal(unit, value)) this.add('OME_UNIT', path, `${name} "${value}" is no unit of ${base.unit.kind}`);
      return true;
    }
    if (!isLegal(own, value)) this.add('OME_VALUE', path, `${name} "${value.slice(0, 80)}" is no ${describe(own)}`);
    else if (own.type === 'id') this.define(own.target!, value, path);
    else if (own.type === 'ref') {
      const loose = LOOSE.has(element) || LOOSE.has(`${element}/${parent}`);
      this.refs.push({ target: own.target!, id: value, path, loose });
      if (element === 'ImageRef' && parent === 'WellSample') {
        if (this.wellImages.has(value)) this.add('OME_DUPLICATE', path, `image "${value}" stands in two well samples`);
        this.wellImages.add(value);
      }
    }
    return true;
  }

  private define(target: string, id: string, path: string): void {
    const known = this.ids.get(target) ?? new Set<string>();
    // ome.xsd has a key for every class but this.
    const severity = target === 'PlateAcquisition' ? 'warning' : 'error';
    if (known.has(id)) this.add('OME_DUPLICATE', path, `${target} ID "${id}" appears twice`, severity);
    known.add(id);
    this.ids.set(target, known);
  }

  private simpleContent(element: XmlElement, spec: ElementSpec, path: string): void {
    if (element.children.length > 0)
      this.add('OME_CONTENT', path, `<${element.children[0]!.name}> where only text may stand`);
    else if (!isLegal({ type: spec.text! }, element.text)) {
      this.add('OME_VALUE', path, `"${element.text.trim().slice(0, 80)}" is no ${spec.text}`);
    }
  }

  private content(element: XmlElement, spec: ElementSpec, path: string): void {
    if (element.text.trim() !== '') this.add('OME_CONTENT', path, 'text where only elements may stand');
    const names = element.children.map((each) => each.name);
    for (const child of element.children) {
      if (!spec.children.some((each) => each.name === child.name)) {
        this.add('OME_CONTENT', path, `<${child.name}> may not stand here`);
        return;
      }
      if (child.namespace !== OME_NAMESPACE) {
        this.add('OME_NAMESPACE', path, `<${child.name}> is of namespace "${child.namespace}"`);
        return;
      }
    }
    const sequence = shorten(names.map((name) => `${name} `).join(''));
    if (spec.content.test(sequence)) return;
    const missing = spec.children.find((each) => each.required && !names.includes(each.name));
    if (missing) this.add('OME_REQUIRED', path, `<${missing.name}> is missing`);
    else
      this.add(
        'OME_ORDER',
        path,
        `children are missing, too many or out of order: ${sequence.trim().slice(0, 200) || '(none)'}`,
      );
  }

  references(): void {
    for (const { target, id, path, loose } of this.refs) {
      if (this.ids.get(target)?.has(id)) continue;
      this.add('OME_REFERENCE', path, `there is no ${target} with ID "${id}"`, loose ? 'warning' : 'error');
    }
  }
}

function unitValues(spec: AttributeSpec): readonly string[] {
  return unitsOf(spec.unit!.kind);
}

function describe(spec: AttributeSpec): string {
  if (spec.values) return `one of ${spec.values.slice(0, 12).join(' ')}${spec.values.length > 12 ? ' …' : ''}`;
  if (spec.target) return `${spec.target} identifier ("${spec.target}:…")`;
  return spec.type;
}
