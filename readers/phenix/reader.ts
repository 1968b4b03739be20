// Operetta and Opera Phenix measurements. Layout and sources: NOTES.md.

import { textAt } from '../../src/containers/xml/element.js';
import type { Dataset, ImageSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { OmeImage } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';
import { findIndex } from './format.js';
import { readIndex } from './index-file.js';
import { describe, Equipment, fieldName, originalMetadata, plateOf } from './metadata.js';
import { PlateReader, Tiffs } from './pixels.js';
import { measurement } from './planes.js';

export async function openPhenix(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const name = input.isFolder ? await findIndex(input) : input.name;
  if (name === undefined) {
    throw new ImgconvError('io', 'NOT_FOUND', `${input.path}: there is no Harmony index`, { file: input.path });
  }
  const source = await input.open(name);
  const file = source.name;
  const index = await readIndex(source, options).finally(() => source.close());
  const all = measurement(index, file);
  const { fields } = all;
  if (fields.length > options.limits.images) {
    const text = `${file}: ${fields.length} fields, the limit is ${options.limits.images} images`;
    throw new ImgconvError('limit', 'IMAGE_COUNT', text, { file });
  }
  const tiffs = await Tiffs.list(input, name.slice(0, name.lastIndexOf('/') + 1), options);
  const plate = new PlateReader(tiffs, file);
  await plate.look(fields);
  const user = textAt(index.root, 'User')?.trim();
  const equipment = new Equipment();
  // A first pass names the equipment, so that images can refer to it.
  for (const { planes } of fields) {
    for (const { facts } of planes) {
      equipment.objective(facts);
      equipment.detector(facts);
    }
  }
  const instrument = equipment.instrument(index.root);
  const more = { user: user !== undefined && user !== '', instrument: instrument !== undefined };
  const images: ImageSource[] = [];
  const omeImages: OmeImage[] = [];
  for (const [i, field] of fields.entries()) {
    const { level, type, samples } = plate.pixels(field);
    images.push({ name: fieldName(field), role: 'pixels', type, levels: [level] });
    omeImages.push(describe(i, field, all, equipment, { shape: level.shape, type, samples }, more));
  }
  return {
    format: 'phenix',
    ome: defined({
      Images: omeImages,
      Plates: [plateOf(index.root, fields)],
      Instruments: instrument ? [instrument] : undefined,
      Experimenters: user ? [{ ID: 'Experimenter:0', LastName: user }] : undefined,
    }),
    images,
    original: originalMetadata(index.root, fields),
    files: [file, ...plate.files],
    missing: plate.missing.length > 0 ? plate.missing : undefined,
  };
}
