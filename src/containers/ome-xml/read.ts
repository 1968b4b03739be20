// OME-XML of any schema to the OME model, driven by the table of 2016-06 (schema.ts). Forgiving: a value that breaks the schema, and whatever
// the schema has no place for, is kept as original metadata under its path instead of stopping the reader.

import type { Notice, OriginalMetadata } from '../../core/contracts.js';
import { formatError } from '../../core/errors.js';
import type { OmeAnnotation, OmeElement, OmeImage, OmeModel, OmePixels, OmeRoi } from '../../core/ome.js';
import { XmlElement } from '../xml/element.js';
import { detach, type XmlText } from '../xml/encoding.js';
import { parseXml, type XmlOptions } from '../xml/parse.js';
import type { BinDataBlock, OmeDocument, PixelStorage, XmlNode } from './document.js';
import { schemaVersion } from './document.js';
import { matchEnum, matchUnit } from './enums.js';
import { toForeignElement, toOmeElement } from './raw.js';
import { decodeObject, type Keep, keepNode } from './read-object.js';
import { type ElementSpec, elementSpec, OME_NAMESPACE } from './schema.js';
import { upgrade } from './upgrade.js';
import { isLegal, isUuid } from './values.js';

const ORIGINAL = 'openmicroscopy.org/OriginalMetadata';
const OTHERS = ['Rights', 'Project', 'Dataset', 'Folder', 'Experiment', 'Screen', 'ExperimenterGroup'];

/** Parses and reads a document. ImgconvError: not well-formed (XML_…), not OME-XML (OME_ROOT), an image without sizes (OME_PIXELS). */
export function readOmeXml(input: Uint8Array | string | XmlText, options: XmlOptions = {}): OmeDocument {
  const reader = new Reader(options.file);
  // Images are the bulk of a document: each is read when it ends, so that the whole tree never exists.
  const take: XmlOptions['take'] = (element, root) => reader.take(element, root);
  return reader.finish(parseXml(input, { ...options, take }));
}

class Reader {
  private readonly original: OriginalMetadata[] = [];
  private readonly notices: Notice[] = [];
  private readonly storage: PixelStorage[] = [];
  private readonly images: OmeImage[] = [];
  private current: boolean | undefined;

  constructor(private readonly file: string | undefined) {}

  /** Reads an image of the schema of today; older ones are brought into its shape as a whole. */
  take(element: XmlElement, root: XmlElement): boolean {
    this.current ??= root.name === 'OME' && root.namespace === OME_NAMESPACE;
    if (!this.current || element.name !== 'Image') return false;
    this.image(element);
    return true;
  }

  finish(root: XmlElement): OmeDocument {
    if (root.name !== 'OME') {
      throw formatError('OME_ROOT', `no OME-XML: the root element is <${root.name}>, not <OME>`, { file: this.file });
    }
    const schema = schemaVersion(root.namespace) ?? '';
    const top: XmlNode = schema === '2016-06' || schema === '' ? root : upgrade(root, schema);
    const { UUID, Creator } = top.attributes;
    const binary = top.children.find((each) => each.name === 'BinaryOnly');
    const model = this.model(top, Creator);
    return {
      model,
      schema,
      ...(UUID && isUuid(UUID.trim()) && { uuid: UUID.trim() }),
      ...(binary && {
        binaryOnly: { metadataFile: binary.attributes.MetadataFile ?? '', uuid: binary.attributes.UUID ?? '' },
      }),
      storage: this.storage,
      original: this.original,
      notices: this.notices,
    };
  }

  private model(top: XmlNode, creator: string | undefined): OmeModel {
    const lists: Record<'Instruments' | 'Plates' | 'Experimenters' | 'ROIs', unknown[]> = {
      Instruments: [],
      Plates: [],
      Experimenters: [],
      ROIs: [],
    };
    const others: OmeElement[] = [];
    const annotations: XmlNode[] = [];
    for (const node of top.children) {
      const plural = `${node.name}s`;
      if (node.name === 'Image') this.image(node);
      else if (node.name === 'ROI') lists.ROIs.push(this.roi(node));
      else if (plural === 'Instruments' || plural === 'Plates' || plural === 'Experimenters') {
        lists[plural].push(decodeObject(node.name, node, node.name, this.keep));
      } else if (OTHERS.includes(node.name)) others.push(toOmeElement(node));
      else if (node.name === 'StructuredAnnotations') annotations.push(...node.children);
      else if (node.name === 'CustomAttributes') this.custom(node);
      else if (node.name !== 'BinaryOnly' && node.name !== 'SemanticTypeDefinitions') this.keepNode(node, 'OME');
    }
    const kept = annotations.filter((node) => !this.originalMetadata(node)).flatMap((node) => this.annotation(node));
    const dropped = new Set(annotations.map((node) => node.attributes.ID));
    for (const each of kept) dropped.delete(each.ID);
    const some = <T>(list: unknown[]): readonly T[] | undefined => (list.length > 0 ? (list as T[]) : undefined);
    const model: OmeModel = {
      ...(creator && { Creator: detach(creator) }),
      Images: this.images.map((image) => withoutRefs(image, dropped)),
      Instruments: some(lists.Instruments),
      Plates: some(lists.Plates),
      Experimenters: some(lists.Experimenters),
      ROIs: some(lists.ROIs),
      Annotations: some(kept),
      Others: some(others),
    };
    return Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined)) as unknown as OmeModel;
  }

  private image(node: XmlNode): void {
    const index = this.images.length;
    const custom = node.children.filter((each) => each.name === 'CustomAttributes');
    for (const each of custom) this.custom(each, index);
    const storage: { pixels?: PixelStorage } = {};
    const keep: Keep = (path, value) => this.original.push({ image: index, key: path, value });
    const rest = custom.length > 0 ? without(node, 'CustomAttributes') : node;
    const decoded = decodeObject('Image', rest, 'Image', keep, (child) => {
      if (child.name !== 'Pixels') return undefined;
      storage.pixels = pixelStorage(child);
      return this.pixels(child, keep, index);
    });
    if (!decoded.Pixels) {
      throw formatError('OME_PIXELS', `Image ${index} has no Pixels element`, { file: this.file });
    }
    decoded.ID ??= `Image:${index}`;
    this.images.push(decoded as unknown as OmeImage);
    this.storage.push(storage.pixels ?? { tiffData: [], binData: [], metadataOnly: true });
  }

  private pixels(node: XmlNode, keep: Keep, index: number): Partial<OmePixels> {
    const made = decodeObject('Pixels', node, 'Image/Pixels', keep);
    for (const name of ['BinDatas', 'TiffDatas', 'MetadataOnly', 'Interleaved', 'BigEndian']) delete made[name];
    made.ID ??= `Pixels:${index}`;
    for (const axis of ['SizeX', 'SizeY', 'SizeZ', 'SizeC', 'SizeT']) {
      if (made[axis] !== undefined) continue;
      const found = node.attributes[axis];
      throw formatError(
        'OME_PIXELS',
        `Pixels of image ${index}: ${axis} is ${found === undefined ? 'missing' : `"${found}"`}`,
        {
          file: this.file,
        },
      );
    }
    if (made.DimensionOrder === undefined) {
      this.notices.push({
        code: 'OME_DIMENSION_ORDER',
        rank: 'info',
        text: `image ${index}: DimensionOrder is missing or unknown, XYZCT is taken`,
      });
      made.DimensionOrder = 'XYZCT';
    }
    made.Type ??= '';
    return made as Partial<OmePixels>;
  }

  private roi(node: XmlNode): Partial<OmeRoi> {
    const made = decodeObject('ROI', node, 'ROI', this.keep);
    delete made.Union;
    const Shapes: OmeElement[] = [];
    for (const union of node.children) {
      if (union.name !== 'Union') continue;
      for (const shape of union.children) {
        if (elementSpec(shape.name)) Shapes.push(this.shape(shape));
        else this.keepNode(shape, 'ROI/Union');
      }
    }
    return { ...(made as Partial<OmeRoi>), Shapes };
  }

  /** Only what the schema knows: the writer copies shapes as they are. */
  private shape(node: XmlNode): OmeElement {
    const spec = elementSpec(node.name)!;
    const attributes: Record<string, string> = {};
    for (const [name, value] of Object.entries(node.attributes)) {
      const legal = shapeValue(spec, name, value);
      if (legal === undefined) this.keep(`ROI/${node.name}/${name}`, value);
      else attributes[name] = detach(legal);
    }
    for (const { name, unit } of spec.attributes) {
      if (unit && attributes[name] !== undefined) attributes[`${name}Unit`] ??= unit.default;
    }
    const children: OmeElement[] = [];
    for (const child of node.children) {
      if (!spec.children.some((each) => each.name === child.name)) this.keepNode(child, `ROI/${node.name}`);
      else children.push(toOmeElement(child.source && child.name === 'BinData' ? child.source : child));
    }
    return { name: node.name, attributes, children };
  }

  private annotation(node: XmlNode): OmeAnnotation[] {
    if (!elementSpec(node.name)?.attributes.some((each) => each.target === 'Annotation')) {
      this.keepNode(node, 'StructuredAnnotations');
      return [];
    }
    const made = decodeObject(node.name, node, node.name, this.keep);
    delete made.Value;
    delete made.BinaryFile;
    const Content = node.children.flatMap((child) => {
      if (child.name !== 'Value' && child.name !== 'BinaryFile') return [];
      return [node.name === 'XMLAnnotation' ? toForeignElement(child, OME_NAMESPACE) : toOmeElement(child)];
    });
    made.ID ??= `Annotation:${this.notices.length}`;
    return [{ Kind: node.name, ...made, Content } as unknown as OmeAnnotation];
  }

  /** True for a key/value annotation of Bio-Formats, which is taken out of the model. */
  private originalMetadata(node: XmlNode): boolean {
    if (node.name !== 'XMLAnnotation' || node.attributes.Namespace !== ORIGINAL) return false;
    const holder = node.children.find((each) => each.name === 'Value')?.children[0];
    const key = holder?.children.find((each) => each.name === 'Key')?.text;
    if (holder?.name !== 'OriginalMetadata' || key === undefined) return false;
    const value = holder.children.find((each) => each.name === 'Value')?.text ?? '';
    const image = this.images.findIndex((each) => each.AnnotationRefs?.includes(node.attributes.ID ?? ''));
    this.original.push({ ...(image >= 0 && { image }), key: detach(key), value: detach(value) });
    return true;
  }

  /** CustomAttributes (until 2008-09): Bio-Formats kept original metadata here as Name and Value. */
  private custom(node: XmlNode, image?: number): void {
    for (const child of node.children) {
      const { Name, Value, name, value } = child.attributes;
      if (child.name === 'OriginalMetadata' && (Name ?? name) !== undefined) {
        this.original.push({ ...(image !== undefined && { image }), key: Name ?? name!, value: Value ?? value ?? '' });
      } else this.keepNode(child, 'CustomAttributes', image);
    }
  }

  private readonly keep: Keep = (path, value) => {
    this.original.push({ key: path, value });
  };

  private keepNode(node: XmlNode, path: string, image?: number): void {
    keepNode(node, path, (key, value) => this.original.push({ ...(image !== undefined && { image }), key, value }));
  }
}

/** Value of a shape's attribute as the schema allows it; undefined where it does not. */
function shapeValue(spec: ElementSpec, name: string, value: string): string | undefined {
  const own = spec.attributes.find((each) => each.name === name);
  if (own)
    return isLegal(own, value) ? value : own.type === 'id' ? value : own.enumName && matchEnum(own.enumName, value);
  const base = name.endsWith('Unit') ? spec.attributes.find((each) => each.name === name.slice(0, -4)) : undefined;
  return base?.unit && matchUnit(base.unit.kind, value);
}

function without(node: XmlNode, name: string): XmlNode {
  const { namespace, attributes, text } = node;
  return { name: node.name, namespace, attributes, text, children: node.children.filter((each) => each.name !== name) };
}

function withoutRefs(image: OmeImage, dropped: ReadonlySet<string | undefined>): OmeImage {
  if (!image.AnnotationRefs?.some((id) => dropped.has(id))) return image;
  const { AnnotationRefs, ...rest } = image;
  const left = AnnotationRefs.filter((id) => !dropped.has(id));
  return left.length > 0 ? { ...rest, AnnotationRefs: left } : rest;
}

function pixelStorage(pixels: XmlNode): PixelStorage {
  const integer = (text: string | undefined): number | undefined =>
    text && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
  const flag = (text: string | undefined): boolean | undefined =>
    text === undefined ? undefined : /^\s*(?:true|1|t)\s*$/i.test(text);
  const bigEndian = flag(pixels.attributes.BigEndian);
  const named = (name: string): readonly XmlNode[] => pixels.children.filter((each) => each.name === name);
  return {
    bigEndian,
    interleaved: flag(pixels.attributes.Interleaved),
    tiffData: named('TiffData').map((node) => {
      const uuid = node.children.find((each) => each.name === 'UUID');
      const at = node.attributes;
      const fileName = uuid?.attributes.FileName;
      return {
        ifd: integer(at.IFD),
        firstZ: integer(at.FirstZ),
        firstC: integer(at.FirstC),
        firstT: integer(at.FirstT),
        planeCount: integer(at.PlaneCount),
        ...(uuid && { uuid: detach(uuid.text.trim()) }),
        ...(fileName && { fileName: detach(fileName) }),
      };
    }),
    binData: named('BinData').flatMap((node): BinDataBlock[] => {
      const element = node instanceof XmlElement ? node : node.source;
      if (!element) return [];
      return [
        {
          start: element.contentStart,
          end: element.contentEnd,
          compression: element.attribute('Compression') ?? 'none',
          length: integer(element.attribute('Length')),
          bigEndian: flag(element.attribute('BigEndian')) ?? bigEndian,
        },
      ];
    }),
    metadataOnly: named('MetadataOnly').length > 0,
  };
}
