// Which stored section is which z, wavelength, time and position.

import type { Axis, DvHeader } from './header.js';

export interface Layout {
  /** Fastest first. */
  readonly axes: readonly { readonly axis: Axis; readonly size: number }[];
  readonly positions: number;
}

const STAGE_X = 2;
const STAGE_Y = 3;

/**
 * Stage positions that old files count as time points: neighbouring time points lie at different places, in a pattern that repeats.
 * Returns 1 where time points are time points.
 */
function positionsInTime(header: DvHeader, sections: readonly (readonly number[])[]): number {
  const { T } = header.sizes;
  if (T < 2 || header.sizes.P > 1 || sections.length < header.sections) return 1;
  const stride = strideOf(header, 'T');
  const place = (t: number): string => `${sections[t * stride]?.[STAGE_X]} ${sections[t * stride]?.[STAGE_Y]}`;
  const first = place(0);
  let period = 1;
  while (period < T && place(period) !== first) period++;
  const distinct = new Set(Array.from({ length: period }, (_, t) => place(t)));
  if (period === 1 || distinct.size !== period || T % period !== 0) return 1;
  for (let t = period; t < T; t++) if (place(t) !== place(t - period)) return 1;
  return period;
}

/** Sections between neighbours along an axis. */
function strideOf(header: DvHeader, axis: Axis): number {
  let stride = 1;
  for (const each of header.sequence as Iterable<string>) {
    if (each === axis) return stride;
    stride *= header.sizes[each as Axis];
  }
  return stride;
}

export function layoutOf(header: DvHeader, sections: readonly (readonly number[])[]): Layout {
  const hidden = positionsInTime(header, sections);
  const axes: { axis: Axis; size: number }[] = [];
  for (const axis of [...header.sequence] as Axis[]) {
    if (axis === 'P') {
      if (hidden === 1) axes.push({ axis, size: header.sizes.P });
    } else if (axis === 'T' && hidden > 1) {
      axes.push({ axis: 'P', size: hidden }, { axis, size: header.sizes.T / hidden });
    } else axes.push({ axis, size: header.sizes[axis] });
  }
  return { axes, positions: hidden > 1 ? hidden : header.sizes.P };
}

/** Number of the section at these coordinates. */
export function sectionAt(layout: Layout, at: Readonly<Record<Axis, number>>): number {
  let index = 0;
  let stride = 1;
  for (const { axis, size } of layout.axes) {
    index += at[axis] * stride;
    stride *= size;
  }
  return index;
}
