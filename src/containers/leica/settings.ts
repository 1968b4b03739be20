// Hardware settings of an image: microscope, objective, detectors, laser lines, spectral bands, stage. Newer files have one element with many
// attributes (ATLConfocalSettingDefinition, ATLCameraSettingDefinition), older ones lists of records.

import { child, children, descendants, numberAttribute, type XmlElement } from '../xml/element.js';
import { readOldSettings } from './old-settings.js';

export interface Band {
  /** nm. */
  readonly from: number;
  readonly to: number;
  /** Of the mirror that cuts it out. */
  readonly name?: string;
}

export interface ChannelSetting {
  readonly name?: string;
  readonly band?: Band;
  readonly detector?: number;
  readonly gain?: number;
  readonly offset?: number;
  /** Volts. */
  readonly voltage?: number;
  /** Seconds. */
  readonly exposure?: number;
  readonly contrast?: string;
  /** nm. */
  readonly emission?: number;
  readonly excitation?: number;
}

export interface DetectorSetting {
  readonly name: string;
  readonly type: string | undefined;
}

export interface LaserLine {
  readonly name: string | undefined;
  /** nm. */
  readonly wavelength: number;
  /** Percent. */
  readonly intensity: number;
}

export interface Settings {
  readonly system?: string;
  readonly software?: string;
  readonly serial?: string;
  readonly microscope?: string;
  readonly inverse?: boolean;
  readonly confocal?: boolean;
  readonly objective?: {
    readonly name?: string;
    readonly magnification?: number;
    readonly na?: number;
    readonly immersion?: string;
    readonly refractiveIndex?: number;
    readonly serial?: string;
  };
  /** Metres. */
  readonly pinhole?: number;
  readonly stage?: { readonly x?: number; readonly y?: number; readonly z?: number };
  readonly zoom?: number;
  readonly detectors: readonly DetectorSetting[];
  readonly lines: readonly LaserLine[];
  readonly channels: readonly ChannelSetting[];
}

function first(element: XmlElement | undefined, name: string): XmlElement | undefined {
  if (!element) return undefined;
  for (const each of descendants(element, name)) return each;
  return undefined;
}

function all(element: XmlElement, name: string): XmlElement[] {
  return [...descendants(element, name)];
}

function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return element?.attribute(name)?.trim() || undefined;
}

function positive(element: XmlElement | undefined, name: string): number | undefined {
  const value = numberAttribute(element, name);
  return value !== undefined && value > 0 ? value : undefined;
}

function flag(element: XmlElement | undefined, name: string): boolean {
  return /^(1|true)$/i.test(element?.attribute(name)?.trim() ?? '');
}

/** Swapped, then turned over, as the definition says. */
function stageOf(element: XmlElement): Settings['stage'] {
  const [a, b] = [numberAttribute(element, 'StagePosX'), numberAttribute(element, 'StagePosY')];
  const swap = flag(element, 'SwapXY');
  const turn = (value: number | undefined, over: boolean): number | undefined =>
    value === undefined ? undefined : over ? -value : value;
  return {
    x: turn(swap ? b : a, flag(element, 'FlipX')),
    y: turn(swap ? a : b, flag(element, 'FlipY')),
    z: numberAttribute(element, 'ZPosition'),
  };
}

function laserLines(definition: XmlElement): LaserLine[] {
  const lines: LaserLine[] = [];
  for (const aotf of all(definition, 'Aotf')) {
    const name = textOf(aotf, 'LightSourceName') ?? textOf(aotf, 'AotfQualifierName');
    for (const each of children(aotf, 'LaserLineSetting')) {
      const wavelength = positive(each, 'LaserLine');
      const intensity = positive(each, 'IntensityDev');
      const known = lines.some((line) => line.wavelength === wavelength && line.name === name);
      if (wavelength !== undefined && intensity !== undefined && !known) lines.push({ name, wavelength, intensity });
    }
  }
  return lines;
}

/** Attributes of `<ChannelProperty><Key>…</Key><Value>…</Value></ChannelProperty>`. */
function channelProperties(channel: XmlElement): Map<string, string> {
  return new Map(
    children(channel, 'ChannelProperty').map((each) => [
      child(each, 'Key')?.text.trim() ?? '',
      child(each, 'Value')?.text.trim() ?? '',
    ]),
  );
}

/** Definitions that took part: those of a sequential scan, one after the other, else the only one. */
function sequence(definition: XmlElement, attachment: XmlElement): readonly XmlElement[] {
  const list = first(attachment, 'LDM_Block_Sequential_List');
  const parts = list ? children(list, definition.name) : [];
  return parts.length > 0 ? parts : [definition];
}

interface Active {
  readonly detectors: DetectorSetting[];
  readonly channels: ChannelSetting[];
}

/** Active detectors in order are the channels. */
function activeDetectors(definitions: readonly XmlElement[]): Active {
  const detectors: DetectorSetting[] = [];
  const channels: ChannelSetting[] = [];
  for (const definition of definitions) {
    const bands = children(first(definition, 'Spectro'), 'MultiBand');
    const lines = laserLines(definition);
    for (const each of children(first(definition, 'DetectorList'), 'Detector')) {
      if (!flag(each, 'IsActive')) continue;
      const number = each.attribute('Channel');
      const band = bands.find((one) => one.attribute('Channel') === number);
      const [from, to] = [positive(band, 'TargetWaveLengthBegin'), positive(band, 'TargetWaveLengthEnd')];
      const name = textOf(each, 'Name') ?? `Detector ${detectors.length + 1}`;
      let detector = detectors.findIndex((one) => one.name === name);
      if (detector < 0) detector = detectors.push({ name, type: textOf(each, 'Type') }) - 1;
      channels.push({
        name: textOf(band, 'DyeName'),
        band: from !== undefined && to !== undefined && from < to ? { from, to } : undefined,
        detector,
        gain: numberAttribute(each, 'Gain'),
        offset: numberAttribute(each, 'Offset'),
        // Which of several lines of one step excites a channel is not said.
        excitation: lines.length === 1 ? lines[0]!.wavelength : undefined,
      });
    }
  }
  return { detectors, channels };
}

function cameraChannels(definitions: readonly XmlElement[]): ChannelSetting[] {
  return definitions
    .flatMap((definition) => all(definition, 'WideFieldChannelInfo'))
    .map((each) => ({
      name: textOf(each, 'UserDefName') ?? textOf(each, 'UserDyeName') ?? textOf(each, 'FluoCubeName'),
      exposure: positive(each, 'ExposureTime'),
      contrast: textOf(each, 'ContrastingMethodName'),
      emission: positive(each, 'EmissionWavelength'),
      excitation: positive(each, 'ExcitationWavelength'),
      detector: 0,
    }));
}

function readNew(definition: XmlElement, attachment: XmlElement): Settings {
  const definitions = sequence(definition, attachment);
  const active = activeDetectors(definitions);
  const camera = textOf(definition, 'CameraName');
  const wide = cameraChannels(definitions);
  const lines = definitions.flatMap(laserLines);
  return {
    system: textOf(attachment, 'SystemTypeName'),
    software: textOf(attachment, 'Software'),
    serial: textOf(definition, 'SystemSerialNumber'),
    microscope: textOf(definition, 'MicroscopeModel'),
    inverse:
      definition.attribute('IsInverseMicroscopeModel') === undefined
        ? undefined
        : flag(definition, 'IsInverseMicroscopeModel'),
    confocal: definition.name === 'ATLConfocalSettingDefinition',
    objective: {
      name: textOf(definition, 'ObjectiveName'),
      magnification: positive(definition, 'Magnification'),
      na: positive(definition, 'NumericalAperture'),
      immersion: textOf(definition, 'Immersion'),
      refractiveIndex: positive(definition, 'RefractionIndex'),
    },
    pinhole: positive(definition, 'Pinhole'),
    stage: stageOf(definition),
    zoom: positive(definition, 'Zoom'),
    detectors: active.detectors.length > 0 ? active.detectors : camera ? [{ name: camera, type: 'Camera' }] : [],
    lines: lines.filter((line, i) => lines.findIndex((one) => one.wavelength === line.wavelength) === i),
    channels: active.channels.length > 0 ? active.channels : wide,
  };
}

export function readSettings(image: XmlElement, channels: readonly XmlElement[]): Settings {
  const attachment = children(image, 'Attachment').find((each) => each.attribute('Name') === 'HardwareSetting');
  const names = ['ATLConfocalSettingDefinition', 'ATLCameraSettingDefinition'];
  const definition = attachment && names.map((name) => first(attachment, name)).find((each) => each !== undefined);
  const settings = (definition && attachment ? readNew(definition, attachment) : readOldSettings(image)) ?? {
    detectors: [],
    lines: [],
    channels: [],
  };
  const known = settings.channels.length === channels.length ? settings.channels : [];
  return { ...settings, channels: channels.map((each, i) => ({ ...known[i], ...stated(each, settings) })) };
}

/** What the channel's own properties say goes before what follows from the order of detectors. */
function stated(channel: XmlElement, settings: Settings): ChannelSetting {
  const properties = channelProperties(channel);
  const dye = properties.get('DyeName');
  const detector = settings.detectors.findIndex((each) => each.name === properties.get('DetectorName'));
  return { ...(dye ? { name: dye } : {}), ...(detector >= 0 ? { detector } : {}) };
}
