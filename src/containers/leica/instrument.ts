// Hardware settings as an OME instrument.

import type { OmeChannel, OmeInstrument, OmeObjectiveSettings } from '../../core/ome.js';
import { defined, positive, quantity } from '../../core/ome-build.js';
import { matchEnum } from '../ome-xml/enums.js';
import type { ChannelSetting, Settings } from './settings.js';

const IMMERSIONS: Readonly<Record<string, string>> = {
  glyc: 'Glycerol',
  glycerol: 'Glycerol',
  dry: 'Air',
  imm: 'Multi',
  w: 'Water',
};

function immersionOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (IMMERSIONS[text.toLowerCase()] ?? matchEnum('Immersion', text));
}

function correctionOf(name: string | undefined): string | undefined {
  const text = (name ?? '').replace(/[^A-Za-z ]/g, ' ');
  if (/\bPL(AN)?\s?APO/i.test(text)) return 'PlanApo';
  if (/\bPL(AN)?\s?(FLUOTAR|FL)\b/i.test(text)) return 'PlanFluor';
  if (/\bFLUOTAR\b/i.test(text)) return 'Fluotar';
  if (/\bAPO\b/i.test(text)) return 'Apo';
  return undefined;
}

/** '63x/1.30' and '10.0x0.22' in an objective's name. */
function numbersOf(name: string | undefined): { magnification?: number; na?: number } {
  const match = /(\d+(?:\.\d+)?)\s?x\s?\/?\s?(\d\.\d+)/i.exec(name ?? '');
  return match ? { magnification: Number(match[1]), na: Number(match[2]) } : {};
}

const DETECTORS: Readonly<Record<string, string>> = { PMT: 'PMT', APD: 'APD', HyD: 'Other', Camera: 'CCD' };

const CONTRASTS: Readonly<Record<string, string>> = {
  FLUO: 'Fluorescence',
  DIC: 'DIC',
  'TL-DIC': 'DIC',
  PH: 'Phase',
  'TL-PH': 'Phase',
  BF: 'Brightfield',
  'TL-BF': 'Brightfield',
  POL: 'PolarizedLight',
  'TL-POL': 'PolarizedLight',
  DF: 'Darkfield',
  'TL-DF': 'Darkfield',
  IMC: 'HoffmanModulation',
};

export interface Equipment {
  readonly instrument?: OmeInstrument;
  readonly objectiveSettings?: OmeObjectiveSettings;
  /** One a channel. */
  readonly channels: readonly Partial<OmeChannel>[];
}

/** `index`: of the image, for identifiers. */
export function makeEquipment(settings: Settings, index: number): Equipment {
  const { objective, detectors, lines } = settings;
  const numbers = numbersOf(objective?.name);
  const id = (kind: string, i: number): string => `${kind}:${index}:${i}`;
  const lens = defined({
    ID: id('Objective', 0),
    Model: objective?.name,
    SerialNumber: objective?.serial,
    NominalMagnification: objective?.magnification ?? numbers.magnification,
    LensNA: objective?.na ?? numbers.na,
    Immersion: immersionOf(objective?.immersion),
    Correction: correctionOf(objective?.name),
  });
  const hasLens = Object.keys(lens).length > 1;
  const microscope = defined({
    Type: settings.inverse === true ? 'Inverted' : undefined,
    Manufacturer: settings.system || settings.microscope ? 'Leica' : undefined,
    Model: settings.microscope ?? settings.system,
    SerialNumber: settings.serial,
  });
  const bands = settings.channels.map((channel) => channel.band);
  const instrument: OmeInstrument = defined({
    ID: `Instrument:${index}`,
    Microscope: Object.keys(microscope).length > 0 ? microscope : undefined,
    LightSources:
      lines.length > 0
        ? lines.map((line, i) =>
            defined({
              Kind: 'Laser' as const,
              ID: id('LightSource', i),
              Model: line.name,
              Wavelength: positive(line.wavelength, 'nm'),
            }),
          )
        : undefined,
    Detectors:
      detectors.length > 0
        ? detectors.map((each, i) =>
            defined({ ID: id('Detector', i), Model: each.name, Type: DETECTORS[each.type ?? ''] }),
          )
        : undefined,
    Objectives: hasLens ? [lens] : undefined,
    Filters: bands.some((band) => band)
      ? bands.flatMap((band, i) =>
          band
            ? [
                defined({
                  ID: id('Filter', i),
                  Model: band.name,
                  Type: 'BandPass',
                  TransmittanceRange: { CutIn: quantity(band.from, 'nm'), CutOut: quantity(band.to, 'nm') },
                }),
              ]
            : [],
        )
      : undefined,
  });
  return {
    instrument: Object.keys(instrument).length > 1 ? instrument : undefined,
    objectiveSettings: hasLens ? defined({ ID: lens.ID, RefractiveIndex: objective?.refractiveIndex }) : undefined,
    channels: settings.channels.map((channel, c) => channelOf(settings, channel, c, id)),
  };
}

/** What is held back of a line of so many percent. */
function attenuationOf(percent: number): number | undefined {
  return percent >= 0 && percent <= 100 ? Number((1 - percent / 100).toPrecision(12)) : undefined;
}

function channelOf(
  settings: Settings,
  channel: ChannelSetting,
  c: number,
  id: (kind: string, i: number) => string,
): Partial<OmeChannel> {
  const { detector } = channel;
  const device = detector === undefined ? undefined : settings.detectors[detector];
  const { excitation } = channel;
  const line = settings.lines.findIndex((each) => each.wavelength === excitation);
  const contrast = channel.contrast?.toUpperCase();
  return defined({
    Name: channel.name,
    PinholeSize: positive(settings.pinhole === undefined ? undefined : settings.pinhole * 1e6, 'µm'),
    AcquisitionMode: settings.confocal ? 'LaserScanningConfocalMicroscopy' : undefined,
    ContrastMethod: contrast === undefined ? undefined : CONTRASTS[contrast],
    EmissionWavelength: positive(channel.emission, 'nm'),
    ExcitationWavelength: positive(excitation, 'nm'),
    LightSourceSettings:
      line >= 0
        ? defined({
            ID: id('LightSource', line),
            Attenuation: attenuationOf(settings.lines[line]!.intensity),
            Wavelength: quantity(excitation, 'nm'),
          })
        : undefined,
    DetectorSettings: device
      ? defined({
          ID: id('Detector', detector!),
          Gain: channel.gain,
          Offset: channel.offset,
          Voltage: quantity(channel.voltage, 'V'),
          Zoom: settings.zoom,
        })
      : undefined,
    LightPath: channel.band ? { EmissionFilterRefs: [id('Filter', c)] } : undefined,
  });
}
