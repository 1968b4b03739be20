// Where images lie in the output: one at the root, a bioformats2raw.layout 3 collection, or a plate.

import type { Notice } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { OmeModel } from '../../src/core/ome.js';
import { acquisitionsComplete, type PlannedPlate, planPlate } from './hcs.js';
import type { NgffOptions } from './options.js';

export interface Layout {
  readonly kind: 'image' | 'collection' | 'plate';
  /** Group of each image, '' = the root. */
  readonly paths: readonly string[];
  readonly plate?: PlannedPlate;
}

export function planLayout(model: OmeModel, options: NgffOptions, notices: Notice[]): Layout {
  const count = model.Images.length;
  if (options.layout === 'image') {
    if (count === 1) return { kind: 'image', paths: [''] };
    throw new ImgconvError(
      'usage',
      'NGFF_LAYOUT',
      `--layout image holds one image, but ${count} are selected: pick one with --series, or drop slide labels and overviews with --associated drop`,
    );
  }
  const plate = options.hcs ? plateLayout(model, notices) : undefined;
  if (plate) return plate;
  if (count === 1 && options.layout === 'auto') return { kind: 'image', paths: [''] };
  return { kind: 'collection', paths: model.Images.map((_, index) => String(index)) };
}

function plateLayout(model: OmeModel, notices: Notice[]): Layout | undefined {
  const ids = model.Images.map((image) => image.ID);
  const plans = (model.Plates ?? []).flatMap((plate) => planPlate(plate, ids) ?? []);
  const [plan] = plans;
  if (!plan) return undefined;
  if (plans.length > 1) {
    const text = `an OME-Zarr holds one plate, the input has ${plans.length}: all images are written as a collection; pick the images of one plate with --series`;
    notices.push({ code: 'SEVERAL_PLATES', rank: 'loss', text });
    return undefined;
  }
  if (plan.acquisitions.length > 0 && !acquisitionsComplete(plan))
    notices.push({
      code: 'ACQUISITIONS_DROPPED',
      rank: 'loss',
      text: 'the plate has several acquisitions and fields that belong to none: acquisitions are left to the OME-XML',
    });
  const paths = ids.map((_, index) => plan.paths.get(index) ?? `image${index}`);
  const outside = ids.length - plan.paths.size;
  if (outside > 0)
    notices.push({
      code: 'OUTSIDE_PLATE',
      rank: 'info',
      text: `${outside} images that belong to no well lie beside the plate's rows, as image…`,
    });
  return { kind: 'plate', paths, plate: plan };
}
