// Information/Instrument to the OME model. Names follow the OME schema of 2012, on which CZI metadata are modelled.

import { child, paths, textAt, type XmlElement } from '../../src/containers/xml/element.js';
import type {
  OmeDetector,
  OmeDichroic,
  OmeExperimenter,
  OmeFilter,
  OmeFilterSet,
  OmeInstrument,
  OmeLightSource,
  OmeManufacturerSpec,
  OmeObjective,
} from '../../src/core/ome.js';
import { defined, positive, quantity } from '../../src/core/ome-build.js';
import { boolIn, first, numberIn, numeric, oneOf } from './xml.js';

const MICROSCOPES = ['Upright', 'Inverted', 'Dissection', 'Electrophysiology', 'Other'];
const IMMERSIONS = ['Oil', 'Water', 'WaterDipping', 'Air', 'Multi', 'Glycerol', 'Other'];
const CORRECTIONS = [
  'UV',
  'PlanApo',
  'PlanFluor',
  'SuperFluor',
  'VioletCorrected',
  'Achro',
  'Achromat',
  'Fluor',
  'Fl',
  'Fluar',
  'Neofluar',
  'Fluotar',
  'Apo',
  'PlanNeofluar',
  'Other',
];
const DETECTORS = [
  'CCD',
  'IntensifiedCCD',
  'AnalogVideo',
  'PMT',
  'Photodiode',
  'Spectroscopy',
  'LifetimeImaging',
  'CorrelationSpectroscopy',
  'FTIR',
  'EMCCD',
  'APD',
  'CMOS',
  'EBCCD',
  'Other',
];
const FILTERS = ['Dichroic', 'LongPass', 'ShortPass', 'BandPass', 'MultiPass', 'NeutralDensity', 'Tuneable', 'Other'];
const SOURCES = ['Laser', 'Arc', 'Filament', 'LightEmittingDiode', 'GenericExcitationSource'] as const;

/** Ids of the document to ids of the model. */
export interface InstrumentIds {
  readonly objectives: ReadonlyMap<string, string>;
  readonly detectors: ReadonlyMap<string, string>;
  readonly lightSources: ReadonlyMap<string, string>;
  readonly filterSets: ReadonlyMap<string, string>;
}

export interface InstrumentModel {
  readonly instrument: OmeInstrument;
  readonly ids: InstrumentIds;
}

function maker(element: XmlElement): OmeManufacturerSpec {
  const node = child(element, 'Manufacturer');
  return {
    Manufacturer: textAt(node, 'Manufacturer'),
    Model: textAt(node, 'Model'),
    SerialNumber: textAt(node, 'SerialNumber'),
    LotNumber: textAt(node, 'LotNumber'),
  };
}

function idOf(element: XmlElement): string {
  return element.attribute('Id') ?? '';
}

/** Elements with an id of its own each; later ones with the same id are repetitions. */
function unique(elements: readonly XmlElement[]): readonly XmlElement[] {
  const seen = new Set<string>();
  return elements.filter((element) => {
    const id = idOf(element);
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

function number<T>(elements: readonly XmlElement[], prefix: string, make: (element: XmlElement, ID: string) => T) {
  const ids = new Map<string, string>();
  const list = unique(elements).map((element, i) => {
    const ID = `${prefix}:0:${i}`;
    ids.set(idOf(element), ID);
    return make(element, ID);
  });
  return { ids, list };
}

function objectiveOf(element: XmlElement, ID: string): OmeObjective {
  const made = maker(element);
  return defined({
    ID,
    ...made,
    Model: made.Model ?? element.attribute('Name'),
    Correction: oneOf(textAt(element, 'Correction'), CORRECTIONS),
    Immersion: oneOf(textAt(element, 'Immersion'), IMMERSIONS),
    LensNA: numberIn(element, 'LensNA'),
    NominalMagnification: numberIn(element, 'NominalMagnification') ?? numberIn(element, 'Magnification'),
    CalibratedMagnification: numberIn(element, 'CalibratedMagnification'),
    WorkingDistance: quantity(numberIn(element, 'WorkingDistance'), 'µm'),
    Iris: boolIn(element, 'Iris'),
  });
}

function detectorOf(element: XmlElement, ID: string): OmeDetector {
  const made = maker(element);
  return defined({
    ID,
    ...made,
    Model: made.Model ?? element.attribute('Name'),
    Type: oneOf(textAt(element, 'Type'), DETECTORS),
    Gain: numberIn(element, 'Gain'),
    Offset: numberIn(element, 'Offset'),
    // '1,1' in some versions.
    Zoom: numeric(textAt(element, 'Zoom')?.split(',')[0]),
    AmplificationGain: numberIn(element, 'AmplificationGain'),
  });
}

function lightSourceOf(element: XmlElement, ID: string): OmeLightSource {
  const made = maker(element);
  const type = child(element, 'LightSourceType');
  // The kind is the name of a child, or a text in old documents.
  const kind = SOURCES.find((each) => child(type, each)) ?? SOURCES.find((each) => each === type?.text.trim());
  const laser = child(type, 'Laser');
  const Kind = kind ?? 'GenericExcitationSource';
  return defined({
    Kind,
    ID,
    ...made,
    Model: made.Model ?? element.attribute('Name'),
    Power: positive(numberIn(element, 'Power'), 'mW'),
    Wavelength: Kind === 'Laser' ? positive(numberIn(laser, 'Wavelength'), 'nm') : undefined,
  });
}

function filterOf(element: XmlElement, ID: string): OmeFilter {
  const range = child(element, 'TransmittanceRange');
  const made = maker(element);
  return defined({
    ID,
    ...made,
    Model: made.Model ?? element.attribute('Name'),
    Type: oneOf(textAt(element, 'Type'), FILTERS),
    FilterWheel: textAt(element, 'FilterWheel'),
    TransmittanceRange: range
      ? defined({
          CutIn: positive(numberIn(range, 'CutIn'), 'nm'),
          CutOut: positive(numberIn(range, 'CutOut'), 'nm'),
          CutInTolerance: quantity(numberIn(range, 'CutInTolerance'), 'nm'),
          CutOutTolerance: quantity(numberIn(range, 'CutOutTolerance'), 'nm'),
          Transmittance: numberIn(range, 'Transmittance'),
        })
      : undefined,
  });
}

function references(
  element: XmlElement,
  group: string,
  ref: string,
  ids: ReadonlyMap<string, string>,
): string[] | undefined {
  const found = [...paths(element, `${group}/${ref}`), ...paths(element, ref)]
    .map((each) => ids.get(idOf(each) || each.text.trim()))
    .filter((id): id is string => id !== undefined);
  return found.length > 0 ? found : undefined;
}

function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** `information`: the Information element. */
export function readInstrument(information: XmlElement | undefined, hardware: XmlElement | undefined): InstrumentModel {
  const node = child(information, 'Instrument');
  const microscopeNode = paths(node, 'Microscopes/Microscope')[0];
  const hardwareMicroscope = first(hardware, 'Microscope');
  const objectives = number(paths(node, 'Objectives/Objective'), 'Objective', objectiveOf);
  const detectors = number(paths(node, 'Detectors/Detector'), 'Detector', detectorOf);
  const lightSources = number(paths(node, 'LightSources/LightSource'), 'LightSource', lightSourceOf);
  const filters = number(paths(node, 'Filters/Filter'), 'Filter', filterOf);
  const dichroics = number(
    paths(node, 'Dichroics/Dichroic'),
    'Dichroic',
    (element, ID): OmeDichroic => defined({ ID, ...maker(element) }),
  );
  const filterSets = number(
    paths(node, 'FilterSets/FilterSet'),
    'FilterSet',
    (element, ID): OmeFilterSet =>
      defined({
        ID,
        ...maker(element),
        DichroicRef: references(element, 'Dichroics', 'DichroicRef', dichroics.ids)?.[0],
        ExcitationFilterRefs: references(element, 'ExcitationFilters', 'ExcitationFilterRef', filters.ids),
        EmissionFilterRefs: references(element, 'EmissionFilters', 'EmissionFilterRef', filters.ids),
      }),
  );
  const made = microscopeNode ? maker(microscopeNode) : undefined;
  const Model =
    made?.Model ??
    microscopeNode?.attribute('Name') ??
    textAt(microscopeNode, 'System') ??
    hardwareMicroscope?.attribute('Name');
  const Microscope = defined({ ...made, Model, Type: oneOf(textAt(microscopeNode, 'Type'), MICROSCOPES) });
  return {
    instrument: defined({
      ID: 'Instrument:0',
      Microscope: Object.keys(Microscope).length > 0 ? Microscope : undefined,
      LightSources: filled(lightSources.list),
      Detectors: filled(detectors.list),
      Objectives: filled(objectives.list),
      FilterSets: filled(filterSets.list),
      Filters: filled(filters.list),
      Dichroics: filled(dichroics.list),
    }),
    ids: {
      objectives: objectives.ids,
      detectors: detectors.ids,
      lightSources: lightSources.ids,
      filterSets: filterSets.ids,
    },
  };
}

export function readExperimenter(information: XmlElement | undefined): OmeExperimenter | undefined {
  const user = child(information, 'User');
  const value = defined({
    FirstName: textAt(user, 'FirstName'),
    MiddleName: textAt(user, 'MiddleName'),
    LastName: textAt(user, 'LastName'),
    Email: textAt(user, 'Email'),
    Institution: textAt(user, 'Institution'),
    UserName: textAt(user, 'UserName') ?? textAt(information, 'Document/UserName') ?? textAt(user, 'DisplayName'),
  });
  return Object.keys(value).length > 0 ? { ID: 'Experimenter:0', ...value } : undefined;
}
