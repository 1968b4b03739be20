// Imaris 5.5. Layout and sources: NOTES.md.

import { textOf } from '../../src/containers/hdf5/attributes.js';
import { attributeRows, hdf5Of } from '../../src/containers/hdf5/open.js';
import type { Dataset, ImageSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { simpleImage } from '../../src/core/ome-build.js';
import { readLayout } from './layout.js';
import { describe, readInfo } from './metadata.js';

export async function openIms(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const objects = await hdf5Of(input, options.limits);
  const root = await objects.root();
  const folder = textOf(root.attributes.get('DataSetDirectoryName')) || 'DataSet';
  const infoFolder = textOf(root.attributes.get('DataSetInfoDirectoryName')) || 'DataSetInfo';
  const { type, levels, first } = await readLayout(objects, folder, options);
  const info = await readInfo(objects, infoFolder);
  const { shape } = levels[0];
  const model = describe(info, shape, type);
  const name = model.image.Name ?? input.name;
  const image: ImageSource = {
    name,
    role: 'pixels',
    type,
    levels,
    ...(model.origin ? { origin: model.origin } : {}),
    ...(model.display.some((each) => each.window) ? { display: model.display } : {}),
  };
  const { image: facts, pixels, channels, instrument } = model;
  return {
    format: 'ims',
    ome: {
      Images: [simpleImage({ index: 0, name, shape, type, channels, image: facts, pixels })],
      ...(instrument ? { Instruments: [instrument] } : {}),
    },
    images: [image],
    original: [...attributeRows('', root.attributes), ...info.rows, ...attributeRows(first.path, first.attributes)],
    files: [objects.file.name],
  };
}
