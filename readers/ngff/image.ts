// One NGFF image: `multiscales` of a group, its arrays, calibration, display settings and labels.

import { parseArray, type ZarrArray } from '../../src/containers/zarr/array.js';
import { type AxisHint, type AxisMap, assignAxes } from '../../src/containers/zarr/axes.js';
import {
  asList,
  asNumber,
  asObject,
  asText,
  isObject,
  type Json,
  type JsonObject,
} from '../../src/containers/zarr/json.js';
import { isSmaller, toLevel } from '../../src/containers/zarr/level.js';
import { readChildren, readNode, type ZarrNode } from '../../src/containers/zarr/node.js';
import { joinKey, type ZarrStore } from '../../src/containers/zarr/store.js';
import type { ChannelDisplay, ImageSource, LabelImage, Level, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Quantity } from '../../src/core/ome.js';
import { lengthSymbol, timeSymbol } from '../../src/core/unit-words.js';
import { groupKind, ngffContent } from './groups.js';
import { paletteOf } from './palette.js';
import { placeAxes } from './transforms.js';

export interface OpenedImage {
  readonly node: ZarrNode;
  readonly source: ImageSource;
  /** PixelType of the OME schema, or 'uint64', 'int64'. */
  readonly omeType: string;
  /** 2 where complex numbers became two channels each. */
  readonly parts: 1 | 2;
  /** Pixel size along t, c, z, y, x where it is known. */
  readonly spacing: readonly (Quantity | undefined)[];
  /** Centre of the first pixel along t, c, z, y, x, where it is not 0. */
  readonly origin: readonly (Quantity | undefined)[];
  readonly omero: JsonObject;
  /** Attributes of its arrays, for the original metadata: key, attributes. */
  readonly arrays: readonly (readonly [string, JsonObject])[];
}

/** Last part of a path, or the name of the input without the extensions of OME-Zarr. */
function fallbackName(node: ZarrNode, store: ZarrStore): string {
  if (node.path !== '') return node.path;
  const base =
    store.name
      .replace(/[/\\]+$/, '')
      .split(/[/\\]/)
      .at(-1) ?? '';
  return base.replace(/(\.ome)?(\.zarr)?(\.zip|\.ozx)?$/i, '') || base;
}

interface Dataset {
  readonly array: ZarrArray;
  readonly transforms: Json | undefined;
}

/** Axis names and types: a list of strings (0.3) or objects (0.4, 0.5), or the coordinate system that the data sets lead to (0.6). */
function axisHints(multiscale: JsonObject): readonly (AxisHint & { readonly unit?: string })[] | undefined {
  const systems = asList(multiscale.coordinateSystems).map(asObject);
  const first = asObject(asList(asObject(asList(multiscale.datasets)[0]).coordinateTransformations)[0]);
  const output = asText(first.output) ?? asText(asObject(first.output).name);
  const system = systems.find((one) => one.name === output) ?? systems[0];
  const axes = multiscale.axes ?? system?.axes;
  if (!Array.isArray(axes)) return undefined;
  return asList(axes).map((axis) => {
    const object = asObject(axis);
    return { name: asText(axis) ?? asText(object.name), type: asText(object.type), unit: asText(object.unit) };
  });
}

export class ImageOpener {
  constructor(
    readonly store: ZarrStore,
    readonly options: OpenOptions,
  ) {}

  #notice(code: string, rank: 'info' | 'loss' | 'damage', node: ZarrNode, text: string): void {
    this.options.notice({ code, rank, text: `${node.path || this.store.name}: ${text}` });
  }

  async open(node: ZarrNode): Promise<OpenedImage> {
    const content = ngffContent(node);
    const list = asList(content.multiscales).map(asObject);
    const multiscale = list[0] ?? {};
    if (list.length > 1)
      this.#notice('NGFF_MULTISCALES', 'loss', node, `${list.length} multiscales, the first is read`);
    const datasets = await this.#datasets(node, multiscale);
    const [full] = datasets as [Dataset, ...Dataset[]];
    const rank = full.array.shape.length;
    const hints = this.#hints(node, multiscale, full.array);
    const map = assignAxes(full.array.shape, hints, full.array.name);
    for (const { name, axis } of map.borrowed) {
      this.#notice('NGFF_AXIS', 'loss', node, `axis ${JSON.stringify(name)} becomes ${axis}, as OME has no such axis`);
    }
    const levels = await this.#levels(node, datasets, map);
    const omero = { ...asObject(content.omero) };
    const label = isObject(content['image-label']);
    const channels = levels[0].shape[1];
    const labels = label ? [] : await this.#labels(node);
    // 0.6 transformations of the whole multiscale lead to other coordinate systems; the data sets' own lead to physical units.
    const common = multiscale.coordinateSystems === undefined ? multiscale.coordinateTransformations : undefined;
    const calibration = this.#calibration(node, [full.transforms, common], hints, map, rank);
    const [t, c, z, y, x] = calibration.origin.map((start) => start?.value ?? 0) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const palette = paletteOf(node.attributes);
    const source: ImageSource = {
      name: asText(multiscale.name) || asText(omero.name) || fallbackName(node, this.store),
      role: label ? 'label' : 'pixels',
      type: full.array.type.pixel,
      levels,
      ...(label ? { categorical: true } : {}),
      ...(palette ? { palette } : {}),
      ...(omero.channels === undefined ? {} : { display: displayOf(omero, channels, full.array.type.parts) }),
      ...(labels.length > 0 ? { labels } : {}),
      ...(calibration.origin.some((start) => start) ? { origin: [t, c, z, y, x] as const } : {}),
    };
    return {
      node,
      source,
      omeType: full.array.type.ome,
      parts: full.array.type.parts,
      ...calibration,
      omero,
      arrays: datasets.map(({ array }) => [array.path, array.attributes] as const),
    };
  }

  #hints(node: ZarrNode, multiscale: JsonObject, array: ZarrArray): ReturnType<typeof axisHints> {
    const hints = axisHints(multiscale);
    if (!hints || hints.length === array.shape.length) return hints;
    const text = `${hints.length} axes for ${array.shape.length} dimensions: the axes are taken from the dimensions`;
    this.#notice('NGFF_AXES', 'damage', node, text);
    return array.dimensionNames?.map((name) => ({ name }));
  }

  /** Arrays of the levels, largest first. */
  async #datasets(node: ZarrNode, multiscale: JsonObject): Promise<Dataset[]> {
    const found: Dataset[] = [];
    const listed = asList(multiscale.datasets).map(asObject);
    for (const [i, dataset] of listed.entries()) {
      const path = asText(dataset.path);
      const key = path === undefined ? undefined : joinKey(node.path, path);
      const child = key === undefined ? undefined : await readNode(this.store, key);
      if (child?.kind === 'array') {
        found.push({
          array: parseArray(child, this.store, this.options.limits),
          transforms: dataset.coordinateTransformations,
        });
      } else {
        this.#notice('NGFF_LEVEL_MISSING', 'damage', node, `level ${i} (${path ?? 'without path'}) does not exist`);
      }
    }
    if (found.length === 0) {
      // Named wrongly rather than lost: arrays of this group that no level names.
      for (const child of await readChildren(this.store, node.path)) {
        if (child.kind === 'array')
          found.push({ array: parseArray(child, this.store, this.options.limits), transforms: undefined });
      }
    }
    if (found.length === 0)
      throw formatError('NGFF_NO_ARRAYS', `${this.store.name}: image ${node.path || 'at the root'} has no arrays`, {
        part: node.path,
      });
    const size = (one: Dataset): number => one.array.shape.reduce((product, n) => product * n, 1);
    return found.sort((a, b) => size(b) - size(a));
  }

  async #levels(node: ZarrNode, datasets: readonly Dataset[], map: AxisMap): Promise<[Level, ...Level[]]> {
    const [full, ...others] = datasets as [Dataset, ...Dataset[]];
    const levels: [Level, ...Level[]] = [await toLevel(full.array, map.axes, this.store)];
    for (const { array } of others) {
      const last = levels.at(-1)!;
      if (array.shape.length !== full.array.shape.length || array.type.ome !== full.array.type.ome) {
        this.#notice(
          'NGFF_LEVEL',
          'loss',
          node,
          `level ${array.path} has other dimensions or another type than the first and is left out`,
        );
        continue;
      }
      const level = await toLevel(array, map.axes, this.store);
      if (isSmaller(level, last)) levels.push(level);
      else
        this.#notice(
          'NGFF_LEVEL',
          'info',
          node,
          `level ${array.path} does not shrink along x and y alone and is left out; it can be computed`,
        );
    }
    return levels;
  }

  #calibration(
    node: ZarrNode,
    lists: readonly (Json | undefined)[],
    hints: ReturnType<typeof axisHints>,
    map: AxisMap,
    rank: number,
  ): Pick<OpenedImage, 'spacing' | 'origin'> {
    const { scale, translation, skipped } = placeAxes(lists, rank);
    for (const type of new Set(skipped)) {
      this.#notice(
        'NGFF_TRANSFORM',
        'loss',
        node,
        `the coordinate transformation ${JSON.stringify(type)} is kept as original metadata only`,
      );
    }
    const spacing: (Quantity | undefined)[] = [undefined, undefined, undefined, undefined, undefined];
    const origin = [...spacing];
    const borrowed = new Set(map.borrowed.map(({ axis }) => 'tczyx'.indexOf(axis)));
    for (const [dimension, axis] of map.axes.entries()) {
      if (axis < 0 || axis === 1 || borrowed.has(axis)) continue;
      const stated = hints?.[dimension]?.unit;
      const unit = stated === undefined ? undefined : axis === 0 ? timeSymbol(stated) : lengthSymbol(stated);
      // Without a unit a scale says how pixels compare, not how large they are; 1 says nothing.
      const relative = axis === 0 ? undefined : 'reference frame';
      const step = scale[dimension]!;
      const known = unit !== undefined && (unit !== 'pixel' || step !== 1);
      if (step > 0 && (known || (step !== 1 && relative))) spacing[axis] = { value: step, unit: unit ?? relative! };
      const start = translation[dimension]!;
      if (start !== 0 && (unit ?? relative)) origin[axis] = { value: start, unit: (unit ?? relative)! };
    }
    return { spacing, origin };
  }

  async #labels(node: ZarrNode): Promise<LabelImage[]> {
    const group = await readNode(this.store, joinKey(node.path, 'labels'));
    if (group?.kind !== 'group') return [];
    const listed = ngffContent(group).labels ?? group.attributes.labels;
    const names = asList(listed).flatMap((name) => asText(name) ?? []);
    const labels: LabelImage[] = [];
    for (const name of names) {
      const child = await readNode(this.store, joinKey(group.path, name));
      if (!child || groupKind(child) !== 'image') {
        this.#notice('NGFF_MISSING', 'damage', node, `label image ${name} is named but does not exist or is no image`);
        continue;
      }
      const image = await this.#label(child, node);
      if (!image) continue;
      const found = ngffContent(child)['image-label'];
      labels.push({ name, image, ...(isObject(found) ? { imageLabel: found } : {}) });
    }
    return labels;
  }

  /** A label image that cannot be read is lost, the image that it belongs to is not. */
  async #label(child: ZarrNode, parent: ZarrNode): Promise<ImageSource | undefined> {
    try {
      const { source } = await this.open(child);
      return { ...source, role: 'label', categorical: true };
    } catch (error) {
      if (!(error instanceof ImgconvError)) throw error;
      this.#notice('NGFF_LABEL', 'damage', parent, `label image ${child.path} is left out: ${error.message}`);
      return undefined;
    }
  }
}

/** One entry a channel; complex channels have two. */
function displayOf(omero: JsonObject, channels: number, parts: 1 | 2): readonly ChannelDisplay[] {
  const listed = asList(omero.channels).map(asObject);
  return Array.from({ length: channels }, (_, c) => {
    const channel = listed[Math.floor(c / parts)] ?? {};
    const window = asObject(channel.window);
    const [min, max, start, end] = ['min', 'max', 'start', 'end'].map((key) => asNumber(window[key])) as (
      | number
      | undefined
    )[];
    const complete = [min, max, start, end].every((n) => n !== undefined && Number.isFinite(n));
    return {
      ...(typeof channel.active === 'boolean' ? { active: channel.active } : {}),
      ...(complete && parts === 1 ? { window: { min: min!, max: max!, start: start!, end: end! } } : {}),
    };
  });
}
