// The "omero" object: how channels are shown. OME-NGFF 0.4 and 0.5, "omero" metadata.

import { asList, asNumber, isObject, type Json, type JsonObject, printJson } from '../../containers/zarr/json.js';
import type { Report } from '../report.js';

/** @param channels length of the c axis; undefined where it is not known */
export function checkOmero(omero: Json | undefined, channels: number | undefined, where: string, report: Report): void {
  if (omero === undefined) return;
  if (!isObject(omero) || !Array.isArray(omero.channels)) {
    report.add('NGFF_OMERO', where, isObject(omero) ? 'omero has no list "channels"' : 'omero is no object');
    return;
  }
  const list = asList(omero.channels);
  if (channels !== undefined && list.length !== channels)
    report.add('NGFF_OMERO_CHANNELS', where, `omero describes ${list.length} channels, the image has ${channels}`);
  for (const [i, channel] of list.entries()) {
    if (isObject(channel)) checkChannel(channel, `${where} omero.channels[${i}]`.trimStart(), report);
    else report.add('NGFF_OMERO', where, `channel ${i} is no object`);
  }
}

const TYPES: readonly (readonly [key: string, type: string])[] = [
  ['label', 'string'],
  ['family', 'string'],
  ['active', 'boolean'],
  ['inverted', 'boolean'],
  ['coefficient', 'number'],
];

function checkChannel(channel: JsonObject, where: string, report: Report): void {
  const { color, window } = channel;
  if (color === undefined) report.add('NGFF_OMERO_COLOR', where, 'no color', 'warning');
  else if (typeof color !== 'string' || !/^[0-9A-Fa-f]{6}$/.test(color))
    report.add('NGFF_OMERO_COLOR', where, `color is ${printJson(color)}`);
  for (const [key, type] of TYPES) {
    const value = channel[key];
    if (value === undefined || typeof value === type) continue;
    const severity = key === 'label' || key === 'family' || key === 'active' ? 'error' : undefined;
    report.add('NGFF_OMERO_KEY', where, `${key} is ${printJson(value)}, expected a ${type}`, severity);
  }
  if (window === undefined) {
    report.add('NGFF_OMERO_WINDOW', where, 'no window', 'warning');
    return;
  }
  if (!isObject(window)) {
    report.add('NGFF_OMERO_WINDOW', where, 'window is no object');
    return;
  }
  const missing = ['min', 'max', 'start', 'end'].filter((key) => asNumber(window[key]) === undefined);
  if (missing.length > 0) {
    report.add('NGFF_OMERO_WINDOW', where, `window has no number ${missing.join(', ')}`);
    return;
  }
  const [min, max, start, end] = ['min', 'max', 'start', 'end'].map((key) => asNumber(window[key])!) as [
    number,
    number,
    number,
    number,
  ];
  if (![min, max, start, end].every(Number.isFinite))
    report.add('NGFF_OMERO_WINDOW', where, 'window holds numbers that are not finite');
  else if (max < min || end < start)
    report.add('NGFF_OMERO_RANGE', where, `window from ${start} to ${end} in ${min} to ${max}`);
}
