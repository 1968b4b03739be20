// Where and when each plane was taken.

import { child, descendants, paths, textAt, type XmlElement } from '../../src/containers/xml/element.js';
import type { OmePlane, Quantity } from '../../src/core/ome.js';
import { defined, quantity } from '../../src/core/ome-build.js';
import type { CziChannel } from './channels.js';
import type { CziImage, PlacedSubblock } from './layout.js';
import { first, numeric } from './xml.js';

interface Point {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
}

export interface SceneFacts {
  readonly name?: string;
  /** µm. */
  readonly position?: Point;
}

function middle(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return (Math.min(...values) + Math.max(...values)) / 2;
}

function present(values: readonly (number | undefined)[]): number[] {
  return values.filter((value): value is number => value !== undefined);
}

function centre(points: readonly Point[]): Point | undefined {
  if (points.length === 0) return undefined;
  return {
    x: middle(present(points.map((p) => p.x))),
    y: middle(present(points.map((p) => p.y))),
    z: points.find((p) => p.z !== undefined)?.z,
  };
}

function attributePoint(element: XmlElement): Point {
  const [x, y, z] = ['X', 'Y', 'Z'].map((name) => numeric(element.attribute(name)));
  return { x, y, z };
}

/** Scenes by number: names and centres. */
export function readScenes(metadata: XmlElement | undefined): ReadonlyMap<number, SceneFacts> {
  const scenes = new Map<number, SceneFacts>();
  for (const [i, scene] of paths(metadata, 'Information/Image/Dimensions/S/Scenes/Scene').entries()) {
    const points = [...descendants(scene, 'Position')].map(attributePoint).filter((p) => p.x !== undefined);
    const [x, y] = (textAt(scene, 'CenterPosition') ?? '').split(',').map((text) => numeric(text));
    const position = centre(points) ?? (x === undefined ? undefined : { x, y });
    scenes.set(numeric(scene.attribute('Index')) ?? i, {
      name: scene.attribute('Name')?.trim() || undefined,
      position,
    });
  }
  for (const [i, position] of plannedPositions(metadata).entries()) {
    const known = scenes.get(i);
    if (!known?.position) scenes.set(i, { ...known, position });
  }
  return scenes;
}

/** Positions of the experiment: single tile regions in µm, position groups in m. */
function plannedPositions(metadata: XmlElement | undefined): Point[] {
  const block = first(child(metadata, 'Experiment'), 'AcquisitionBlock');
  const setup = block && first(block, 'TilesSetup');
  const groups = setup ? [...descendants(setup, 'PositionGroup')] : [];
  if (groups.length > 0) {
    return groups.flatMap((group) => {
      const node = first(group, 'Position');
      if (!node) return [];
      const { x, y, z } = attributePoint(node);
      const micro = (value: number | undefined): number | undefined => (value === undefined ? undefined : value * 1e6);
      return [{ x: micro(x), y: micro(y), z: micro(z) }];
    });
  }
  const holder = block && first(block, 'SampleHolder');
  if (!holder) return [];
  return [...descendants(holder, 'SingleTileRegion')].map((region) => {
    const [x, y, z] = ['X', 'Y', 'Z'].map((name) => numeric(textAt(region, name)));
    return { x, y, z };
  });
}

/** Seconds since 1970 with the full fraction. */
export function secondsOf(time: string | undefined): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(time?.trim() ?? '');
  if (!match) return undefined;
  const whole = Date.parse(`${match[1]}${match[3] ?? 'Z'}`);
  return Number.isFinite(whole) ? whole / 1000 + Number(match[2] ?? 0) : undefined;
}

export interface PlaneContext {
  readonly scene: SceneFacts | undefined;
  readonly channels: readonly CziChannel[];
  /** Seconds since the start of the acquisition: one a plane, or one a time point. */
  readonly timeStamps: readonly number[];
  /** Seconds since 1970. */
  readonly start: number | undefined;
  /** µm. */
  readonly stepZ: number | undefined;
}

/** Tiles of each plane. */
function tilesOf(image: CziImage): Map<string, PlacedSubblock[]> {
  const tiles = new Map<string, PlacedSubblock[]>();
  for (const each of image.levels[0].blocks) {
    const key = `${each.t},${each.c},${each.z}`;
    const list = tiles.get(key);
    if (list) list.push(each);
    else tiles.set(key, [each]);
  }
  return tiles;
}

/** One a plane that exists, in the order z, c, t (slowest last). */
export function readPlanes(image: CziImage, context: PlaneContext): OmePlane[] {
  const [nt, nc, nz] = image.levels[0].shape;
  const channels = nc / image.kind.samples;
  const { scene, timeStamps } = context;
  const tiles = tilesOf(image);
  const onePlaneOne = timeStamps.length === nt * channels * nz;
  const firstTime = image.levels[0].blocks.map(({ block }) => secondsOf(block.tags?.time)).find((s) => s !== undefined);
  const start = context.start ?? firstTime;
  const planes: OmePlane[] = [];
  for (let TheT = 0; TheT < nt; TheT++) {
    for (let TheZ = 0; TheZ < nz; TheZ++) {
      for (let TheC = 0; TheC < channels; TheC++) {
        const list = tiles.get(`${TheT},${TheC},${TheZ}`);
        if (!list) continue;
        const tags = list.flatMap(({ block }) => (block.tags ? [block.tags] : []));
        const own = secondsOf(tags[0]?.time);
        const stamp = timeStamps[onePlaneOne ? planes.length : TheT];
        const delta = own !== undefined && start !== undefined ? own - start : stamp;
        const channel = context.channels[image.channels[TheC % image.channels.length]!];
        const at = positionOf(image, tags, scene?.position, TheZ, context.stepZ);
        planes.push(
          defined({
            TheZ,
            TheC,
            TheT,
            DeltaT: quantity(delta, 's'),
            ExposureTime: quantity(channel?.exposure, 's'),
            PositionX: at.x,
            PositionY: at.y,
            PositionZ: at.z,
          }),
        );
      }
    }
  }
  return planes;
}

interface PlacePosition {
  readonly x?: Quantity;
  readonly y?: Quantity;
  readonly z?: Quantity;
}

/** Centre of the stage positions of a plane's tiles; else the scene's position; else the place in the document's pixel coordinates. */
function positionOf(
  image: CziImage,
  tags: readonly { readonly stageX?: number; readonly stageY?: number; readonly focus?: number }[],
  scene: Point | undefined,
  z: number,
  stepZ: number | undefined,
): PlacePosition {
  const x = middle(present(tags.map((each) => each.stageX))) ?? scene?.x;
  const y = middle(present(tags.map((each) => each.stageY))) ?? scene?.y;
  const focus =
    present(tags.map((each) => each.focus))[0] ?? (scene?.z === undefined ? undefined : scene.z + z * (stepZ ?? 0));
  const inPixels = (value: number): Quantity => ({ value, unit: 'reference frame' });
  return {
    x: quantity(x, 'µm') ?? inPixels(image.first.x),
    y: quantity(y, 'µm') ?? inPixels(image.first.y),
    z: quantity(focus, 'µm'),
  };
}
