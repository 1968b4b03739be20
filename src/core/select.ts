// The OME model of a part of a data set: some images, channels, planes, time points, or a rectangle. Pure; used by every writer, so that
// sizes, spacings, positions, planes, regions of interest and references in the output agree with its pixels.

import { channelSamples } from './channels.js';
import type { Notice } from './contracts.js';
import type { Tczyx } from './geometry.js';
import type {
  OmeAnnotation,
  OmeChannel,
  OmeElement,
  OmeImage,
  OmeModel,
  OmePixels,
  OmePlane,
  OmePlate,
  Quantity,
} from './ome.js';
import type { PixelType } from './pixel-type.js';
import { moveShapes } from './select-rois.js';
import { metres } from './units.js';

/** A rectangle in pixels of the full-size level. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One image of the result. Lists are 0-based, sorted, without duplicates; absent ones mean all. */
export interface ImagePick {
  /** Index into `OmeModel.Images`. */
  readonly index: number;
  readonly t?: readonly number[];
  /** Samples: an RGB channel counts 3. */
  readonly c?: readonly number[];
  readonly z?: readonly number[];
  readonly crop?: Crop;
  /** Shape of the source's full-size level. */
  readonly shape: Tczyx;
  /** Type of the pixels as written. */
  readonly type: PixelType;
}

const MODULO = 'openmicroscopy.org/omero/dimension/modulo';

/** Distance between neighbours of an index list, 0 where it is not regular. A single index keeps the source's distance. */
export function listStep(list: readonly number[] | undefined): number {
  if (list === undefined || list.length < 2) return 1;
  const step = list[1]! - list[0]!;
  return list.every((value, i) => i === 0 || value - list[i - 1]! === step) ? step : 0;
}

/** Shape of what a pick leaves. */
export function pickedShape(pick: ImagePick): Tczyx {
  const [t, c, z, y, x] = pick.shape;
  return [pick.t?.length ?? t, pick.c?.length ?? c, pick.z?.length ?? z, pick.crop?.height ?? y, pick.crop?.width ?? x];
}

/** The model of the picked parts, in the order of `picks`, and what could not be kept true. */
export function selectModel(
  model: OmeModel,
  picks: readonly ImagePick[],
): { model: OmeModel; notices: readonly Notice[] } {
  const notices: Notice[] = [];
  const modulo = new Set(model.Annotations?.filter((a) => a.Namespace === MODULO).map((a) => a.ID));
  const images = picks.map((pick) => selectImage(model.Images[pick.index]!, pick, modulo, notices));
  const kept = new Set(images.map((image) => image.ID));
  const dropped = new Set(model.Images.map((image) => image.ID).filter((id) => !kept.has(id)));
  const regions = selectRegions(model, images, picks, dropped);
  const result: OmeModel = {
    ...model,
    Images: regions.images,
    ROIs: regions.rois,
    Plates: model.Plates?.map((plate) => selectPlate(plate, dropped)),
    Others: model.Others?.map((element) => withoutRefs(element, dropped, regions.dropped)),
    Annotations: usedAnnotations(model, regions.images, modulo),
  };
  return { model: dropUndefined(result), notices };
}

function dropUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

function selectImage(image: OmeImage, pick: ImagePick, modulo: ReadonlySet<string>, notices: Notice[]): OmeImage {
  const some = pick.t ?? pick.c ?? pick.z;
  const refs = some && image.AnnotationRefs?.filter((id) => !modulo.has(id));
  if (refs && refs.length !== image.AnnotationRefs!.length)
    notices.push({
      code: 'MODULO_DROPPED',
      rank: 'loss',
      text: `image ${image.Name ?? image.ID}: the Modulo description of its axes does not fit the selected planes and is left out`,
    });
  const Pixels = selectPixels(image, pick, notices);
  const label = image.StageLabel;
  const StageLabel = label && {
    ...label,
    X: shift(label.X, pick.crop?.x, Pixels.PhysicalSizeX),
    Y: shift(label.Y, pick.crop?.y, Pixels.PhysicalSizeY),
  };
  return dropUndefined({ ...image, StageLabel, Pixels, AnnotationRefs: refs ?? image.AnnotationRefs });
}

function selectPixels(image: OmeImage, pick: ImagePick, notices: Notice[]): OmePixels {
  const pixels = image.Pixels;
  const [t, c, z, y, x] = pickedShape(pick);
  const { channels, index } = selectChannels(pixels, pick);
  const spacing = (
    name: 'PhysicalSizeZ' | 'TimeIncrement',
    list: readonly number[] | undefined,
  ): Quantity | undefined => {
    const value = pixels[name];
    const step = listStep(list);
    if (value && step === 0)
      notices.push({
        code: 'SPACING_DROPPED',
        rank: 'loss',
        text: `image ${image.Name ?? image.ID}: the selected planes are not evenly spaced, ${name} is left out`,
      });
    return value && step > 0 ? { ...value, value: value.value * step } : undefined;
  };
  return dropUndefined({
    ...pixels,
    Type: pick.type,
    SizeX: x,
    SizeY: y,
    SizeZ: z,
    SizeC: c,
    SizeT: t,
    PhysicalSizeZ: spacing('PhysicalSizeZ', pick.z),
    TimeIncrement: spacing('TimeIncrement', pick.t),
    Channels: channels,
    Planes: pixels.Planes && selectPlanes(pixels, pick, index),
  });
}

/** `index`: new position of each old channel element, by old position. */
function selectChannels(pixels: OmePixels, pick: ImagePick): { channels: OmeChannel[]; index: Map<number, number> } {
  const wanted = pick.c && new Set(pick.c);
  const channels: OmeChannel[] = [];
  const index = new Map<number, number>();
  channelSamples(pixels, pick.shape[1]).forEach(({ first, count, channel }, old) => {
    let left = count;
    if (wanted) left = Array.from({ length: count }, (_, i) => first + i).filter((sample) => wanted.has(sample)).length;
    if (left === 0) return;
    index.set(old, channels.length);
    const made = channel ?? { ID: `${pixels.ID.replace(/^Pixels/, 'Channel')}:${old}` };
    const named = made.SamplesPerPixel === undefined && left === 1;
    channels.push(named ? made : { ...made, SamplesPerPixel: left });
  });
  return { channels, index };
}

function selectPlanes(pixels: OmePixels, pick: ImagePick, channel: ReadonlyMap<number, number>): OmePlane[] {
  const place = (list: readonly number[] | undefined, size: number, value: number): number =>
    list ? list.indexOf(value) : value < size ? value : -1;
  const planes: OmePlane[] = [];
  for (const plane of pixels.Planes ?? []) {
    const TheT = place(pick.t, pick.shape[0], plane.TheT);
    const TheZ = place(pick.z, pick.shape[2], plane.TheZ);
    const TheC = channel.get(plane.TheC) ?? -1;
    if (TheT < 0 || TheZ < 0 || TheC < 0) continue;
    planes.push(
      dropUndefined({
        ...plane,
        TheT,
        TheZ,
        TheC,
        // A part of a plane has another hash.
        HashSHA1: pick.crop ? undefined : plane.HashSHA1,
        PositionX: shift(plane.PositionX, pick.crop?.x, pixels.PhysicalSizeX),
        PositionY: shift(plane.PositionY, pick.crop?.y, pixels.PhysicalSizeY),
      }),
    );
  }
  return planes;
}

/**
 * Stage position of a cropped plane, moved by the pixels cut off at its start. A position in a stage's own units ('reference frame') stays
 * what it is: where the stage stood.
 */
function shift(
  position: Quantity | undefined,
  pixels: number | undefined,
  size: Quantity | undefined,
): Quantity | undefined {
  const from = size && metres(size.unit);
  const to = position && metres(position.unit);
  if (!position || !size || !pixels || from === undefined || to === undefined) return position;
  const value =
    position.value + (size.unit === position.unit ? pixels * size.value : (pixels * size.value * from) / to);
  return { value, unit: position.unit };
}

function selectRegions(
  model: OmeModel,
  images: readonly OmeImage[],
  picks: readonly ImagePick[],
  droppedImages: ReadonlySet<string>,
): { images: readonly OmeImage[]; rois?: OmeModel['ROIs']; dropped: ReadonlySet<string> } {
  const owner = new Map<string, number>();
  images.forEach((image, i) => {
    for (const id of image.ROIRefs ?? []) if (!owner.has(id)) owner.set(id, i);
  });
  const lost = new Set<string>();
  for (const image of model.Images) {
    if (droppedImages.has(image.ID)) for (const id of image.ROIRefs ?? []) if (!owner.has(id)) lost.add(id);
  }
  const rois = model.ROIs?.flatMap((roi) => {
    if (lost.has(roi.ID)) return [];
    const i = owner.get(roi.ID);
    if (i === undefined) return [roi];
    const Shapes = moveShapes(roi.Shapes, picks[i]!, model.Images[picks[i]!.index]!.Pixels);
    if (Shapes.length > 0) return [{ ...roi, Shapes }];
    lost.add(roi.ID);
    return [];
  });
  const left = images.map((image) =>
    image.ROIRefs?.some((id) => lost.has(id))
      ? { ...image, ROIRefs: image.ROIRefs.filter((id) => !lost.has(id)) }
      : image,
  );
  return { images: left, rois, dropped: lost };
}

/** Samples of images that are left out go; so do wells that lose all of theirs. */
function selectPlate(plate: OmePlate, dropped: ReadonlySet<string>): OmePlate {
  if (dropped.size === 0) return plate;
  const lost = new Set<string>();
  const Wells = plate.Wells.flatMap((well) => {
    const WellSamples = well.WellSamples.filter((sample) => !sample.ImageRef || !dropped.has(sample.ImageRef));
    if (WellSamples.length === well.WellSamples.length) return [well];
    const left = new Set(WellSamples.map((sample) => sample.ID));
    for (const sample of well.WellSamples) if (!left.has(sample.ID)) lost.add(sample.ID);
    return WellSamples.length > 0 ? [{ ...well, WellSamples }] : [];
  });
  const PlateAcquisitions = plate.PlateAcquisitions?.map((acquisition) =>
    acquisition.WellSampleRefs
      ? { ...acquisition, WellSampleRefs: acquisition.WellSampleRefs.filter((id) => !lost.has(id)) }
      : acquisition,
  );
  return dropUndefined({ ...plate, Wells, PlateAcquisitions });
}

function withoutRefs(element: OmeElement, images: ReadonlySet<string>, rois: ReadonlySet<string>): OmeElement {
  if (images.size === 0 && rois.size === 0) return element;
  const children = element.children
    .filter((child) => {
      const id = child.attributes.ID ?? '';
      return !(child.name === 'ImageRef' && images.has(id)) && !(child.name === 'ROIRef' && rois.has(id));
    })
    .map((child) => withoutRefs(child, images, rois));
  return { ...element, children };
}

/** Modulo annotations that no image names any more would describe axes that are gone. */
function usedAnnotations(
  model: OmeModel,
  images: readonly OmeImage[],
  modulo: ReadonlySet<string>,
): readonly OmeAnnotation[] | undefined {
  if (modulo.size === 0) return model.Annotations;
  const refs = (list: readonly OmeImage[]) =>
    new Set(list.flatMap((i) => [...(i.AnnotationRefs ?? []), ...(i.Pixels.AnnotationRefs ?? [])]));
  const before = refs(model.Images);
  const after = refs(images);
  return model.Annotations?.filter((a) => !modulo.has(a.ID) || after.has(a.ID) || !before.has(a.ID));
}
