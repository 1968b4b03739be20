// Hardware settings of LAS AF before version 3: lists of records, FilterSettingRecord (object, class, attribute, data, value in "Variant") and
// ScannerSettingRecord (identifier, value).

import { descendants, type XmlElement } from '../xml/element.js';
import type { Band, ChannelSetting, DetectorSetting, LaserLine, Settings } from './settings.js';

function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return element?.attribute(name)?.trim() || undefined;
}

function numeric(text: string | undefined): number | undefined {
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function above(text: string | undefined): number | undefined {
  const value = numeric(text);
  return value !== undefined && value > 0 ? value : undefined;
}

interface Record {
  readonly object: string;
  readonly kind: string;
  readonly attribute: string;
  readonly data: string | undefined;
  readonly value: string | undefined;
}

function recordsOf(image: XmlElement): Record[] {
  return [...descendants(image, 'FilterSettingRecord')].map((each) => ({
    object: textOf(each, 'ObjectName') ?? '',
    kind: textOf(each, 'ClassName') ?? '',
    attribute: textOf(each, 'Attribute') ?? '',
    data: textOf(each, 'Data'),
    value: textOf(each, 'Variant'),
  }));
}

/** Values of the records of one class, by object and attribute. */
function objectsOf(records: readonly Record[], kind: string): Map<string, Map<string, Record>> {
  const objects = new Map<string, Map<string, Record>>();
  for (const record of records) {
    if (record.kind !== kind) continue;
    // Both ends of a band have the same attribute; data 0 and 1 tell them apart.
    const attribute = record.attribute === 'Wavelength' ? `Wavelength ${record.data}` : record.attribute;
    const known = objects.get(record.object) ?? new Map<string, Record>();
    objects.set(record.object, known);
    if (!known.has(attribute)) known.set(attribute, record);
  }
  return objects;
}

interface Multiband {
  readonly band?: Band;
  readonly dye?: string;
}

/** By the number of the detection channel, which is the last one in 'SP Mirror Channel 2'. */
function multibands(records: readonly Record[]): Map<number, Multiband> {
  const found = new Map<number, Multiband>();
  for (const [object, values] of objectsOf(records, 'CSpectrophotometerUnit')) {
    const channel = numeric(/Channel (\d+)/.exec(object)?.[1]);
    if (channel === undefined) continue;
    const [from, to] = [0, 1].map((side) => above(values.get(`Wavelength ${side}`)?.value));
    const dye = values.get('Stain')?.value;
    found.set(channel, {
      ...(from !== undefined && to !== undefined && from < to ? { band: { from, to, name: object } } : {}),
      ...(dye && dye !== 'None' ? { dye } : {}),
    });
  }
  return found;
}

/** Lines that were open; those of 'Low' and beam splitters repeat them. */
function openLines(records: readonly Record[]): LaserLine[] {
  const lines: LaserLine[] = [];
  for (const { object, kind, attribute, data, value } of records) {
    if (kind !== 'CAotf' || attribute !== 'Intensity' || /Low$|AOBS/.test(object)) continue;
    const [wavelength, intensity] = [above(data), above(value)];
    const known = lines.some((line) => line.wavelength === wavelength);
    if (wavelength !== undefined && intensity !== undefined && !known)
      lines.push({ name: object || undefined, wavelength, intensity });
  }
  return lines;
}

interface Active {
  readonly detectors: readonly DetectorSetting[];
  readonly channels: readonly ChannelSetting[];
}

function activeDetectors(records: readonly Record[], lines: readonly LaserLine[]): Active {
  const bands = multibands(records);
  const detectors: DetectorSetting[] = [];
  const channels: ChannelSetting[] = [];
  for (const [name, values] of objectsOf(records, 'CDetectionUnit')) {
    const state = values.get('State');
    if (state?.value !== 'Active') continue;
    const number = numeric(state.data);
    const multiband = number === undefined ? undefined : bands.get(number);
    const high = above(values.get('HighVoltage')?.value);
    const isVolt = (values.get('HighVoltageUnit')?.value ?? 'V') === 'V';
    detectors.push({ name: name || `Detector ${detectors.length + 1}`, type: /hyd/i.test(name) ? 'HyD' : 'PMT' });
    channels.push({
      name: multiband?.dye,
      band: multiband?.band,
      detector: detectors.length - 1,
      ...(isVolt ? { voltage: high } : { gain: high }),
      offset: numeric(values.get('VideoOffset')?.value),
      excitation: lines.length === 1 ? lines[0]!.wavelength : undefined,
    });
  }
  return { detectors, channels };
}

/** Cameras: 'dWFC1ExposureTime', 'nWFC1WaveLength', 'csWFC1UesrDefName' (sic) … numbered by channel from 0. */
function cameraChannels(scanner: ReadonlyMap<string, string>): ChannelSetting[] {
  const channels: { -readonly [K in keyof ChannelSetting]: ChannelSetting[K] }[] = [];
  for (const [id, value] of scanner) {
    const match = /^[a-z]{1,2}WFC(\d*).*?(ExposureTime|Gain|WaveLength|(?:Uesr|User)DefName)$/i.exec(id);
    const c = match?.[1] ? Number(match[1]) : 0;
    if (!match || c > 1000) continue;
    while (channels.length <= c) channels.push({ detector: 0 });
    const channel = channels[c]!;
    const what = match[2]!.toLowerCase();
    if (what === 'exposuretime') channel.exposure = above(value);
    else if (what === 'gain') channel.gain = numeric(value);
    else if (what === 'wavelength') channel.excitation = (numeric(value) ?? 0) > 1 ? numeric(value) : undefined;
    else if (value !== 'None') channel.name ??= value;
  }
  return channels;
}

/** Undefined where the image has no such records. */
export function readOldSettings(image: XmlElement): Settings | undefined {
  const records = recordsOf(image);
  const scanner = new Map<string, string>();
  for (const each of descendants(image, 'ScannerSettingRecord')) {
    const [id, value] = [textOf(each, 'Identifier'), textOf(each, 'Variant')];
    if (id !== undefined && value !== undefined && !scanner.has(id)) scanner.set(id, value);
  }
  if (records.length === 0 && scanner.size === 0) return undefined;
  const value = (attribute: string): string | undefined =>
    records.find((each) => each.attribute === attribute && each.value !== undefined)?.value;
  const objective = value('Objective')?.replace(/\s+/g, ' ');
  const lines = openLines(records);
  const active = activeDetectors(records, lines);
  const camera = scanner.get('CameraName');
  const pinhole = numeric(scanner.get('dblPinhole'));
  return {
    system: scanner.get('SystemType'),
    serial: value('SystemSerialNumber'),
    confocal: pinhole !== undefined,
    objective: {
      name: objective,
      na: above(value('NumericalAperture')),
      // 'HCX PL APO lambda blue 63.0x1.40 OIL UV'
      immersion: /\dx\s?[\d.]+ ([A-Z]+)/i.exec(objective ?? '')?.[1],
      refractiveIndex: above(value('RefractionIndex')),
      serial: value('OrderNumber'),
    },
    pinhole,
    zoom: numeric(scanner.get('dblZoom')),
    stage: { x: numeric(value('XPos')), y: numeric(value('YPos')), z: numeric(value('ZPos')) },
    detectors: active.detectors.length > 0 ? active.detectors : camera ? [{ name: camera, type: 'Camera' }] : [],
    lines,
    channels: active.channels.length > 0 ? active.channels : cameraChannels(scanner),
  };
}
