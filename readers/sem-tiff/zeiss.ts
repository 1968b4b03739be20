// Zeiss SEM: tag 34118, pairs of lines: a key (`AP_WD`), then `WD = 3.9 mm` or `Date :12 Mar 2019`.

import { metres } from '../../src/core/units.js';
import type { SemFacts } from './facts.js';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export interface ZeissEntry {
  readonly label: string;
  readonly value: string;
}

export function parseZeiss(text: string): Map<string, ZeissEntry> {
  const entries = new Map<string, ZeissEntry>();
  const lines = text.split(/\r?\n|\r/);
  for (let i = 0; i + 1 < lines.length; i++) {
    const key = lines[i]!.trim();
    if (!/^[A-Z]{2}_[A-Z0-9_]+$/.test(key)) continue;
    const line = lines[++i]!;
    const at = /\s=\s|\s?:/.exec(line);
    if (at)
      entries.set(key, { label: line.slice(0, at.index).trim(), value: line.slice(at.index + at[0].length).trim() });
  }
  return entries;
}

/** Metres of '3.072 nm', '1.5 µm', '12 mm'. */
function lengthOf(entry: ZeissEntry | undefined): number | undefined {
  const match = /^([-+0-9.eE]+)\s*(\S+)$/.exec(entry?.value ?? '');
  const unit = match && metres(match[2]!.replace(/^[u\u03bc]m$/, 'µm'));
  const value = match ? Number(match[1]) : Number.NaN;
  return unit && Number.isFinite(value) ? value * unit : undefined;
}

/** '12 Mar 2019' and '10:21:32'. */
function dateOf(date: string | undefined, time: string | undefined): string | undefined {
  const d = /^(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{4})$/.exec(date ?? '');
  const t = /^(\d{1,2}):(\d{2}):(\d{2})$/.exec(time ?? '');
  const month = d ? MONTHS.indexOf(d[2]!.toLowerCase()) + 1 : 0;
  if (!d || !t || month === 0) return undefined;
  return `${d[3]}-${String(month).padStart(2, '0')}-${d[1]!.padStart(2, '0')}T${t[1]!.padStart(2, '0')}:${t[2]}:${t[3]}`;
}

export function zeissFacts(text: string): SemFacts {
  const entries = parseZeiss(text);
  const size = lengthOf(entries.get('AP_IMAGE_PIXEL_SIZE')) ?? lengthOf(entries.get('AP_PIXEL_SIZE'));
  const pixel = size === undefined ? undefined : size * 1e6;
  return {
    pixelX: pixel,
    pixelY: pixel,
    date: dateOf(entries.get('AP_DATE')?.value, entries.get('AP_TIME')?.value),
    person: entries.get('SV_USER_NAME')?.value || undefined,
    manufacturer: 'Zeiss',
    model: entries.get('DP_SEM')?.value || undefined,
    serial: entries.get('SV_SERIAL_NUMBER')?.value || undefined,
    detector: (entries.get('DP_DETECTOR_CHANNEL') ?? entries.get('DP_DETECTOR_TYPE'))?.value || undefined,
    workingDistance: lengthOf(entries.get('AP_WD')),
    stage: ['X', 'Y', 'Z'].map((axis) => lengthOf(entries.get(`AP_STAGE_AT_${axis}`))),
    entries: [...entries].map(([key, { label, value }]) => [`Zeiss ${key} ${label}`, value]),
  };
}
