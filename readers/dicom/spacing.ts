// Pixel spacing, mm. What is measured in the patient or on the slide comes first; spacing on a detector or a film is used where there is
// nothing else.

import { TAG } from '../../src/containers/dicom/tags.js';
import { type Frame, numbersOf } from './frame.js';

export interface Spacing {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
  /** Where x and y come from, if not from the patient or the slide. */
  readonly plane?: 'detector' | 'film';
}

const CENTIMETRES = 3;

function pair(values: readonly number[]): { x: number; y: number } | undefined {
  // Rows first: the distance along y (PS3.3 10.7.1.3).
  const [y, x] = values;
  return x !== undefined && y !== undefined && x > 0 && y > 0 ? { x, y } : undefined;
}

export function spacingOf(frame: Frame): Spacing {
  const between = numbersOf(frame, TAG.PixelMeasuresSequence, TAG.SpacingBetweenSlices)[0];
  const z = between !== undefined && between !== 0 ? Math.abs(between) : undefined;
  const inPlane = pair(numbersOf(frame, TAG.PixelMeasuresSequence, TAG.PixelSpacing)) ?? slideSpacing(frame);
  if (inPlane) return { ...inPlane, z };
  const { data } = frame.instance;
  const detector = pair(data.numbers(TAG.ImagerPixelSpacing));
  if (detector) return { ...detector, z, plane: 'detector' };
  const film = pair(data.numbers(TAG.NominalScannedPixelSpacing));
  if (film) return { ...film, z, plane: 'film' };
  return { ...ultrasound(frame), z };
}

/** Size of the slide's image over its pixels. */
function slideSpacing({ instance: { data } }: Frame): { x: number; y: number } | undefined {
  const width = data.number(TAG.ImagedVolumeWidth);
  const height = data.number(TAG.ImagedVolumeHeight);
  const columns = data.number(TAG.TotalPixelMatrixColumns);
  const rows = data.number(TAG.TotalPixelMatrixRows);
  if (!width || !height || !columns || !rows) return undefined;
  return { x: width / columns, y: height / rows };
}

/** Ultrasound regions with both axes in centimetres, where all say the same. */
function ultrasound({ instance: { data } }: Frame): { x?: number; y?: number } {
  const regions = data.items(TAG.SequenceOfUltrasoundRegions);
  const sizes = regions.flatMap((region) => {
    const isLength =
      region.number(TAG.PhysicalUnitsXDirection) === CENTIMETRES &&
      region.number(TAG.PhysicalUnitsYDirection) === CENTIMETRES;
    const x = Math.abs(region.number(TAG.PhysicalDeltaX) ?? 0);
    const y = Math.abs(region.number(TAG.PhysicalDeltaY) ?? 0);
    return isLength && x > 0 && y > 0 ? [{ x: 10 * x, y: 10 * y }] : [];
  });
  const [first] = sizes;
  if (!first || sizes.length < regions.length) return {};
  return sizes.every(({ x, y }) => Math.abs(x - first.x) < 1e-6 * x && Math.abs(y - first.y) < 1e-6 * y) ? first : {};
}
