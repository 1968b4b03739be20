// The plan of an OME-Zarr: which images and labels go where, in which levels and chunks. Pure: nothing is read or written.

import type { ChannelDisplay, Dataset, ImageSource, LabelImage, Notice } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeImage, OmeModel } from '../../src/core/ome.js';
import { pickParts } from '../../src/core/pick.js';
import { type Crop, type ImagePick, listStep, pickedShape, selectModel } from '../../src/core/select.js';
import type { Reduction, Selection } from '../../src/pipeline/contract.js';
import { fillValue } from './arrays.js';
import { keptAxes, type Placement, placementOf } from './axes.js';
import { type Layout, planLayout } from './layout.js';
import { type LevelPlan, planLevels } from './levels.js';
import { labelNames } from './names.js';
import { type Sample, samplesOf, windowsKnown } from './omero.js';
import type { NgffOptions } from './options.js';

export interface PlannedImage {
  readonly name: string;
  /** Group inside the output, '' = the root. */
  readonly path: string;
  readonly source: ImageSource;
  readonly levels: readonly [LevelPlan, ...LevelPlan[]];
  /** Indices into t, c, z, y, x of the axes that are written. */
  readonly axes: readonly number[];
  readonly placement: Placement;
  readonly reduction: Reduction;
  readonly fill: number;
  readonly select: Selection;
  readonly stats: boolean;
  readonly samples: readonly Sample[];
  readonly display: readonly ChannelDisplay[];
  readonly categorical: boolean;
  /** Set for label images alone. */
  readonly label?: { readonly imageLabel: Readonly<Record<string, unknown>> };
  /** Labels of this image. */
  readonly labels: readonly PlannedImage[];
}

export interface NgffPlan {
  readonly options: NgffOptions;
  readonly layout: Layout;
  /** In the order of the model's images. */
  readonly images: readonly PlannedImage[];
  /** Model of what is written. */
  readonly ome: OmeModel;
  /** Indices of the written images in the data set. */
  readonly picked: readonly number[];
  /** OME-XML is written. */
  readonly omeXml: boolean;
  readonly notices: readonly Notice[];
}

/** Errors: usage SELECTION, NGFF_LAYOUT, NGFF_FILL, NGFF_CHUNK; limit PLATE_SIZE. */
export function planNgff(dataset: Dataset, options: NgffOptions): NgffPlan {
  const notices: Notice[] = [];
  const picks = pickParts(dataset, options);
  const selected = selectModel(dataset.ome, picks);
  notices.push(...selected.notices);
  const layout = planLayout(selected.model, options, notices);
  const images = picks.map((pick, i) => {
    const source = dataset.images[pick.index]!;
    return planImage(source, pick, selected.model.Images[i]!, layout.paths[i]!, options, notices);
  });
  const wide = images.some(({ source }) => source.type === 'int64' || source.type === 'uint64');
  if (wide && options.omeXml)
    notices.push({
      code: 'NO_OME_XML',
      rank: 'loss',
      text: 'OME-XML has no 64-bit integers: METADATA.ome.xml is left out, metadata beyond OME-Zarr is lost',
    });
  return {
    options,
    layout,
    images,
    ome: selected.model,
    picked: picks.map((pick) => pick.index),
    omeXml: options.omeXml && !wide,
    notices,
  };
}

function reductionOf(categorical: boolean, options: NgffOptions): Reduction {
  if (options.downsample === 'simple') return 'nearest';
  return categorical || options.downsample === 'mode' ? 'mode' : 'mean';
}

type Part = Pick<ImagePick, 't' | 'c' | 'z' | 'crop'>;

function selectionOf({ t, c, z, crop }: Part): Selection {
  return { ...(t && { t }), ...(c && { c }), ...(z && { z }), y: crop?.y ?? 0, x: crop?.x ?? 0 };
}

function placement(ome: OmeImage, { t, z, crop }: Part, origin: Tczyx | undefined): Placement {
  const first: Tczyx = [t?.[0] ?? 0, 0, z?.[0] ?? 0, crop?.y ?? 0, crop?.x ?? 0];
  return placementOf(ome.Pixels, first, [listStep(t) || 1, 1, listStep(z) || 1, 1, 1], origin);
}

function planImage(
  source: ImageSource,
  pick: ImagePick,
  ome: OmeImage,
  path: string,
  options: NgffOptions,
  notices: Notice[],
): PlannedImage {
  const shape = pickedShape(pick);
  const categorical = source.categorical === true || source.palette !== undefined;
  const samples = samplesOf(ome.Pixels, shape[1]);
  const all = source.display ?? [];
  const display = pick.c ? pick.c.map((c) => all[c] ?? {}) : all;
  const name = ome.Name || source.name || path || 'image';
  const reduction = reductionOf(categorical, options);
  // A crop may start between the pixels of stored levels.
  const stored = options.reuseLevels && !pick.crop ? { source } : {};
  const levels = planLevels(shape, source.type, options, stored);
  const fill = options.fillValue ?? source.levels[0].blocks.fill;
  fillValue(fill, source.type);
  if (source.palette)
    notices.push({
      code: 'PALETTE',
      rank: 'info',
      text: `image ${name}: pixels are indices into a colour table, which OME-Zarr viewers do not know; it is kept under attributes.imgconv`,
    });
  const parent = {
    source,
    pick,
    shape,
    levels: levels.length,
    placement: placement(ome, pick, source.origin),
    path,
    name,
  };
  return {
    name,
    path,
    source,
    levels,
    axes: keptAxes(shape, options.squeeze),
    placement: parent.placement,
    reduction,
    fill,
    select: selectionOf(pick),
    stats: options.minMax && !categorical && !windowsKnown(samples, source.type, display),
    samples,
    display,
    categorical,
    labels: planLabels(parent, options, notices),
  };
}

interface Parent {
  readonly source: ImageSource;
  readonly pick: ImagePick;
  readonly shape: Tczyx;
  readonly levels: number;
  readonly placement: Placement;
  readonly path: string;
  readonly name: string;
}

function planLabels(parent: Parent, options: NgffOptions, notices: Notice[]): PlannedImage[] {
  const fitting = (parent.source.labels ?? []).flatMap((label) => {
    const part = labelPart(label, parent);
    if (typeof part !== 'string') return [{ label, part }];
    const text = `label ${label.name} of image ${parent.name} is left out: ${part}`;
    notices.push({ code: 'LABEL_DROPPED', rank: 'loss', text });
    return [];
  });
  const names = labelNames(fitting.map(({ label }) => label.name));
  return fitting.map(({ label, part }, i) =>
    planLabel(label, part, `${parent.path && `${parent.path}/`}labels/${names[i]}`, parent, options),
  );
}

/** What of a label image goes with the selected part of its image, or why nothing can. */
function labelPart({ image }: LabelImage, { source, pick }: Parent): Part | string {
  if (image.type === 'float' || image.type === 'double') return 'its pixels are not integers';
  const own = image.levels[0].shape;
  const full = source.levels[0].shape;
  const along = <T>(axis: number, list: T | undefined): T | undefined => (own[axis] === full[axis] ? list : undefined);
  const odd = ([0, 1, 2] as const).some(
    (axis) => own[axis] !== full[axis] && own[axis] !== 1 && [pick.t, pick.c, pick.z][axis] !== undefined,
  );
  const size = own[3] === full[3] && own[4] === full[4];
  if (odd || (pick.crop && !size))
    return 'its size differs from that of its image, so that the selection has no meaning in it';
  const crop: Crop | undefined = pick.crop;
  return { t: along(0, pick.t), c: along(1, pick.c), z: along(2, pick.z), crop };
}

/** Pixels of a label cover what those of its image cover. */
function labelPlacement(own: Tczyx, parent: Parent): Placement {
  const { placement: of, shape } = parent;
  const ratio = (axis: 3 | 4): number => shape[axis] / own[axis];
  const along = (axis: 3 | 4): number => of.scale[axis] * ratio(axis);
  const centre = (axis: 3 | 4): number => of.origin[axis] + (of.scale[axis] * (ratio(axis) - 1)) / 2;
  return {
    units: of.units,
    scale: [of.scale[0], of.scale[1], of.scale[2], along(3), along(4)],
    origin: [of.origin[0], of.origin[1], of.origin[2], centre(3), centre(4)],
  };
}

function planLabel(label: LabelImage, part: Part, path: string, parent: Parent, options: NgffOptions): PlannedImage {
  const { image } = label;
  const shape = pickedShape({ index: 0, shape: image.levels[0].shape, type: image.type, ...part });
  const stored = options.reuseLevels && !part.crop ? { source: image } : {};
  const { version: _, ...found } = label.imageLabel ?? {};
  const { colors, properties, ...rest } = found;
  const filled = (list: unknown): boolean => Array.isArray(list) && list.length > 0;
  return {
    name: label.name,
    path,
    source: image,
    levels: planLevels(shape, image.type, options, { count: parent.levels, ...stored }),
    axes: keptAxes(shape, options.squeeze),
    placement: labelPlacement(shape, parent),
    reduction: reductionOf(true, options),
    fill: image.levels[0].blocks.fill,
    select: selectionOf(part),
    stats: false,
    samples: [],
    display: [],
    categorical: true,
    label: {
      imageLabel: {
        ...(filled(colors) && { colors }),
        ...(filled(properties) && { properties }),
        ...rest,
        source: { image: '../../' },
      },
    },
    labels: [],
  };
}
