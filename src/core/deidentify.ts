// Leaves out what may tell who was examined, by whom, when, and with which very instrument. Pixels stay as they are, but for the pictures of
// slide labels. What was removed is told, so that a person can check that it was all.

import type { Dataset, ImageSource, Notice } from './contracts.js';
import type { OmeElement, OmeImage, OmeInstrument, OmeModel, OmePlate } from './ome.js';
import { type ImagePick, selectModel } from './select.js';

const MODULO = 'openmicroscopy.org/omero/dimension/modulo';
/** Pictures that may show the slide's label. */
const TELLING: ReadonlySet<ImageSource['role']> = new Set(['label', 'macro', 'preview']);
const PERSONAL: ReadonlySet<string> = new Set([
  'ExperimenterRef',
  'Leader',
  'ExperimenterGroup',
  'ExperimenterGroupRef',
  'Experimenter',
]);

class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string, count = 1): void {
    if (count > 0) this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  toString(): string {
    return [...this.#counts].map(([what, count]) => `${what} (${count})`).join(', ') || 'nothing was found to remove';
  }
}

/** A copy without the named fields; counts those that were there. */
function without<T extends object>(value: T, fields: Readonly<Record<string, string>>, tally: Tally): T {
  const kept = Object.entries(value).filter(([name, field]) => {
    const what = fields[name];
    if (what === undefined || field === undefined) return true;
    tally.add(what);
    return false;
  });
  return Object.fromEntries(kept) as T;
}

const IMAGE_FIELDS = {
  AcquisitionDate: 'dates',
  Description: 'descriptions',
  ExperimenterRef: 'references to persons',
  ExperimenterGroupRef: 'references to persons',
};
const DEVICE_FIELDS = { SerialNumber: 'serial numbers', LotNumber: 'lot numbers' };
const PLATE_FIELDS = { ExternalIdentifier: 'identifiers', Description: 'descriptions' };
const RUN_FIELDS = { StartTime: 'dates', EndTime: 'dates', Description: 'descriptions' };

function devices(instrument: OmeInstrument, tally: Tally): OmeInstrument {
  const clean = <T extends object>(value: T): T => without(value, DEVICE_FIELDS, tally);
  const result: Record<string, unknown> = { ...instrument };
  for (const [name, value] of Object.entries(instrument)) {
    if (name === 'AnnotationRefs') continue;
    if (Array.isArray(value)) result[name] = value.map((device: object) => clean(device));
    else if (typeof value === 'object' && value !== null) result[name] = clean(value as object);
  }
  return result as unknown as OmeInstrument;
}

function plate(value: OmePlate, tally: Tally): OmePlate {
  const result = without(value, PLATE_FIELDS, tally);
  const Wells = value.Wells.map((well) => ({
    ...without(well, { ExternalIdentifier: 'identifiers', ExternalDescription: 'descriptions' }, tally),
    WellSamples: well.WellSamples.map((sample) => without(sample, { Timepoint: 'dates' }, tally)),
  }));
  const runs = value.PlateAcquisitions?.map((run) => without(run, RUN_FIELDS, tally));
  return { ...result, Wells, ...(runs && { PlateAcquisitions: runs }) };
}

function others(element: OmeElement, tally: Tally): OmeElement[] {
  if (PERSONAL.has(element.name)) {
    tally.add('references to persons');
    return [];
  }
  return [{ ...element, children: element.children.flatMap((child) => others(child, tally)) }];
}

/** The data set without persons, dates, serial numbers, free texts, vendor metadata, and pictures of labels. */
export function deidentify(dataset: Dataset): { dataset: Dataset; notice: Notice } {
  const tally = new Tally();
  const kept = dataset.images.map((_, index) => index).filter((index) => !TELLING.has(dataset.images[index]!.role));
  tally.add('pictures of labels', dataset.images.length - kept.length);
  const picks = kept.map((index): ImagePick => {
    const { type, levels } = dataset.images[index]!;
    return { index, shape: levels[0].shape, type };
  });
  const { model } = selectModel(dataset.ome, picks);
  tally.add('persons', model.Experimenters?.length ?? 0);
  tally.add('entries of original metadata', dataset.original.length);
  const annotations = model.Annotations?.filter(({ Namespace }) => Namespace === MODULO);
  tally.add('annotations', (model.Annotations?.length ?? 0) - (annotations?.length ?? 0));
  const { Experimenters: _, ...rest } = model;
  const ome: OmeModel = withoutAnnotations({
    ...rest,
    Images: model.Images.map((image): OmeImage => without(image, IMAGE_FIELDS, tally)),
    Instruments: model.Instruments?.map((instrument) => devices(instrument, tally)),
    Plates: model.Plates?.map((each) => plate(each, tally)),
    Others: model.Others?.flatMap((element) => others(element, tally)),
    Annotations: annotations,
  });
  const notice: Notice = {
    code: 'DEIDENTIFIED',
    rank: 'loss',
    text: `removed: ${tally}; names of images, channels and files are kept: check that they tell nothing`,
  };
  return { dataset: { ...dataset, ome, images: kept.map((index) => dataset.images[index]!), original: [] }, notice };
}

/** References to annotations that are gone. */
function withoutAnnotations(model: OmeModel): OmeModel {
  const left = new Set(model.Annotations?.map(({ ID }) => ID));
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
      if (name !== 'AnnotationRefs') return [[name, clean(field)]];
      const refs = (field as readonly string[] | undefined)?.filter((id) => left.has(id));
      return refs && refs.length > 0 ? [[name, refs]] : [];
    });
    const result = Object.fromEntries(entries);
    const { children } = result as { children?: OmeElement[] };
    return children
      ? {
          ...result,
          children: children.filter((child) => child.name !== 'AnnotationRef' || left.has(child.attributes.ID ?? '')),
        }
      : result;
  };
  return clean(model) as OmeModel;
}
