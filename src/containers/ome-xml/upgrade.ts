// OME-XML of 2003-FC … 2015-01 in the shape of 2016-06. What the schema of today lacks keeps its old name: the reader lists it as original
// metadata. Units need no step: those that old schemas imply are the defaults of today.
// Facts: the published schemas at www.openmicroscopy.org/Schemas and their upgrade notes.

import type { XmlElement } from '../xml/element.js';
import type { XmlNode } from './document.js';
import { upgradeRoi } from './upgrade-roi.js';

/** A node that can still be changed. */
export interface Draft extends XmlNode {
  name: string;
  attributes: Record<string, string>;
  children: Draft[];
  text: string;
}

export function draft(name: string, attributes: Record<string, string> = {}, children: Draft[] = [], text = ''): Draft {
  return { name, namespace: '', attributes, children, text };
}

function copy(element: XmlElement): Draft {
  const children = element.name === 'BinData' ? [] : element.children.map(copy);
  // Pixels are described by position; their text is never needed here.
  const text = element.name === 'BinData' ? '' : element.text;
  const { name, namespace } = element;
  return { name, namespace, attributes: { ...element.attributes }, children, text, source: element };
}

const RENAMED: Readonly<Record<string, string>> = {
  CreationDate: 'AcquisitionDate',
  AcquiredDate: 'AcquisitionDate',
  ObjectiveRef: 'ObjectiveSettings',
  LightSourceRef: 'LightSourceSettings',
  DetectorRef: 'DetectorSettings',
  Group: 'ExperimenterGroup',
  GroupRef: 'ExperimenterGroupRef',
  ChannelInfo: 'LogicalChannel',
  StringAnnotation: 'CommentAnnotation',
};

const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Pixels: { PixelType: 'Type', PixelSizeX: 'PhysicalSizeX', PixelSizeY: 'PhysicalSizeY', PixelSizeZ: 'PhysicalSizeZ' },
  TiffData: { NumPlanes: 'PlaneCount' },
  LogicalChannel: {
    Mode: 'AcquisitionMode',
    ExWave: 'ExcitationWavelength',
    EmWave: 'EmissionWavelength',
    NdFilter: 'NDFilter',
    NDfilter: 'NDFilter',
  },
  Objective: { Magnification: 'NominalMagnification' },
  Experimenter: { OMEName: 'UserName' },
  Laser: { Medium: 'LaserMedium' },
  Well: { Status: 'Type' },
  WellSample: { PosX: 'PositionX', PosY: 'PositionY' },
};

/** Elements whose children were simple values that are attributes today. */
const VALUE_CHILDREN: Readonly<Record<string, readonly string[]>> = {
  Experimenter: ['FirstName', 'MiddleName', 'LastName', 'Email', 'Institution', 'OMEName'],
  Objective: [
    'Correction',
    'Immersion',
    'LensNA',
    'Magnification',
    'NominalMagnification',
    'CalibratedMagnification',
    'WorkingDistance',
    'Iris',
  ],
};

/** ColorDomain of ChannelComponent as a colour. */
const DOMAINS: Readonly<Record<string, string>> = {
  red: '-16776961',
  r: '-16776961',
  green: '16711935',
  g: '16711935',
  blue: '65535',
  b: '65535',
};

const LIGHTS = ['Laser', 'Arc', 'Filament', 'LightEmittingDiode'];
const PERCENT = ['Transmittance', 'Humidity', 'CO2Percent'];

/** Root of an older document, in the shape of 2016-06. */
export function upgrade(root: XmlElement, version: string): XmlNode {
  const top = copy(root);
  walk(top, version);
  const images = top.children.filter((each) => each.name === 'Image');
  for (const image of images) {
    upgradeImage(image);
    top.children.push(...take(image, 'ROI'));
  }
  const channels = new Map<string, number>();
  for (const image of images) {
    const pixels = image.children.find((each) => each.name === 'Pixels');
    const list = pixels?.children.filter((each) => each.name === 'Channel') ?? [];
    for (const [i, each] of list.entries()) channels.set(each.attributes.ID ?? '', i);
  }
  for (const roi of top.children) if (roi.name === 'ROI') upgradeRoi(roi, channels);
  turnLinks(top);
  return top;
}

/** Renames and local changes, innermost first. */
function walk(node: Draft, version: string): void {
  for (const child of node.children) walk(child, version);
  node.name = RENAMED[node.name] ?? node.name;
  for (const name of VALUE_CHILDREN[node.name] ?? []) {
    for (const child of take(node, name)) if (child.text.trim()) node.attributes[name] ??= child.text.trim();
  }
  for (const [from, to] of Object.entries(ATTRIBUTES[node.name] ?? {})) rename(node, from, to);
  if (node.attributes.ID !== undefined) {
    if (/^(?:ExperimenterGroup|ExperimenterGroupRef)$/.test(node.name)) {
      node.attributes.ID = node.attributes.ID.replace(/(^|:)Group:/, '$1ExperimenterGroup:');
    }
    node.attributes.ID = node.attributes.ID.replace(/(^|:)LogicalChannel:/, '$1Channel:');
  }
  if (node.name === 'Experimenter') rename(node, 'DisplayName', 'UserName');
  if (version < '2009-09' || version === '2003-FC') {
    for (const name of PERCENT) {
      const value = Number(node.attributes[name]);
      if (value > 1 && value <= 100) node.attributes[name] = String(value / 100);
    }
  }
  if (node.name === 'Plane') mergeChildren(node, ['PlaneTiming', 'StagePosition']);
  if (node.name === 'FilterSet') filterSet(node);
  if (node.name === 'Instrument') node.children = node.children.map(lightSource);
}

/** Removes and returns the children of a name. */
export function take(node: Draft, name: string): Draft[] {
  const taken = node.children.filter((each) => each.name === name);
  if (taken.length > 0) node.children = node.children.filter((each) => each.name !== name);
  return taken;
}

/** Renames an attribute; one that is there under the new name wins. */
export function rename(node: Draft, from: string, to: string): void {
  const value = node.attributes[from];
  if (value === undefined || node.attributes[to] !== undefined) return;
  delete node.attributes[from];
  node.attributes[to] = value;
}

function mergeChildren(node: Draft, names: readonly string[]): void {
  for (const name of names)
    for (const child of take(node, name)) node.attributes = { ...child.attributes, ...node.attributes };
}

function filterSet(node: Draft): void {
  for (const [attribute, name] of [
    ['ExFilterRef', 'ExcitationFilterRef'],
    ['DichroicRef', 'DichroicRef'],
    ['EmFilterRef', 'EmissionFilterRef'],
  ] as const) {
    const ID = node.attributes[attribute];
    if (ID === undefined) continue;
    delete node.attributes[attribute];
    node.children.push(draft(name, { ID }));
  }
}

/** LightSource with a Laser … inside becomes that Laser. */
function lightSource(node: Draft): Draft {
  const inner = node.name === 'LightSource' ? node.children.find((each) => LIGHTS.includes(each.name)) : undefined;
  if (!inner) return node;
  const rest = node.children.filter((each) => each !== inner);
  return {
    ...node,
    name: inner.name,
    attributes: { ...node.attributes, ...inner.attributes },
    children: [...rest, ...inner.children],
  };
}

function upgradeImage(image: Draft): void {
  const wanted = image.attributes.AcquiredPixels ?? image.attributes.DefaultPixels;
  const all = image.children.filter((each) => each.name === 'Pixels');
  const pixels = all.find((each) => each.attributes.ID === wanted) ?? all[0];
  delete image.attributes.AcquiredPixels;
  delete image.attributes.DefaultPixels;
  if (!pixels) return;
  if (all.length > 1) image.children = image.children.filter((each) => each.name !== 'Pixels' || each === pixels);
  for (const axis of ['X', 'Y', 'Z']) {
    const size = image.attributes[`PixelSize${axis}`];
    if (size === undefined) continue;
    pixels.attributes[`PhysicalSize${axis}`] ??= size;
    delete image.attributes[`PixelSize${axis}`];
  }
  const time = image.attributes.TimeIncrement;
  if (time !== undefined) {
    pixels.attributes.TimeIncrement ??= time;
    delete image.attributes.TimeIncrement;
  }
  const channels = take(image, 'LogicalChannel').flatMap((each) => splitLogicalChannel(each, pixels.attributes.ID));
  pixels.children.unshift(...channels);
  image.children.push(...take(pixels, 'AnnotationRef'));
}

/** One Channel for each component that lies in these pixels; SamplesPerPixel of a split channel is its number of components. */
function splitLogicalChannel(logical: Draft, pixels: string | undefined): Draft[] {
  const components = take(logical, 'ChannelComponent').filter(
    ({ attributes: { Pixels } }) => !Pixels || Pixels === pixels,
  );
  delete logical.attributes.PhotometricInterpretation;
  logical.name = 'Channel';
  if (components.length === 0) return [logical];
  const samples = Number(logical.attributes.SamplesPerPixel ?? 1);
  // One element of n samples is today's form of an interleaved channel; n elements of one sample are separate planes.
  if (samples > 1 && samples === components.length) return [logical];
  delete logical.attributes.SamplesPerPixel;
  return components.map(({ attributes: { ColorDomain } }, i) => ({
    ...logical,
    attributes: {
      ...logical.attributes,
      ...(DOMAINS[ColorDomain?.toLowerCase() ?? ''] && { Color: DOMAINS[ColorDomain!.toLowerCase()] }),
      ...(i > 0 && logical.attributes.ID && { ID: `${logical.attributes.ID}:${i}` }),
    },
  }));
}

/** Links that point the other way today: group members, images of data sets, data sets of projects, plates of screens. */
function turnLinks(top: Draft): void {
  const byId = new Map(top.children.map((each) => [`${each.name} ${each.attributes.ID}`, each]));
  const turn = (from: string, link: string, to: string, back: string): void => {
    for (const each of top.children) {
      if (each.name !== from) continue;
      for (const ref of take(each, link)) {
        const target = byId.get(`${to} ${ref.attributes.ID}`);
        const ID = each.attributes.ID;
        if (!target || ID === undefined) continue;
        if (!target.children.some((child) => child.name === back && child.attributes.ID === ID)) {
          target.children.push(draft(back, { ID }));
        }
      }
    }
  };
  turn('Experimenter', 'ExperimenterGroupRef', 'ExperimenterGroup', 'ExperimenterRef');
  turn('Image', 'DatasetRef', 'Dataset', 'ImageRef');
  turn('Dataset', 'ProjectRef', 'Project', 'DatasetRef');
  turn('Plate', 'ScreenRef', 'Screen', 'PlateRef');
}
