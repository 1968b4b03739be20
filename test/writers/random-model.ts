// Random OME documents from the table of the schema: every element and attribute that it knows turns up sooner or later.

import {
  type AttributeSpec,
  type ElementSpec,
  elementSpec,
  OME_NAMESPACE,
  unitsOf,
} from '../../src/containers/ome-xml/schema.js';
import { escapeAttribute, escapeText } from '../../src/containers/xml/escape.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { PixelType } from '../../src/core/pixel-type.js';

export type Random = () => number;

export interface RandomImage {
  readonly shape: Tczyx;
  readonly type: PixelType;
  /** Samples of each channel element. */
  readonly samples: number;
}

interface Node {
  readonly name: string;
  attributes: Record<string, string>;
  children: Node[];
  text?: string;
  /** Filled in when all identifiers are known. */
  refs: { attribute: string; target: string; required: boolean }[];
}

const STRINGS = [
  'a',
  'µm ±1°',
  '<&>"\'',
  ' spaced  out ',
  'line\nbreak\ttab',
  '日本語 😀',
  '',
  'C:\\x\\y',
  'null',
  '0',
];

/** Elements that are made by rules of their own, or not at all. */
const SPECIAL = new Set(['BinaryOnly', 'Pixels', 'Plate', 'StructuredAnnotations']);

export class RandomDocument {
  private readonly counts = new Map<string, number>();
  private readonly ids = new Map<string, string[]>();
  private readonly freeImages: string[] = [];

  constructor(
    private readonly next: Random,
    private readonly images: readonly RandomImage[],
    private readonly withPlate: boolean,
  ) {}

  /** The document as OME-XML 2016-06, without pixels. */
  xml(): string {
    const children: Node[] = [];
    for (const name of ['Rights', 'Project', 'Dataset', 'Folder', 'Experiment']) this.some(name, children, 1);
    const plate = children.length;
    this.some('Screen', children, 1);
    // What micro-beams refer to exists, or they would take their own referrers with them.
    const beams = this.ids.has('MicrobeamManipulation');
    if (beams) children.push(this.element('Experimenter', 'Experimenter'));
    this.some('Experimenter', children, 2);
    this.some('ExperimenterGroup', children, 1);
    this.some('Instrument', children, 2);
    for (const image of this.images) children.push(this.image(image));
    if (this.withPlate) children.splice(plate, 0, this.plate());
    const annotations = this.node('StructuredAnnotations', 'StructuredAnnotations');
    for (const child of elementSpec('StructuredAnnotations')!.children) {
      for (let n = this.count(2); n > 0; n--) annotations.children.push(this.element(child.name, child.type));
    }
    if (annotations.children.length > 0) children.push(annotations);
    if (beams) children.push(this.element('ROI', 'ROI'));
    this.some('ROI', children, 3);
    const root: Node = { name: 'OME', attributes: {}, children, refs: [] };
    this.resolve(root);
    return `<OME xmlns="${OME_NAMESPACE}">${root.children.map(print).join('')}</OME>`;
  }

  private chance(p: number): boolean {
    return this.next() < p;
  }

  private pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  /** 0 to `most`, small numbers more often. */
  private count(most: number): number {
    return Math.floor(this.next() * this.next() * (most + 1) * 1.3);
  }

  private some(name: string, into: Node[], most: number): void {
    if (name === 'Rights' && this.chance(0.7)) return;
    for (let n = name === 'Rights' ? 1 : this.count(most); n > 0; n--) into.push(this.element(name, name));
  }

  private newId(target: string): string {
    const n = this.counts.get(target) ?? 0;
    this.counts.set(target, n + 1);
    const id = this.chance(0.1)
      ? `urn:lsid:lab.example.org:${target}:${n}`
      : `${target}:${n}${this.chance(0.2) ? ':x' : ''}`;
    const known = this.ids.get(target) ?? [];
    known.push(id);
    this.ids.set(target, known);
    return id;
  }

  private string(): string {
    return this.pick(STRINGS);
  }

  private number(): string {
    const value = this.pick([
      0,
      1,
      -3,
      0.1,
      1e-7,
      1.5e12,
      this.next(),
      Math.round(this.next() * 1000),
      -this.next() * 100,
    ]);
    return String(value);
  }

  private value(spec: Pick<AttributeSpec, 'type' | 'values'>): string {
    const int = (low: number, high: number): string => String(low + Math.floor(this.next() * (high - low + 1)));
    const positive = (): string => String(this.next() * 10 ** Math.floor(this.next() * 6 - 2) + 1e-6);
    switch (spec.type) {
      case 'boolean':
        return this.pick(['true', 'false']);
      case 'int':
        return int(-(2 ** 31), 2 ** 31 - 1);
      case 'long':
        return this.pick(['-9223372036854775808', '9007199254740993', '12']);
      case 'nonNegativeInt':
      case 'nonNegativeLong':
        return int(0, 3);
      case 'positiveInt':
        return int(1, 5);
      case 'float':
        return this.number();
      case 'positiveFloat':
      case 'nonNegativeFloat':
        return positive();
      case 'fraction':
        return String(this.next());
      case 'dateTime':
        return `20${int(10, 29)}-0${int(1, 9)}-1${int(0, 9)}T1${int(0, 9)}:0${int(0, 9)}:5${int(0, 9)}${this.pick(['', 'Z', '.25', '+02:00'])}`;
      case 'uri':
        return this.pick(['openmicroscopy.org/x', 'https://example.org/a?b=c', 'urn:x:y']);
      case 'hex40':
        return Array.from({ length: 40 }, () => this.pick([...'0123456789ABCDEF'])).join('');
      case 'base64':
        return this.pick(['', 'AAAA', 'AQIDBA==']);
      case 'enum':
        return this.pick(spec.values!);
      case 'list':
        return [...new Set([this.pick(spec.values!), this.pick(spec.values!)])].join(' ');
      default:
        return this.string();
    }
  }

  /** Attributes at random, required ones always. */
  private node(name: string, type: string): Node {
    const spec = elementSpec(type)!;
    const node: Node = { name, attributes: {}, children: [], refs: [] };
    for (const attribute of spec.attributes) {
      if (!attribute.required && this.chance(0.4)) continue;
      if (attribute.type === 'id') node.attributes[attribute.name] = this.newId(attribute.target!);
      else if (attribute.type === 'ref') {
        node.refs.push({ attribute: attribute.name, target: attribute.target!, required: attribute.required });
      } else node.attributes[attribute.name] = this.value(attribute);
      if (attribute.unit && this.chance(0.5))
        node.attributes[`${attribute.name}Unit`] = this.pick(unitsOf(attribute.unit.kind));
    }
    if (spec.text && !spec.open) node.text = this.value({ type: spec.text });
    return node;
  }

  element(name: string, type: string): Node {
    const node = this.node(name, type);
    const spec = elementSpec(type)!;
    if (type === 'XMLValue') {
      node.children.push({
        name: 'q:thing xmlns:q="urn:q"',
        attributes: { 'q:a': '1' },
        children: [],
        text: 'x',
        refs: [],
      });
      return node;
    }
    this.fill(node, spec);
    return node;
  }

  private fill(node: Node, spec: ElementSpec): void {
    if (spec.type === 'Union') {
      for (let n = 1 + this.count(2); n > 0; n--) {
        const child = this.pick(spec.children);
        node.children.push(this.element(child.name, child.type));
      }
      return;
    }
    if (spec.type === 'BinaryFile') {
      const child = this.pick(spec.children);
      node.children.push(this.element(child.name, child.type));
      return;
    }
    for (const child of spec.children) {
      if (SPECIAL.has(child.type)) continue;
      const least = child.required || (node.name === 'MicrobeamManipulation' && child.name === 'ROIRef') ? 1 : 0;
      const most = child.many ? 2 : 1;
      const n = Math.max(least, Math.min(most, this.count(2)));
      for (let i = 0; i < n; i++) node.children.push(this.element(child.name, child.type));
    }
    // One kind of reference names one thing once.
    if (spec.type === 'ROI')
      node.children = node.children.filter((child) => child.name !== 'Description' || this.chance(0.5));
  }

  private image(image: RandomImage): Node {
    const node = this.element('Image', 'Image');
    this.freeImages.push(node.attributes.ID!);
    const at = node.children.findIndex(({ name }) => /^(ROIRef|MicrobeamManipulationRef|AnnotationRef)$/.test(name));
    node.children.splice(at < 0 ? node.children.length : at, 0, this.pixels(image));
    return node;
  }

  private pixels({ shape: [t, c, z, y, x], type, samples }: RandomImage): Node {
    const node = this.node('Pixels', 'Pixels');
    const { attributes } = node;
    delete attributes.Interleaved;
    delete attributes.BigEndian;
    Object.assign(attributes, { SizeX: x, SizeY: y, SizeZ: z, SizeC: c, SizeT: t, Type: type });
    const bits = { uint8: 8, int8: 8, uint16: 16, int16: 16, uint32: 32, int32: 32, float: 32, double: 64 }[
      type as 'uint8'
    ];
    if (attributes.SignificantBits) attributes.SignificantBits = String(1 + Math.floor(this.next() * bits));
    for (let i = 0; i < c / samples; i++) {
      const channel = this.element('Channel', 'Channel');
      channel.attributes.SamplesPerPixel = String(samples);
      node.children.push(channel);
    }
    node.children.push({ name: 'MetadataOnly', attributes: {}, children: [], refs: [] });
    for (let T = 0; T < t; T++)
      for (let C = 0; C < c / samples; C++)
        for (let Z = 0; Z < z; Z++) {
          if (this.chance(0.5)) continue;
          const plane = this.element('Plane', 'Plane');
          Object.assign(plane.attributes, { TheT: String(T), TheC: String(C), TheZ: String(Z) });
          node.children.push(plane);
        }
    return node;
  }

  /** A plate whose wells hold all images, each once. */
  private plate(): Node {
    const plate = this.node('Plate', 'Plate');
    const [rows, columns] = [3, 4];
    Object.assign(plate.attributes, { Rows: String(rows), Columns: String(columns) });
    delete plate.attributes.FieldIndex;
    const left = [...this.freeImages];
    const samples: string[] = [];
    for (let place = 0; place < rows * columns && left.length > 0; place++) {
      if (this.chance(0.3) && place < rows * columns - left.length) continue;
      const well = this.node('Well', 'Well');
      Object.assign(well.attributes, { Row: String(Math.floor(place / columns)), Column: String(place % columns) });
      for (let n = Math.min(left.length, 1 + this.count(2)); n > 0; n--) {
        const sample = this.node('WellSample', 'WellSample');
        sample.attributes.Index = String(samples.length);
        sample.children.push({ name: 'ImageRef', attributes: { ID: left.shift()! }, children: [], refs: [] });
        samples.push(sample.attributes.ID!);
        well.children.push(sample);
      }
      if (this.chance(0.3)) well.children.push(this.element('ReagentRef', 'ReagentRef'));
      plate.children.push(well);
    }
    if (this.chance(0.5)) {
      const acquisition = this.node('PlateAcquisition', 'PlateAcquisition');
      for (const ID of samples)
        acquisition.children.push({ name: 'WellSampleRef', attributes: { ID }, children: [], refs: [] });
      plate.children.push(acquisition);
    }
    return plate;
  }

  /** References to something that exists; those that find nothing go, with the element that needs them. */
  private resolve(node: Node): boolean {
    for (const { attribute, target, required } of node.refs) {
      const known = this.ids.get(target);
      if (known) node.attributes[attribute] = this.pick(known);
      else if (required) return false;
    }
    const kept = node.children.filter((child) => this.resolve(child));
    const seen = new Set<string>();
    node.children = kept.filter((child) => {
      if (!child.name.endsWith('Ref') && child.name !== 'Leader') return true;
      const key = `${child.name} ${child.attributes.ID}`;
      return !seen.has(key) && seen.add(key);
    });
    // Pixels are of another hand; all else needs what the schema wants.
    const spec = elementSpec(node.name);
    const lacks = (name: string): boolean => name !== 'Pixels' && !node.children.some((child) => child.name === name);
    return !spec?.children.some(({ name, required }) => required && lacks(name));
  }
}

function print(node: Node): string {
  const attributes = Object.entries(node.attributes)
    .map(([name, value]) => ` ${name}="${escapeAttribute(String(value))}"`)
    .join('');
  const name = node.name.split(' ')[0]!;
  const inner = `${node.children.map(print).join('')}${node.text === undefined ? '' : escapeText(node.text)}`;
  return inner === '' ? `<${node.name}${attributes}/>` : `<${node.name}${attributes}>${inner}</${name}>`;
}
