// Gatan DigitalMicrograph 3 and 4. Layout and sources: NOTES.md.

import { unitNotice, unitOption } from '../../src/containers/raw/model.js';
import type { Dataset, ImageSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import {
  type DmImage,
  describe,
  flatten,
  hasGroup,
  instrumentOf,
  lacksUnit,
  roisOf,
  session,
  stagePositions,
} from './metadata.js';
import { readPixels, tileOf } from './pixels.js';
import { at, type DmFile, type DmNode, items, numberOf, readTags, textOf } from './tags.js';

interface Picked {
  readonly node: DmNode;
  readonly thumbnail: boolean;
}

/** Images with data. Those that the list of thumbnails names come last, or not at all. */
function pickImages(root: DmNode, withThumbnails: boolean): readonly Picked[] {
  const thumbnails = new Set(items(at(root, 'Thumbnails')).map((entry) => numberOf(at(entry, 'ImageIndex'))));
  const all = items(at(root, 'ImageList'))
    .map((node, i): Picked => ({ node, thumbnail: thumbnails.has(i) }))
    .filter(({ node }) => at(node, 'ImageData/Data')?.kind === 'array');
  const main = all.filter((each) => !each.thumbnail);
  if (main.length === 0) return all.map((each) => ({ ...each, thumbnail: false }));
  return withThumbnails ? [...main, ...all.filter((each) => each.thumbnail)] : main;
}

function describeImages(
  input: InputTree,
  file: DmFile,
  path: string,
  options: OpenOptions,
): { image: DmImage; thumbnail: boolean }[] {
  const { root, littleEndian } = file;
  const picked = pickImages(root, options.reader.thumbnails === 'true');
  if (picked.length === 0) throw formatError('DM_IMAGE', `${path}: no image in the file`, { file: path });
  const mains = picked.filter((each) => !each.thumbnail).length;
  const rois = roisOf(root);
  const unit = unitOption(options.reader.unit);
  const out: { image: DmImage; thumbnail: boolean }[] = [];
  for (const { node, thumbnail } of picked) {
    const pixels = readPixels(node, path, littleEndian, options);
    const instrument = instrumentOf(node, out.length);
    const title = textOf(at(node, 'Name'));
    const base = thumbnail ? 'thumbnail' : mains > 1 && title ? `${input.name} ${title}` : input.name;
    const tags = at(node, 'ImageTags');
    const { operator } = session(tags);
    const stages = stagePositions(tags);
    const tiles =
      hasGroup(tags, 'Montage') && stages.length > 1 && pixels.shape[2] % stages.length === 0 ? stages.length : 1;
    for (let tile = 0; tile < tiles; tile++) {
      const index = out.length;
      const name = tiles > 1 ? `Tile #${tile + 1}` : base;
      const stage = tiles > 1 ? stages[tile] : stages[0];
      const part = tiles > 1 ? tileOf(pixels, tile, tiles) : pixels;
      const image = {
        index,
        name,
        node,
        pixels: part,
        stage,
        instrument,
        rois: index === 0 ? rois : [],
        unit,
        operator,
      };
      out.push({ image, thumbnail });
    }
  }
  return out;
}

export async function openDm(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = await readTags(source, options.limits.directories);
    const described = describeImages(input, file, source.name, options);
    const assumed = described.find(({ image }) => image.unit && lacksUnit(image.node))?.image.unit;
    if (assumed && options.reader.unit === undefined) options.notice(unitNotice(assumed));
    const instruments = new Map(described.flatMap(({ image: { instrument: i } }) => (i ? [[i.ID, i] as const] : [])));
    const operators = [...new Set(described.flatMap(({ image }) => image.operator ?? []))];
    const rois = described.flatMap(({ image }) => image.rois);
    return {
      format: 'dm',
      ome: {
        Images: described.map(({ image }) => describe(image, operators)),
        Experimenters:
          operators.length > 0 ? operators.map((UserName, i) => ({ ID: `Experimenter:${i}`, UserName })) : undefined,
        Instruments: instruments.size > 0 ? [...instruments.values()] : undefined,
        ROIs: rois.length > 0 ? rois : undefined,
      },
      images: described.map(
        ({ image, thumbnail }): ImageSource => ({
          name: image.name,
          role: thumbnail ? 'thumbnail' : 'pixels',
          type: image.pixels.type,
          levels: [{ shape: image.pixels.shape, blocks: image.pixels.blocks }],
        }),
      ),
      original: flatten(file.root),
      files: [source.name],
    };
  } finally {
    await source.close();
  }
}
