// Channels: Information/Image/Dimensions/Channels, with the display settings' names, colours and dyes over them.

import { child, descendants, paths, textAt, type XmlElement } from '../../src/containers/xml/element.js';
import { type OmeChannel, type OmeDetectorSettings, omeColor } from '../../src/core/ome.js';
import { defined, positive, quantity } from '../../src/core/ome-build.js';
import type { InstrumentIds } from './instrument.js';
import { first, numberIn, numeric, oneOf } from './xml.js';

const ILLUMINATIONS = ['Transmitted', 'Epifluorescence', 'Oblique', 'NonLinear', 'Other'];
const CONTRASTS = [
  'Brightfield',
  'Phase',
  'DIC',
  'HoffmanModulation',
  'ObliqueIllumination',
  'PolarizedLight',
  'Darkfield',
  'Fluorescence',
  'Other',
];
const MODES = [
  'WideField',
  'LaserScanningConfocalMicroscopy',
  'SpinningDiskConfocal',
  'SlitScanConfocal',
  'MultiPhotonMicroscopy',
  'StructuredIllumination',
  'SingleMoleculeImaging',
  'TotalInternalReflection',
  'FluorescenceLifetime',
  'SpectralImaging',
  'FluorescenceCorrelationSpectroscopy',
  'NearFieldScanningOpticalMicroscopy',
  'SecondHarmonicGenerationImaging',
  'PALM',
  'STORM',
  'STED',
  'TIRF',
  'FSM',
  'LCM',
  'BrightField',
  'SweptFieldConfocal',
  'SPIM',
  'Other',
];
const BINNINGS = [
  '1x1',
  '2x2',
  '4x4',
  '8x8',
  '1x2',
  '2x1',
  '1x4',
  '4x1',
  '1x8',
  '8x1',
  '2x4',
  '4x2',
  '2x8',
  '8x2',
  '4x8',
  '8x4',
];

export interface CziChannel {
  readonly ome: Partial<OmeChannel>;
  /** Seconds. */
  readonly exposure?: number;
}

/** '#AARRGGBB' and '#RRGGBB'. */
export function colorOf(text: string | undefined): number | undefined {
  const digits = /^#?([0-9a-f]{2})?([0-9a-f]{6})$/i.exec(text?.trim() ?? '');
  if (!digits) return undefined;
  const rgb = Number.parseInt(digits[2]!, 16);
  return omeColor(rgb >> 16, (rgb >> 8) & 255, rgb & 255);
}

function binning(text: string | undefined): string | undefined {
  return text === undefined ? undefined : oneOf(text.replace(/\s/g, '').replace(',', 'x'), BINNINGS);
}

function detectorSettings(
  node: XmlElement | undefined,
  planned: XmlElement | undefined,
  ids: InstrumentIds,
): OmeDetectorSettings | undefined {
  const settings = child(node, 'DetectorSettings');
  const ID = ids.detectors.get(child(settings, 'Detector')?.attribute('Id') ?? '');
  if (!settings || ID === undefined) return undefined;
  return defined({
    ID,
    Binning: binning(textAt(settings, 'Binning')),
    Gain: numberIn(settings, 'Gain') ?? numberIn(settings, 'EMGain') ?? numeric(first(planned, 'EMGain')?.text),
    Offset: numberIn(settings, 'Offset'),
    Zoom: numberIn(child(node, 'LaserScanInfo'), 'ZoomX'),
    Voltage: quantity(numberIn(settings, 'Voltage'), 'V'),
    ReadOutRate: positive(numberIn(settings, 'ReadOutRate'), 'MHz'),
  });
}

function lightSourceSettings(node: XmlElement | undefined, ids: InstrumentIds): OmeChannel['LightSourceSettings'] {
  for (const settings of paths(node, 'LightSourcesSettings/LightSourceSettings')) {
    const ID = ids.lightSources.get(child(settings, 'LightSource')?.attribute('Id') ?? '');
    if (ID === undefined) continue;
    const attenuation = numberIn(settings, 'Attenuation');
    return defined({
      ID,
      Attenuation: attenuation !== undefined && attenuation >= 0 && attenuation <= 1 ? attenuation : undefined,
      Wavelength: positive(numberIn(settings, 'Wavelength'), 'nm'),
    });
  }
  return undefined;
}

function channelOf(
  info: XmlElement | undefined,
  display: XmlElement | undefined,
  planned: XmlElement | undefined,
  ids: InstrumentIds,
): CziChannel {
  const wave = (name: string, dye: string) => positive(numberIn(display, dye) ?? numberIn(info, name), 'nm');
  const filterSet = child(info, 'FilterSetRef') ?? child(info, 'FilterSet');
  const illumination = textAt(info, 'IlluminationType') ?? textAt(display, 'IlluminationType');
  const ns = numberIn(info, 'ExposureTime');
  return {
    ome: defined({
      Name: display?.attribute('Name') || info?.attribute('Name') || undefined,
      Fluor: textAt(display, 'DyeName') ?? textAt(info, 'Fluor'),
      Color: colorOf(textAt(display, 'Color') ?? textAt(display, 'OriginalColor') ?? textAt(info, 'Color')),
      EmissionWavelength: wave('EmissionWavelength', 'DyeMaxEmission'),
      ExcitationWavelength: wave('ExcitationWavelength', 'DyeMaxExcitation'),
      IlluminationType: oneOf(illumination === 'Fluorescence' ? 'Epifluorescence' : illumination, ILLUMINATIONS),
      ContrastMethod: oneOf(textAt(info, 'ContrastMethod'), CONTRASTS),
      AcquisitionMode: oneOf(textAt(info, 'AcquisitionMode'), MODES),
      PinholeSize: positive(numberIn(info, 'PinholeSize'), 'µm'),
      FilterSetRef: ids.filterSets.get(filterSet?.attribute('Id') ?? ''),
      DetectorSettings: detectorSettings(info, planned, ids),
      LightSourceSettings: lightSourceSettings(info, ids),
    }),
    // Nanoseconds.
    exposure: ns === undefined || ns <= 0 ? undefined : ns / 1e9,
  };
}

/** Channels that the experiment took: those of other tracks are planned, but off. */
function plannedChannels(metadata: XmlElement | undefined): readonly XmlElement[] {
  const setup = first(child(metadata, 'Experiment'), 'MultiTrackSetup');
  const isOn = (element: XmlElement): boolean => element.attribute('IsActivated')?.toLowerCase() !== 'false';
  const tracks = setup ? [...descendants(setup, 'Track')].filter(isOn) : [];
  return tracks.flatMap((track) => paths(track, 'Channels/Channel').filter(isOn));
}

/** The only one of its name. */
function plannedFor(
  info: XmlElement | undefined,
  display: XmlElement | undefined,
  planned: readonly XmlElement[],
): XmlElement | undefined {
  const names = [info?.attribute('Name'), display?.attribute('Name')].filter(Boolean);
  const found = planned.filter((each) => names.includes(each.attribute('Name')));
  return found.length === 1 ? found[0] : undefined;
}

/** Channel number of the document → what is known of it. */
export function readChannels(metadata: XmlElement | undefined, ids: InstrumentIds): readonly CziChannel[] {
  const image = paths(metadata, 'Information/Image')[0];
  const nested = paths(image, 'Dimensions/Channels/Channel');
  const infos = nested.length > 0 ? nested : paths(image, 'Channels/Channel');
  const displays = paths(metadata, 'DisplaySetting/Channels/Channel');
  const planned = plannedChannels(metadata);
  const count = Math.max(infos.length, displays.length);
  return Array.from({ length: count }, (_, i) => {
    const info = infos[i];
    const id = info?.attribute('Id');
    const display = displays.find((each) => id !== undefined && each.attribute('Id') === id) ?? displays[i];
    return channelOf(info, display, plannedFor(info, display, planned), ids);
  });
}

/** Contrast limits of the display settings: fractions of the full range. */
export function displayRange(
  metadata: XmlElement | undefined,
  channel: number,
): { low: number; high: number } | undefined {
  const node = paths(metadata, 'DisplaySetting/Channels/Channel')[channel];
  const high = numeric(textAt(node, 'High'));
  if (high === undefined) return undefined;
  const low = numeric(textAt(node, 'Low')) ?? 0;
  return high > low && low >= -1e-9 && high <= 1 ? { low: Math.max(0, low), high } : undefined;
}
