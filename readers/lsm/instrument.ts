// Instrument of the scan information: objective, lasers, detectors, filters, beam splitters, and how channels use them.

import { enumOrOther, matchEnum } from '../../src/containers/ome-xml/enums.js';
import type {
  OmeChannel,
  OmeDetector,
  OmeDichroic,
  OmeFilter,
  OmeInstrument,
  OmeLightSource,
  OmeObjective,
} from '../../src/core/ome.js';
import { defined, positive } from '../../src/core/ome-build.js';
import { blocksOf, numberOf, type ScanNode, textOf } from './scan.js';

const KEY = {
  objective: 0x10000004,
  zoomX: 0x10000016,
  trackAcquire: 0x40000006,
  laserName: 0x50000001,
  laserAcquire: 0x50000002,
  laserPower: 0x50000003,
  detectorGain: 0x70000003,
  amplifierGain: 0x70000005,
  amplifierOffset: 0x70000007,
  pinhole: 0x70000009,
  detectionAcquire: 0x7000000b,
  detectorName: 0x7000000c,
  filterName: 0x70000010,
  channelName: 0x70000014,
  dyeName: 0x70000026,
  illuminationName: 0x90000001,
  illuminationWavelength: 0x90000003,
  illuminationAcquire: 0x90000004,
  beamSplitterFilter: 0xb0000002,
} as const;

/** '63x/1.4' in 'Plan-Apochromat 63x/1.4 Oil DIC M27'. */
export function parseObjective(text: string): OmeObjective {
  const parts = /^(.*?)\s*([0-9.]+)x\s*\/\s*([0-9.]+)\s*(\S*)(.*)$/.exec(text);
  if (!parts) return { ID: 'Objective:0:0', Model: text };
  const [, name = '', magnification, aperture, immersion = '', rest = ''] = parts;
  const words = name
    .trim()
    .replace(/^(EC|LCI|LD|C|W)[\s-]+/, '')
    .replace('Apochromat', 'Apo')
    .replaceAll(/[\s-]/g, '');
  return defined<OmeObjective>({
    ID: 'Objective:0:0',
    Model: text,
    NominalMagnification: Number(magnification) || undefined,
    LensNA: Number(aperture) || undefined,
    Correction: words === '' ? undefined : enumOrOther('Correction', words),
    Immersion: matchEnum('Immersion', immersion === 'Imm' ? 'Multi' : immersion),
    Iris: /\biris\b/i.test(`${immersion} ${rest}`) ? true : undefined,
  });
}

/** Laser type and medium as far as the name tells. */
function laserKind(name: string): { Type?: string; LaserMedium?: string } {
  if (/^HeNe/.test(name)) return { Type: 'Gas', LaserMedium: 'HeNe' };
  if (/^Ar\/Kr/.test(name)) return { Type: 'Gas' };
  if (/^Argon/.test(name)) return { Type: 'Gas', LaserMedium: 'Ar' };
  if (/^(Titanium:Sapphire|Mai Tai|Chameleon)/.test(name)) return { Type: 'SolidState', LaserMedium: 'TiSapphire' };
  if (/^(YAG|DPSS)/.test(name)) return { Type: 'SolidState' };
  if (/^Diode/.test(name)) return { Type: 'Semiconductor' };
  return {};
}

/** Lines of the argon laser, nm. */
const ARGON: readonly number[] = [458, 477, 488, 496, 514];

function emits(name: string, wavelength: number): boolean {
  if (/^Argon/.test(name)) return ARGON.some((line) => Math.abs(line - wavelength) < 2);
  return [...name.matchAll(/\d{3,4}/g)].some(([digits]) => Math.abs(Number(digits) - wavelength) < 6);
}

/** 'LP 560', 'BP 505-530', 'KP 685', 'NT 80/20'. */
function filterOf(text: string, id: string): OmeFilter {
  const parts = /^(BP|LP|KP|SP)\s*(\d+)(?:\s*-\s*(\d+))?/.exec(text);
  const types: Readonly<Record<string, string>> = { BP: 'BandPass', LP: 'LongPass', KP: 'ShortPass', SP: 'ShortPass' };
  if (!parts) return { ID: id, Model: text };
  const [, kind = '', first, second] = parts;
  const short = kind === 'KP' || kind === 'SP';
  return defined<OmeFilter>({
    ID: id,
    Model: text,
    Type: types[kind],
    TransmittanceRange: defined({
      CutIn: short ? undefined : positive(Number(first), 'nm'),
      CutOut: positive(short ? Number(first) : second === undefined ? undefined : Number(second), 'nm'),
    }),
  });
}

export interface InstrumentModel {
  readonly instrument: OmeInstrument;
  /** In the order of the channels, as many as there are detection channels in use. */
  readonly channels: readonly Partial<OmeChannel>[];
}

function acquired(node: ScanNode, key: number): boolean {
  return numberOf(node, key) !== 0;
}

/** Wavelengths of illumination channels in use, in the order of tracks, each once. */
function wavelengths(tracks: readonly ScanNode[]): number[] {
  const found = tracks.flatMap((track) =>
    blocksOf(track, 'IlluminationChannel').flatMap((each) => wavelengthOf(each) ?? []),
  );
  return [...new Set(found)];
}

function wavelengthOf(node: ScanNode): number | undefined {
  if (!acquired(node, KEY.illuminationAcquire)) return undefined;
  const named = Number(textOf(node, KEY.illuminationName));
  const value = named > 0 ? named : numberOf(node, KEY.illuminationWavelength);
  return value !== undefined && value > 0 ? value : undefined;
}

function lasersOf(recording: ScanNode, lines: readonly number[]): OmeLightSource[] {
  const blocks = blocksOf(recording, 'Laser').map((node) => ({ node, used: acquired(node, KEY.laserAcquire) }));
  const open = new Set(lines);
  const used = blocks.filter((each) => each.used);
  return blocks.map(({ node, used: on }, i): OmeLightSource => {
    const name = textOf(node, KEY.laserName) ?? '';
    let line = on ? [...open].find((each) => emits(name, each)) : undefined;
    if (on && line === undefined && used.length === 1 && lines.length === 1) [line] = lines;
    if (line !== undefined) open.delete(line);
    return defined<OmeLightSource>({
      Kind: 'Laser',
      ID: `LightSource:0:${i}`,
      Model: name || undefined,
      ...laserKind(name),
      Wavelength: positive(line, 'nm'),
      Power: positive(numberOf(node, KEY.laserPower), 'mW'),
    });
  });
}

/** Instrument and settings of channels. Only tracks, detectors and lasers that were in use are tied to channels; all are listed. */
export function instrumentOf(recording: ScanNode | undefined): InstrumentModel {
  if (!recording) return { instrument: { ID: 'Instrument:0' }, channels: [] };
  const objective = textOf(recording, KEY.objective);
  const tracks = blocksOf(recording, 'Track');
  const detectors: OmeDetector[] = [];
  const filters: OmeFilter[] = [];
  const dichroics: OmeDichroic[] = [];
  const channels: Partial<OmeChannel>[] = [];
  const zoom = numberOf(recording, KEY.zoomX);
  const sources = lasersOf(recording, wavelengths(tracks.filter((track) => acquired(track, KEY.trackAcquire))));
  for (const track of tracks) {
    const on = acquired(track, KEY.trackAcquire);
    const lines = wavelengths([track]);
    for (const node of blocksOf(track, 'DetectionChannel')) {
      const used = on && acquired(node, KEY.detectionAcquire);
      const id = `Detector:0:${detectors.length}`;
      const offset = numberOf(node, KEY.amplifierOffset);
      detectors.push(
        defined<OmeDetector>({
          ID: id,
          Type: 'PMT',
          Model: textOf(node, KEY.detectorName),
          Gain: numberOf(node, KEY.detectorGain),
          AmplificationGain: numberOf(node, KEY.amplifierGain),
          Offset: offset === 0 ? undefined : offset,
          Zoom: zoom,
        }),
      );
      const name = textOf(node, KEY.filterName);
      const filter = name && name !== 'None' ? filterOf(name, `Filter:0:${filters.length}`) : undefined;
      if (filter) filters.push(filter);
      if (!used) continue;
      const source = lines.length === 1 ? sources.find(({ Wavelength }) => Wavelength?.value === lines[0]) : undefined;
      channels.push(
        defined<Partial<OmeChannel>>({
          PinholeSize: positive(numberOf(node, KEY.pinhole), 'µm'),
          Fluor: textOf(node, KEY.dyeName),
          ExcitationWavelength: lines.length === 1 ? positive(lines[0], 'nm') : undefined,
          DetectorSettings: { ID: id },
          LightSourceSettings: source && { ID: source.ID },
          LightPath: filter && { EmissionFilterRefs: [filter.ID] },
        }),
      );
    }
    for (const node of blocksOf(track, 'BeamSplitter')) {
      const model = textOf(node, KEY.beamSplitterFilter);
      if (model && model !== 'None') dichroics.push({ ID: `Dichroic:0:${dichroics.length}`, Model: model });
    }
  }
  return {
    instrument: defined<OmeInstrument>({
      ID: 'Instrument:0',
      Microscope: { Manufacturer: 'Zeiss' },
      Objectives: objective ? [parseObjective(objective)] : undefined,
      LightSources: sources.length > 0 ? sources : undefined,
      Detectors: detectors.length > 0 ? detectors : undefined,
      Filters: filters.length > 0 ? filters : undefined,
      Dichroics: dichroics.length > 0 ? dichroics : undefined,
    }),
    channels,
  };
}
