// What is known of one frame: functional groups of its own, then those shared by all, then the data set itself (PS3.3 C.7.6.16).

import type { DataSet } from '../../src/containers/dicom/data-set.js';
import { TAG } from '../../src/containers/dicom/tags.js';
import type { Instance } from './instance.js';

export interface Frame {
  readonly instance: Instance;
  /** 0-based. */
  readonly index: number;
}

export type Vector = readonly [number, number, number];

/** The first item of a functional group. */
export function groupOf({ instance: { data }, index }: Frame, sequence: number): DataSet | undefined {
  const own = data.items(TAG.PerFrameFunctionalGroups)[index]?.items(sequence)[0];
  return own ?? data.items(TAG.SharedFunctionalGroups)[0]?.items(sequence)[0];
}

/** Data sets to ask, nearest first. */
function scopes(frame: Frame, sequence: number): DataSet[] {
  const group = groupOf(frame, sequence);
  return group ? [group, frame.instance.data] : [frame.instance.data];
}

export function numbersOf(frame: Frame, sequence: number, tag: number): readonly number[] {
  for (const scope of scopes(frame, sequence)) {
    const values = scope.numbers(tag);
    if (values.length > 0) return values;
  }
  return [];
}

export function textOf(frame: Frame, sequence: number, tag: number): string | undefined {
  for (const scope of scopes(frame, sequence)) {
    const value = scope.text(tag);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Centre of the first pixel in patient coordinates, mm. */
export function positionOf(frame: Frame): Vector | undefined {
  const values = numbersOf(frame, TAG.PlanePositionSequence, TAG.ImagePositionPatient);
  if (values.length !== 3) return undefined;
  const [x, y, z] = values as unknown as Vector;
  const offsets = gridOffsets(frame.instance);
  const offset = offsets?.[frame.index];
  if (offset === undefined || frame.index === 0) return [x, y, z];
  const normal = normalOf(frame) ?? [0, 0, 1];
  return [x + normal[0] * offset, y + normal[1] * offset, z + normal[2] * offset];
}

/** Distances of the planes of a dose grid from the first, mm (PS3.3 C.8.8.3.2). */
function gridOffsets({ data, format }: Instance): readonly number[] | undefined {
  const offsets = data.numbers(TAG.GridFrameOffsetVector);
  if (offsets.length !== format.frames || format.frames < 2) return undefined;
  // The first is 0, or else all are positions along z of which the first belongs to the first plane.
  return offsets.map((offset) => offset - offsets[0]!);
}

/** Direction cosines of rows and columns. */
export function orientationOf(frame: Frame): readonly number[] | undefined {
  const values = numbersOf(frame, TAG.PlaneOrientationSequence, TAG.ImageOrientationPatient);
  return values.length === 6 ? values : undefined;
}

/** Unit vector across the plane. */
export function normalOf(frame: Frame): Vector | undefined {
  const o = orientationOf(frame);
  if (!o) return undefined;
  const [a, b, c, d, e, f] = o as readonly [number, number, number, number, number, number];
  const n: Vector = [b * f - c * e, c * d - a * f, a * e - b * d];
  const length = Math.hypot(...n);
  return length > 0 ? [n[0] / length, n[1] / length, n[2] / length] : undefined;
}

/** Where the plane lies along the normal, mm. */
export function depthOf(frame: Frame, normal: Vector | undefined): number | undefined {
  const position = positionOf(frame);
  if (position && normal) return position[0] * normal[0] + position[1] * normal[1] + position[2] * normal[2];
  return undefined;
}

/** '20190822113618.5', '1994.11.05' + '13:45:00' → '2019-08-22T11:36:18.5'; undefined where one of them is missing. */
export function dateTime(date: string | undefined, time: string | undefined, zone?: string): string | undefined {
  const d = /^(\d{4})[.-]?(\d{2})[.-]?(\d{2})/.exec(date ?? '');
  if (!d || Number(d[2]) < 1 || Number(d[2]) > 12 || Number(d[3]) < 1 || Number(d[3]) > 31) return undefined;
  const t = /^(\d{2}):?(\d{2})?:?(\d{2})?(\.\d+)?/.exec((time ?? '').trim());
  const offset = /^([+-]\d{2})(\d{2})$/.exec(zone ?? '');
  // A date alone is not enough for xsd:dateTime, and midnight would be invented.
  if (!t || Number(t[1]) > 23 || Number(t[2] ?? 0) > 59 || Number(t[3] ?? 0) > 59) return undefined;
  const clock = `${t[1]}:${t[2] ?? '00'}:${t[3] ?? '00'}${(t[4] ?? '').replace(/\.?0*$/, '')}`;
  return `${d[1]}-${d[2]}-${d[3]}T${clock}${offset ? `${offset[1]}:${offset[2]}` : ''}`;
}

/** A DT value: date, time, fraction and zone in one. */
export function splitDateTime(value: string | undefined, zone?: string): string | undefined {
  const parts = /^(\d{8})(\d{2,6}(?:\.\d+)?)?([+-]\d{4})?/.exec(value ?? '');
  return parts ? dateTime(parts[1], parts[2], parts[3] ?? zone) : undefined;
}

/** Seconds of an xsd:dateTime, for sorting and differences. */
export function secondsOf(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const [whole, fraction] = text.replace(/([+-]\d{2}:\d{2}|Z)$/, '').split('.');
  const zone = /([+-]\d{2}:\d{2})$/.exec(text)?.[1] ?? 'Z';
  const value = Date.parse(`${whole}${zone}`) / 1000;
  return Number.isFinite(value) ? value + Number(`0.${fraction ?? 0}`) : undefined;
}
