// The OME model to OME-XML 2016-06: schema-valid whatever the model holds, the same bytes for the same model.
// Written in pieces, so that plates with a million planes cost no more than their text.

import type { OriginalMetadata } from '../../core/contracts.js';
import { ImgconvError, unsupported } from '../../core/errors.js';
import type { OmeAnnotation, OmeElement, OmeModel, OmePixels, OmeRoi } from '../../core/ome.js';
import { escapeAttribute, escapeText } from '../xml/escape.js';
import type { TiffDataBlock } from './document.js';
import { ENUMS } from './enums.js';
import { Identifiers } from './identifiers.js';
import { elementSpec, OME_NAMESPACE, SHAPE_NAMES } from './schema.js';
import { isLegal } from './values.js';
import { ObjectWriter } from './write-object.js';

export interface OmeXmlOptions {
  /** 'metadata-only' beside OME-Zarr; for OME-TIFF the blocks of each image, in the order they are to be written. */
  readonly pixels: 'metadata-only' | ((image: number) => Iterable<TiffDataBlock>);
  /** Key/value pairs, written as XML annotations the way Bio-Formats does; those of an image are linked to it. */
  readonly original?: readonly OriginalMetadata[];
  /** `urn:uuid:…` of this document. */
  readonly uuid?: string;
  /** Default: that of the model. */
  readonly creator?: string;
  /** Comment before the root element. */
  readonly comment?: string;
  /** Type of each image's pixels as stored here, where it is not the model's. */
  readonly types?: readonly (string | undefined)[];
  readonly bigEndian?: boolean;
  /** Interleaved attribute of each image. */
  readonly interleaved?: readonly (boolean | undefined)[];
  /** Told what the schema would have refused. */
  loss?(text: string): void;
}

const ORIGINAL = 'openmicroscopy.org/OriginalMetadata';
const PIECE = 1 << 16;

/** The document as one string. ImgconvError (unsupported, OME_PIXEL_TYPE) for 64-bit integers. */
export function writeOmeXml(model: OmeModel, options: OmeXmlOptions): string {
  const pieces: string[] = [];
  writeOmeXmlTo(model, options, (piece) => pieces.push(piece));
  return pieces.join('');
}

/** The document as UTF-8. */
export function encodeOmeXml(model: OmeModel, options: OmeXmlOptions): Uint8Array {
  const pieces: Buffer[] = [];
  writeOmeXmlTo(model, options, (piece) => pieces.push(Buffer.from(piece, 'utf8')));
  return Buffer.concat(pieces);
}

/** Hands on the document in pieces of about 64 KiB. */
export function writeOmeXmlTo(model: OmeModel, options: OmeXmlOptions, sink: (piece: string) => void): void {
  new DocumentWriter(model, options, sink).run();
}

/** What a member of a set says instead of the metadata: where that is. */
export function binaryOnlyXml(
  metadataFile: string,
  metadataUuid: string,
  own?: { uuid?: string; creator?: string },
): string {
  const file = `MetadataFile="${escapeAttribute(metadataFile)}" UUID="${escapeAttribute(metadataUuid)}"`;
  return `${head(own?.uuid, own?.creator)}  <BinaryOnly ${file}/>\n</OME>\n`;
}

function head(uuid?: string, creator?: string, comment?: string): string {
  const note = comment ? `<!-- ${comment.replaceAll('--', '- -')} -->\n` : '';
  const attributes = [
    `xmlns="${OME_NAMESPACE}"`,
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
    ...(uuid ? [`UUID="${escapeAttribute(uuid)}"`] : []),
    ...(creator ? [`Creator="${escapeAttribute(creator)}"`] : []),
    `xsi:schemaLocation="${OME_NAMESPACE} ${OME_NAMESPACE}/ome.xsd"`,
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n${note}<OME ${attributes.join(' ')}>\n`;
}

class DocumentWriter {
  private readonly objects: ObjectWriter;
  private readonly originalPrefix: string;
  private readonly soundAnnotations: readonly OmeAnnotation[];
  private readonly soundRois: readonly OmeRoi[];
  private pending = '';
  private image = -1;

  constructor(
    private readonly model: OmeModel,
    private readonly options: OmeXmlOptions,
    private readonly sink: (piece: string) => void,
  ) {
    const left = new Set<object>();
    const loss = (text: string): void => options.loss?.(text);
    this.soundAnnotations = (model.Annotations ?? []).filter(
      (each) => isSound(each) || skip(each, `annotation ${each.ID}`),
    );
    this.soundRois = (model.ROIs ?? []).filter((roi) => {
      for (const shape of roi.Shapes) if (!isSoundShape(shape)) skip(shape, `shape ${shape.name} of ${roi.ID}`);
      return roi.Shapes.some((shape) => !left.has(shape)) || skip(roi, `ROI ${roi.ID} without shapes`);
    });
    function skip(object: object, text: string): false {
      left.add(object);
      loss(text);
      return false;
    }
    const ids = new Identifiers(model, left);
    this.originalPrefix = ids.freePrefix('Annotation', 'Original');
    this.objects = new ObjectWriter(ids, loss, (type, values, depth) => this.special(type, values, depth));
    this.left = left;
  }

  private readonly left: ReadonlySet<object>;

  run(): void {
    const { model, options } = this;
    this.emit(head(options.uuid, options.creator ?? model.Creator, options.comment));
    for (const name of ['Rights', 'Project', 'Dataset', 'Folder', 'Experiment']) this.others(name);
    for (const each of model.Plates ?? []) this.emit(this.objects.element('Plate', 'Plate', each, 1));
    this.others('Screen');
    for (const each of model.Experimenters ?? [])
      this.emit(this.objects.element('Experimenter', 'Experimenter', each, 1));
    this.others('ExperimenterGroup');
    for (const each of model.Instruments ?? []) this.emit(this.objects.element('Instrument', 'Instrument', each, 1));
    model.Images.forEach((image, i) => {
      this.image = i;
      this.emit(this.objects.element('Image', 'Image', image, 1));
    });
    this.annotations();
    for (const roi of this.soundRois) this.emit(this.objects.element('ROI', 'ROI', roi, 1));
    this.emit('</OME>\n');
    this.sink(this.pending);
  }

  private emit(text: string): void {
    this.pending += text;
    if (this.pending.length < PIECE) return;
    this.sink(this.pending);
    this.pending = '';
  }

  private others(name: string): void {
    for (const each of this.model.Others ?? []) if (each.name === name) this.emit(this.objects.raw(each, name, 1));
  }

  /** Elements whose content the table alone cannot say. */
  private special(type: string, values: object, depth: number): string | undefined {
    const { objects } = this;
    switch (type) {
      case 'Image': {
        const image = values as OmeModel['Images'][number];
        const own = this.linkedOriginals();
        const rest = objects.children('Image', values as Readonly<Record<string, unknown>>, depth, ['Pixels']) ?? '';
        // Pixels comes before the references that end an image.
        const at = rest.search(/^ {4}<(?:ROIRef|MicrobeamManipulationRef|AnnotationRef) /m);
        const cut = at < 0 ? rest.length : at;
        const pixels = objects.element('Pixels', 'Pixels', image.Pixels, depth, this.pixelValues(image.Pixels));
        if (pixels === '')
          throw new ImgconvError('internal', 'OME_MODEL', `image ${this.image}: incomplete Pixels in the model`);
        const moved = (image.Pixels.AnnotationRefs ?? []).flatMap((id) => objects.ids.refer('Annotation', id) ?? []);
        const refs = [...moved, ...own].map((id) => `    <AnnotationRef ID="${escapeAttribute(id)}"/>\n`).join('');
        return rest.slice(0, cut) + pixels + rest.slice(cut) + refs;
      }
      case 'Pixels':
        return this.pixels(values as OmePixels, depth);
      case 'WellSample': {
        const { ImageRef } = values as { ImageRef?: string };
        const id = ImageRef === undefined ? undefined : objects.ids.refer('Image', ImageRef);
        if (id === undefined) return '';
        if (objects.firstUse(id)) return `${'  '.repeat(depth)}<ImageRef ID="${escapeAttribute(id)}"/>\n`;
        this.options.loss?.(`a second well sample with image "${ImageRef}"`);
        return '';
      }
      case 'ROI': {
        const roi = values as OmeRoi;
        const shapes = roi.Shapes.filter((each) => !this.left.has(each));
        const union = shapes.map((shape) => objects.raw(shape, shape.name, depth + 1)).join('');
        const rest = objects.children('ROI', { ...roi, Union: undefined } as Readonly<Record<string, unknown>>, depth, [
          'Union',
        ]);
        return `    <Union>\n${union}    </Union>\n${rest ?? ''}`;
      }
      default:
        return undefined;
    }
  }

  private pixelValues(pixels: OmePixels): Readonly<Record<string, unknown>> {
    const Type = this.options.types?.[this.image] ?? pixels.Type;
    if (!(ENUMS.PixelType as readonly string[]).includes(Type)) {
      throw unsupported(
        'OME_PIXEL_TYPE',
        `OME-XML has no name for pixels of type ${Type || '(none)'}: convert them to another type`,
      );
    }
    return { Type, BigEndian: this.options.bigEndian, Interleaved: this.options.interleaved?.[this.image] };
  }

  private pixels(pixels: OmePixels, depth: number): string {
    const { objects, options } = this;
    const indent = '  '.repeat(depth);
    const pieces = pixels.Channels.map((each) => objects.element('Channel', 'Channel', each, depth));
    if (options.pixels === 'metadata-only') pieces.push(`${indent}<MetadataOnly/>\n`);
    else {
      let blocks = 0;
      for (const block of options.pixels(this.image)) {
        pieces.push(tiffData(block, indent));
        blocks++;
      }
      if (blocks === 0) pieces.push(`${indent}<MetadataOnly/>\n`);
    }
    for (const each of pixels.Planes ?? []) pieces.push(objects.element('Plane', 'Plane', each, depth));
    return pieces.join('');
  }

  private linkedOriginals(): string[] {
    const refs: string[] = [];
    (this.options.original ?? []).forEach((each, i) => {
      if (each.image === this.image) refs.push(`${this.originalPrefix}:${i}`);
    });
    return refs;
  }

  private annotations(): void {
    const original = this.options.original ?? [];
    if (this.soundAnnotations.length + original.length === 0) return;
    this.emit('  <StructuredAnnotations>\n');
    for (const each of this.soundAnnotations) {
      const content = each.Content[0];
      const extra = content ? { [content.name]: content } : {};
      this.emit(this.objects.element(each.Kind, each.Kind, each, 2, extra));
    }
    original.forEach(({ key, value }, i) => {
      const pair = `<Key>${escapeText(key)}</Key><Value>${escapeText(value)}</Value>`;
      const open = `    <XMLAnnotation ID="${this.originalPrefix}:${i}" Namespace="${ORIGINAL}">\n`;
      this.emit(`${open}      <Value><OriginalMetadata>${pair}</OriginalMetadata></Value>\n    </XMLAnnotation>\n`);
    });
    this.emit('  </StructuredAnnotations>\n');
  }
}

function tiffData(block: TiffDataBlock, indent: string): string {
  const attributes = (
    [
      ['IFD', block.ifd],
      ['FirstZ', block.firstZ],
      ['FirstC', block.firstC],
      ['FirstT', block.firstT],
      ['PlaneCount', block.planeCount],
    ] as const
  ).map(([name, value]) => (value === undefined ? '' : ` ${name}="${value}"`));
  const open = `${indent}<TiffData${attributes.join('')}`;
  if (block.uuid === undefined) return `${open}/>\n`;
  const file = block.fileName === undefined ? '' : ` FileName="${escapeAttribute(block.fileName)}"`;
  return `${open}>\n${indent}  <UUID${file}>${escapeText(block.uuid)}</UUID>\n${indent}</TiffData>\n`;
}

/** Whether an annotation has the content that its kind needs. */
function isSound(annotation: OmeAnnotation): boolean {
  const spec = elementSpec(annotation.Kind);
  if (!spec?.attributes.some((each) => each.target === 'Annotation')) return false;
  const slot = spec.children.find((each) => each.required);
  return !slot || annotation.Content.some((each) => each.name === slot.name && isSoundElement(each, slot.type));
}

/** Whether an element can be written as the schema wants it: required parts are there and legal, references aside. */
function isSoundElement(element: OmeElement, type: string): boolean {
  const spec = elementSpec(type);
  if (!spec) return false;
  if (spec.open) return true;
  const complete = spec.attributes.every((each) => {
    const text = element.attributes[each.name];
    return !each.required || each.type === 'id' || (text !== undefined && isLegal(each, text));
  });
  if (!complete || (spec.text !== undefined && !isLegal({ type: spec.text }, element.text ?? ''))) return false;
  let names = '';
  for (const slot of spec.children) {
    const sound = element.children.filter((child) => child.name === slot.name && isSoundElement(child, slot.type));
    names += `${slot.name} `.repeat(Math.min(sound.length, slot.many ? 2 : 1));
  }
  return spec.content.test(names);
}

function isSoundShape(shape: OmeElement): boolean {
  return SHAPE_NAMES.includes(shape.name) && isSoundElement(shape, shape.name);
}
