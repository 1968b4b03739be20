// One image of a document to the OME model.

import { child, paths, textAt, type XmlElement } from '../../src/containers/xml/element.js';
import { parseXml } from '../../src/containers/xml/parse.js';
import type { ChannelDisplay } from '../../src/core/contracts.js';
import type {
  OmeAnnotation,
  OmeChannel,
  OmeElement,
  OmeExperimenter,
  OmeImage,
  OmeImagingEnvironment,
} from '../../src/core/ome.js';
import { defined, positive, quantity, simpleImage } from '../../src/core/ome-build.js';
import { integerRange, type PixelType } from '../../src/core/pixel-type.js';
import { type CziChannel, displayRange, readChannels } from './channels.js';
import { type Graphics, readGraphics } from './graphics.js';
import { type InstrumentModel, readExperimenter, readInstrument } from './instrument.js';
import type { CziImage } from './layout.js';
import { readPlanes, readScenes, type SceneFacts, secondsOf } from './planes.js';
import { readWells, type WellPlace } from './plate.js';
import { numberIn } from './xml.js';

const MEDIA = ['Air', 'Oil', 'Water', 'Glycerol', 'Other'];
const MODULO = 'openmicroscopy.org/omero/dimension/modulo';

/** What holds for all images of a document. */
export interface DocumentFacts {
  readonly root: XmlElement | undefined;
  readonly metadata: XmlElement | undefined;
  readonly model: InstrumentModel;
  readonly experimenter: OmeExperimenter | undefined;
  readonly channels: readonly CziChannel[];
  readonly scenes: ReadonlyMap<number, SceneFacts>;
  readonly wells: ReadonlyMap<number, WellPlace>;
  readonly graphics: Graphics;
  /** µm; of full-size pixels. */
  readonly scaling: { readonly x?: number; readonly y?: number; readonly z?: number };
  readonly acquired: string | undefined;
}

/** Root of the XML; undefined for an empty or broken one, which is told. */
export function parseDocumentXml(
  xml: Uint8Array,
  file: string,
  maxBytes: number,
  broken: (text: string) => void,
): XmlElement | undefined {
  if (xml.length === 0) return undefined;
  try {
    return parseXml(xml, { lenient: true, file, maxBytes });
  } catch (error) {
    broken(`${file}: the metadata XML is broken: ${(error as Error).message}`);
    return undefined;
  }
}

export function readFacts(root: XmlElement | undefined): DocumentFacts {
  const metadata = child(root, 'Metadata') ?? root;
  const information = child(metadata, 'Information');
  const model = readInstrument(information, child(metadata, 'HardwareSetting'));
  const scaling: { x?: number; y?: number; z?: number } = {};
  for (const distance of paths(metadata, 'Scaling/Items/Distance')) {
    const meters = numberIn(distance, 'Value');
    const axis = distance.attribute('Id')?.toLowerCase();
    if (meters !== undefined && meters > 0 && (axis === 'x' || axis === 'y' || axis === 'z'))
      scaling[axis] = meters * 1e6;
  }
  const date = textAt(information, 'Image/AcquisitionDateAndTime');
  return {
    root,
    metadata,
    model,
    experimenter: readExperimenter(information),
    channels: readChannels(metadata, model.ids),
    scenes: readScenes(metadata),
    wells: readWells(metadata),
    graphics: readGraphics(metadata),
    scaling,
    // Year 1 stands for nothing.
    acquired: date && secondsOf(date) !== undefined && !date.startsWith('0001') ? date : undefined,
  };
}

function environmentOf(facts: DocumentFacts): OmeImagingEnvironment | undefined {
  const node =
    paths(facts.metadata, 'Information/Environment')[0] ?? paths(facts.metadata, 'Information/Image/Environment')[0];
  const fraction = (name: string): number | undefined => {
    const value = numberIn(node, name);
    return value === undefined || value < 0 ? undefined : value > 1 ? value / 100 : value;
  };
  const value = defined({
    Temperature: quantity(numberIn(node, 'Temperature'), '°C'),
    AirPressure: quantity(numberIn(node, 'AirPressure'), 'mbar'),
    Humidity: fraction('Humidity'),
    CO2Percent: fraction('CO2Percent'),
  });
  return Object.keys(value).length > 0 ? value : undefined;
}

/** Rotations, illuminations and phases that were folded into z, c and t (OME's 6D-7D-8D convention). */
function moduloOf(image: CziImage, index: number): OmeAnnotation | undefined {
  const [nt, nc, nz] = image.levels[0].shape;
  const colours = image.kind.samples === 2 ? 1 : image.kind.samples;
  const along = (name: string, type: string, size: number, folded: number): OmeElement[] => {
    if (folded <= 1) return [];
    const step = size / folded;
    const attributes = { Type: type, Start: '0', Step: String(step), End: String(step * (folded - 1)) };
    return [{ name, attributes, children: [] }];
  };
  const children = [
    ...along('ModuloAlongZ', 'rotation', nz, image.rotations),
    ...along('ModuloAlongT', 'phase', nt, image.phases),
    ...along('ModuloAlongC', 'illumination', nc / colours, image.illuminations),
  ];
  if (children.length === 0) return undefined;
  const modulo: OmeElement = {
    name: 'Modulo',
    attributes: { namespace: 'http://www.openmicroscopy.org/Schemas/Additions/2011-09' },
    children,
  };
  const Content = [{ name: 'Value', attributes: {}, children: [modulo] }];
  return { Kind: 'XMLAnnotation', ID: `Annotation:Modulo:${index}`, Namespace: MODULO, Content };
}

export function nameOf(file: string, image: CziImage, facts: DocumentFacts, all: readonly CziImage[]): string {
  const scenes = new Set(all.map((each) => each.scene)).size;
  const parts: string[] = [];
  if (scenes > 1) {
    const scene = facts.scenes.get(image.scene)?.name ?? `Scene #${image.scene + 1}`;
    const well = facts.wells.get(image.scene)?.name;
    parts.push(well === undefined || well === scene ? scene : `${well} ${scene}`);
  }
  const several = (of: (each: CziImage) => number): boolean => new Set(all.map(of)).size > 1;
  if (several((each) => each.acquisition)) parts.push(`acquisition ${image.acquisition + 1}`);
  if (several((each) => each.view)) parts.push(`view ${image.view + 1}`);
  const kinds = new Set(all.filter((each) => each.scene === image.scene).map((each) => each.kind.pixelType));
  if (kinds.size > 1) parts.push(`channels ${image.channels.map((c) => c + 1).join(', ')}`);
  if (image.tile !== undefined) parts.push(`tile ${image.tile + 1}`);
  return parts.length > 0 ? parts.join(' ') : file;
}

/** When the first tile was taken, as its tags say. */
function earliest({ levels: [{ blocks }] }: CziImage): string | undefined {
  let best: { time: string; seconds: number } | undefined;
  for (const { block } of blocks) {
    const time = block.tags?.time;
    const seconds = secondsOf(time);
    if (time && seconds !== undefined && !(best && best.seconds <= seconds)) best = { time, seconds };
  }
  return best && !best.time.startsWith('0001') ? best.time : undefined;
}

/** Channels of a complex one. */
function parts(channel: Partial<OmeChannel>): Partial<OmeChannel>[] {
  return ['real', 'imaginary'].map((part) => ({ ...channel, Name: [channel.Name, part].filter(Boolean).join(' ') }));
}

export interface Described {
  readonly image: OmeImage;
  readonly annotation: OmeAnnotation | undefined;
}

export function describe(
  index: number,
  name: string,
  image: CziImage,
  type: PixelType,
  facts: DocumentFacts,
  timeStamps: readonly number[],
  rois: readonly string[],
): Described {
  const { levels, kind } = image;
  const { scaling, metadata, model } = facts;
  const [{ shape, zoom }] = levels;
  const listed = readPlanes(image, {
    scene: facts.scenes.get(image.scene),
    channels: facts.channels,
    timeStamps,
    start: secondsOf(facts.acquired),
    stepZ: scaling.z,
  });
  const planes =
    kind.samples === 2 ? listed.flatMap((at) => [0, 1].map((k) => ({ ...at, TheC: 2 * at.TheC + k }))) : listed;
  const isComplex = kind.samples === 2;
  const channels = Array.from({ length: shape[1] / kind.samples }, (_, c) => {
    const known = facts.channels[image.channels[c % image.channels.length]!]?.ome;
    // The colour of a colour picture is its own.
    return known && kind.samples > 2 ? defined({ ...known, Color: undefined }) : (known ?? {});
  }).flatMap((channel) => (isComplex ? parts(channel) : [channel]));
  const information = paths(metadata, 'Information/Image')[0];
  const settings = child(information, 'ObjectiveSettings');
  const objective =
    model.ids.objectives.get(child(settings, 'ObjectiveRef')?.attribute('Id') ?? '') ??
    (model.ids.objectives.size === 1 ? [...model.ids.objectives.values()][0] : undefined);
  const medium = textAt(settings, 'Medium');
  const annotation = moduloOf(image, index);
  const at = planes[0];
  const bits = numberIn(information, 'ComponentBitCount');
  const size = (value: number | undefined) => positive(value === undefined ? undefined : value * zoom, 'µm');
  const hasInstrument = Object.keys(model.instrument).length > 1;
  const described = simpleImage({
    index,
    name,
    shape,
    type,
    samplesPerPixel: isComplex ? 1 : kind.samples,
    channels,
    pixels: {
      SignificantBits: bits !== undefined && bits > 0 && bits <= 64 && kind.samples === 1 ? bits : undefined,
      PhysicalSizeX: size(scaling.x),
      PhysicalSizeY: size(scaling.y),
      PhysicalSizeZ: positive(scaling.z, 'µm'),
      TimeIncrement: positive(numberIn(information, 'Dimensions/T/Positions/Interval/Increment'), 's'),
      Planes: planes.length > 0 ? planes : undefined,
    },
    image: defined({
      AcquisitionDate: facts.acquired ?? earliest(image),
      Description: textAt(metadata, 'Information/Document/Description'),
      ExperimenterRef: facts.experimenter?.ID,
      InstrumentRef: hasInstrument ? model.instrument.ID : undefined,
      ObjectiveSettings: objective
        ? defined({
            ID: objective,
            CorrectionCollar: numberIn(settings, 'CorrectionCollar'),
            Medium: medium ? (MEDIA.includes(medium) ? medium : 'Other') : undefined,
            RefractiveIndex: numberIn(settings, 'RefractiveIndex'),
          })
        : undefined,
      ImagingEnvironment: environmentOf(facts),
      StageLabel: at
        ? defined({ Name: `Scene position #${image.scene}`, X: at.PositionX, Y: at.PositionY, Z: at.PositionZ })
        : undefined,
      ROIRefs: rois.length > 0 ? rois : undefined,
      AnnotationRefs: annotation ? [annotation.ID] : undefined,
    }),
  });
  return { image: described, annotation };
}

export function displayOf(image: CziImage, type: PixelType, facts: DocumentFacts): ChannelDisplay[] | undefined {
  const limits = integerRange(type);
  if (!limits || image.kind.samples > 1) return undefined;
  const [, max] = limits;
  const shown = Array.from({ length: image.levels[0].shape[1] }, (_, c): ChannelDisplay => {
    const range = displayRange(facts.metadata, image.channels[c % image.channels.length]!);
    return range ? { window: { min: 0, max, start: range.low * max, end: range.high * max } } : {};
  });
  return shown.some((each) => each.window) ? shown : undefined;
}
