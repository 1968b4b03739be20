// Operetta and Opera Phenix measurements. Layout and sources: NOTES.md.

import type { FileSetLevel } from '../../src/containers/tiff/file-set.js';
import { textAt } from '../../src/containers/xml/element.js';
import type { Dataset, ImageSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { defined } from '../../src/core/ome-build.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { findIndex } from './format.js';
import { readIndex } from './index-file.js';
import { describe, Equipment, fieldName, originalMetadata, plateOf } from './metadata.js';
import { fieldPixels, lostLevel, Tiffs } from './pixels.js';
import { type Field, measurement } from './planes.js';

/** Fields opened side by side. */
const AT_ONCE = 4;
const LISTED = 20;

async function allPixels(fields: readonly Field[], tiffs: Tiffs): Promise<FileSetLevel[]> {
  const found: FileSetLevel[] = [];
  for (let i = 0; i < fields.length; i += AT_ONCE) {
    found.push(...(await Promise.all(fields.slice(i, i + AT_ONCE).map((field) => fieldPixels(field, tiffs)))));
  }
  return found;
}

function report(found: readonly FileSetLevel[], options: OpenOptions): string[] {
  const missing = found.flatMap((each) => each.missing);
  const broken = found.flatMap((each) => each.broken);
  for (const name of missing.slice(0, LISTED)) {
    options.notice({ code: 'FILE_MISSING', rank: 'damage', text: `a TIFF that the index lists is missing: ${name}` });
  }
  if (missing.length > LISTED) {
    options.notice({ code: 'FILE_MISSING', rank: 'damage', text: `${missing.length} TIFFs are missing in all` });
  }
  for (const text of broken.slice(0, LISTED)) {
    options.notice({ code: 'FILE_BROKEN', rank: 'damage', text: `a TIFF is left out: ${text}` });
  }
  if (broken.length > LISTED) {
    options.notice({ code: 'FILE_BROKEN', rank: 'damage', text: `${broken.length} TIFFs are left out in all` });
  }
  return missing;
}

/** Size of a field's planes by the index, where none of them can be read. */
function shapeByIndex(field: Field, samples: number, file: string): Tczyx {
  const { facts } = field.planes[0]!;
  const [x, y] = [facts.number('ImageSizeX'), facts.number('ImageSizeY')];
  const valid = (n: number | undefined): n is number => n !== undefined && Number.isInteger(n) && n > 0 && n < 2 ** 20;
  if (!valid(x) || !valid(y)) {
    throw formatError('PHENIX_INDEX', `${file}: ${fieldName(field)} has no TIFF and no valid size`, { file });
  }
  const [t, c, z] = field.counts;
  return [t, c * samples, z, y, x];
}

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
  const found = await allPixels(fields, new Tiffs(input, name.slice(0, name.lastIndexOf('/') + 1), options));
  const missing = report(found, options);
  const known = found.find((each) => each.type !== undefined);
  if (!known) {
    const text = `${file}: none of its TIFFs can be read, first: ${missing[0] ?? found[0]?.broken[0] ?? 'none named'}`;
    throw new ImgconvError('io', 'NOT_FOUND', text, { file });
  }
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
  const images = fields.map((field, i): ImageSource => {
    const { level } = found[i]!;
    const type: PixelType = found[i]!.type ?? known.type!;
    const stored = level ?? lostLevel(shapeByIndex(field, known.samples, file), known.samples);
    return { name: fieldName(field), role: 'pixels', type, levels: [stored] };
  });
  return {
    format: 'phenix',
    ome: defined({
      Images: fields.map((field, i) => {
        const samples = found[i]!.level ? found[i]!.samples : known.samples;
        const { type, levels } = images[i]!;
        return describe(i, field, all, equipment, { shape: levels[0].shape, type, samples }, more);
      }),
      Plates: [plateOf(index.root, fields)],
      Instruments: instrument ? [instrument] : undefined,
      Experimenters: user ? [{ ID: 'Experimenter:0', LastName: user }] : undefined,
    }),
    images,
    original: originalMetadata(index.root, fields),
    files: [file, ...found.flatMap((each) => each.files)],
    missing: missing.length > 0 ? missing : undefined,
  };
}
