// One image to the OME model.

import {
  type OmeAnnotation,
  type OmeElement,
  type OmeImage,
  type OmeInstrument,
  type OmePlane,
  omeColor,
} from '../../core/ome.js';
import { defined, positive, quantity, simpleImage } from '../../core/ome-build.js';
import { metres, seconds } from '../../core/units.js';
import { children, numberAttribute, type XmlElement } from '../xml/element.js';
import { makeEquipment } from './instrument.js';
import { colorGroups, DIMENSION, type Dimension, type Layout, sampleOrder, sizeOf } from './layout.js';
import { shapeOf } from './pixels.js';
import { readSettings, type Settings } from './settings.js';
import { dateOf, readTimes, secondsBetween, stampIndex } from './times.js';

const COLORS: Readonly<Record<string, readonly [number, number, number]>> = {
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  cyan: [0, 255, 255],
  magenta: [255, 0, 255],
  yellow: [255, 255, 0],
  gray: [255, 255, 255],
  grey: [255, 255, 255],
};

const MODULO = 'openmicroscopy.org/omero/dimension/modulo';

/** What all tiles of an image share. */
export interface ImageFacts {
  readonly stamps: readonly bigint[];
  readonly settings: Settings;
}

export function readFacts(image: XmlElement, layout: Layout): ImageFacts {
  const samples = colorGroups(layout.channels) ? 3 : 1;
  const elements = sampleOrder(layout.channels).filter((_, i) => i % samples === 0);
  const settings = readSettings(
    image,
    elements.map((each) => each.element),
  );
  return { stamps: readTimes(image), settings };
}

export interface Describe {
  readonly index: number;
  readonly name: string;
  readonly image: XmlElement;
  readonly layout: Layout;
  readonly facts: ImageFacts;
  readonly tile: number;
  /** A length counts as many pixels as there are, not one less. */
  readonly oldSizes: boolean;
}

export interface Described {
  readonly image: OmeImage;
  readonly instrument: OmeInstrument | undefined;
  readonly annotation: OmeAnnotation | undefined;
}

/** Distance between neighbours in metres; the length reaches from the first to the last. */
function distance(dimension: Dimension | undefined, old: boolean): number | undefined {
  if (!dimension || dimension.length === 0) return undefined;
  const steps = old ? dimension.size : dimension.size - 1;
  const unit = metres(dimension.unit || 'm');
  return steps > 0 && unit !== undefined ? (Math.abs(dimension.length) / steps) * unit : undefined;
}

function micro(value: number | undefined) {
  return positive(value === undefined ? undefined : value * 1e6, 'µm');
}

interface Place {
  readonly x?: number;
  readonly y?: number;
}

/** Metres: of the tile, else of the stage. */
function placeOf(image: XmlElement, tile: number, tiles: number, settings: Settings): Place {
  const info = children(image, 'Attachment').find((each) => each.attribute('Name') === 'TileScanInfo');
  const list = children(info, 'Tile');
  const own = list.length >= tiles ? list[tile] : undefined;
  const [x, y] = [numberAttribute(own, 'PosX'), numberAttribute(own, 'PosY')];
  return x !== undefined && y !== undefined ? { x, y } : (settings.stage ?? {});
}

function readPlanes({ image, layout, tile, facts }: Describe, elements: number): OmePlane[] {
  const { stamps, settings } = facts;
  const [nt, , nz] = shapeOf(layout);
  const indexOf = stampIndex(layout, stamps.length);
  const { x, y } = placeOf(image, tile, sizeOf(layout.tiles), settings);
  const [focus] = layout.z;
  const step = focus && focus.id === DIMENSION.z && focus.size > 1 ? focus.length / (focus.size - 1) : 0;
  const zUnit = focus?.id === DIMENSION.z ? metres(focus.unit || 'm') : undefined;
  const isFlat = layout.z.length === 0 && layout.y?.id !== DIMENSION.z;
  const planes: OmePlane[] = [];
  for (let TheT = 0; TheT < nt; TheT++) {
    for (let TheZ = 0; TheZ < nz; TheZ++) {
      for (let TheC = 0; TheC < elements; TheC++) {
        const stamp = indexOf && stamps[indexOf(tile, TheT, TheC, TheZ)];
        const along = zUnit === undefined || !focus ? undefined : (focus.origin + TheZ * step) * zUnit;
        const z = along ?? (isFlat ? settings.stage?.z : undefined);
        const plane = defined({
          TheZ,
          TheC,
          TheT,
          DeltaT: stamp === undefined ? undefined : quantity(secondsBetween(stamps[0]!, stamp), 's'),
          ExposureTime: quantity(settings.channels[TheC]?.exposure, 's'),
          PositionX: quantity(x === undefined ? undefined : x * 1e6, 'µm'),
          PositionY: quantity(y === undefined ? undefined : y * 1e6, 'µm'),
          PositionZ: quantity(z === undefined ? undefined : z * 1e6, 'µm'),
        });
        if (Object.keys(plane).length > 3) planes.push(plane);
      }
    }
  }
  return planes;
}

/** Wavelengths, rotations and loops that were folded into time, where they are its fastest part (OME's 6D-7D-8D convention). */
function moduloOf(layout: Layout, index: number): OmeAnnotation | undefined {
  const [fast] = layout.t.filter((each) => each.size > 1);
  if (!fast || fast.id === DIMENSION.t) return undefined;
  const isWave = fast.id === DIMENSION.lambda || fast.id === DIMENSION.excitation;
  const scale = isWave ? 1e9 : 1;
  const step = (fast.length / (fast.size - 1)) * scale;
  const round = (value: number): string => String(Number(value.toPrecision(12)));
  const attributes: Record<string, string> = {
    Type: isWave ? 'lambda' : fast.id === DIMENSION.rotation ? 'angle' : 'other',
    ...(isWave ? { TypeDescription: fast.id === DIMENSION.lambda ? 'emission' : 'excitation', Unit: 'nm' } : {}),
    Start: isWave ? round(fast.origin * scale) : '0',
    Step: isWave && step !== 0 ? round(step) : '1',
    End: isWave && step !== 0 ? round(fast.origin * scale + step * (fast.size - 1)) : String(fast.size - 1),
  };
  if (fast.size === sizeOf(layout.t)) return mapOf(attributes, index);
  const modulo: OmeElement = {
    name: 'Modulo',
    attributes: { namespace: 'http://www.openmicroscopy.org/Schemas/Additions/2011-09' },
    children: [along(attributes, fast.size)],
  };
  const Content = [{ name: 'Value', attributes: {}, children: [modulo] }];
  return { Kind: 'XMLAnnotation', ID: `Annotation:Modulo:${index}`, Namespace: MODULO, Content };
}

/** Start, step and end; a label each where rounding would make the number of steps another one. */
function along(attributes: Readonly<Record<string, string>>, size: number): OmeElement {
  const { Start, Step, End, ...rest } = attributes;
  const [start, step, end] = [Number(Start), Number(Step), Number(End)];
  if (Math.ceil((end + step - start) / step) === size) return { name: 'ModuloAlongT', attributes, children: [] };
  const children = Array.from(
    { length: size },
    (_, i): OmeElement => ({
      name: 'Label',
      attributes: {},
      children: [],
      text: String(Number((start + i * step).toPrecision(12))),
    }),
  );
  return { name: 'ModuloAlongT', attributes: rest, children };
}

/**
 * Where nothing of time is left beside what was folded into it, readers of the modulo convention drop the T axis, sizes included: then plain
 * key and value pairs say the same.
 */
function mapOf(attributes: Readonly<Record<string, string>>, index: number): OmeAnnotation {
  const pairs = { Axis: 'T', ...attributes };
  const children = Object.entries(pairs).map(
    ([K, text]): OmeElement => ({ name: 'M', attributes: { K }, children: [], text }),
  );
  const Content = [{ name: 'Value', attributes: {}, children }];
  return { Kind: 'MapAnnotation', ID: `Annotation:Axis:${index}`, Content };
}

function incrementOf(layout: Layout): number | undefined {
  const times = layout.t.filter((each) => each.size > 1);
  const [time] = times;
  if (times.length !== 1 || time?.id !== DIMENSION.t || time.length <= 0) return undefined;
  const unit = seconds(time.unit || 's');
  return unit === undefined ? undefined : (time.length / (time.size - 1)) * unit;
}

function commentOf(image: XmlElement): string | undefined {
  const own = image.attribute('TextDescription')?.trim() || image.attribute('UserDescription')?.trim();
  const user = children(image, 'Attachment').find((each) => each.attribute('Name') === 'ContextDescription');
  return own || user?.attribute('Description')?.trim() || undefined;
}

export function describeImage(what: Describe): Described {
  const { index, name, image, layout, facts, oldSizes } = what;
  const isColor = colorGroups(layout.channels);
  const samples = isColor ? 3 : 1;
  const order = sampleOrder(layout.channels).filter((_, i) => i % samples === 0);
  const { instrument, objectiveSettings, channels } = makeEquipment(facts.settings, index);
  const planes = readPlanes(what, order.length);
  const annotation = moduloOf(layout, index);
  const [z] = layout.z.filter((each) => each.size > 1);
  const bits = Math.max(...layout.channels.map((each) => each.bits));
  const described = simpleImage({
    index,
    name,
    shape: shapeOf(layout),
    type: layout.channels[0]!.type,
    samplesPerPixel: samples,
    channels: order.map((each, c) => ({
      ...channels[c],
      Color: isColor ? undefined : colorOf(each.lut),
    })),
    pixels: {
      SignificantBits: layout.channels[0]!.type.startsWith('uint') ? bits : undefined,
      PhysicalSizeX: micro(distance(layout.x, oldSizes)),
      PhysicalSizeY: layout.y?.id === DIMENSION.t ? undefined : micro(distance(layout.y, oldSizes)),
      PhysicalSizeZ: micro(distance(z, oldSizes)),
      TimeIncrement: positive(incrementOf(layout), 's'),
      Planes: planes.length > 0 ? planes : undefined,
    },
    image: defined({
      AcquisitionDate: dateOf(facts.stamps[0]),
      Description: commentOf(image),
      InstrumentRef: instrument?.ID,
      ObjectiveSettings: objectiveSettings,
      AnnotationRefs: annotation ? [annotation.ID] : undefined,
    }),
  });
  return { image: described, instrument, annotation };
}

function colorOf(lut: string | undefined): number | undefined {
  const rgb = COLORS[lut?.toLowerCase() ?? ''];
  return rgb && omeColor(...rgb);
}
