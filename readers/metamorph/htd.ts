// .HTD files of MetaXpress: `"Key", value` lines about a plate. Images are named NAME_B02_s1_w1GUID.TIF, without the parts that the plate does
// not have, in the .HTD file's folder or in TimePoint_1/ZStep_1/ below it.

import type { InputTree } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';

export interface HtdPlate {
  readonly entries: readonly (readonly [key: string, value: string])[];
  readonly rows: number;
  readonly columns: number;
  /** Selected wells, row by row. */
  readonly wells: readonly { readonly row: number; readonly column: number }[];
  /** Numbers of selected sites, from 1; empty where wells have one image without a number. */
  readonly sites: readonly number[];
  readonly waves: readonly string[];
  /** File names carry the wave's number. */
  readonly waveInName: boolean;
  readonly timePoints: number;
  readonly zSteps: number;
  readonly description?: string;
}

const MOST_SIDE = 200;

export function parseHtd(text: string, file: string): HtdPlate {
  const entries: [string, string][] = [];
  for (const line of text.split(/\r?\n|\r/)) {
    const match = /^\s*"([^"]+)"\s*,(.*)$/.exec(line);
    if (match) entries.push([match[1]!, match[2]!.trim().replace(/^"(.*)"$/, '$1')]);
  }
  if (entries[0]?.[0] !== 'HTSInfoFile')
    throw formatError('HTD_HEADER', 'an .HTD file starts with "HTSInfoFile"', { file });
  const values = new Map(entries);
  const yes = (key: string): boolean => /^true$/i.test(values.get(key) ?? '');
  const count = (key: string, most: number): number => {
    const value = Number.parseInt(values.get(key) ?? '', 10);
    if (value > most) throw formatError('HTD_COUNT', `${key} is ${value}`, { file });
    return Number.isInteger(value) ? Math.max(0, value) : 0;
  };
  const flags = (key: string): boolean[] =>
    (values.get(key) ?? '').split(',').map((each) => /^\s*true\s*$/i.test(each));
  const [columns, rows] = [count('XWells', MOST_SIDE), count('YWells', MOST_SIDE)];
  const wells = Array.from({ length: rows }, (_, row) => row).flatMap((row) =>
    flags(`WellsSelection${row + 1}`).flatMap((on, column) => (on && column < columns ? [{ row, column }] : [])),
  );
  const [xSites, ySites] = [count('XSites', MOST_SIDE), count('YSites', MOST_SIDE)];
  const sites = yes('Sites')
    ? Array.from({ length: ySites }, (_, y) => y).flatMap((y) =>
        flags(`SiteSelection${y + 1}`).flatMap((on, x) => (on && x < xSites ? [y * xSites + x + 1] : [])),
      )
    : [];
  const waves = Math.max(1, count('NWavelengths', 100));
  return {
    entries,
    rows,
    columns,
    wells,
    sites,
    waves: Array.from({ length: waves }, (_, i) => values.get(`WaveName${i + 1}`) ?? ''),
    waveInName: yes('Waves') || waves > 1,
    timePoints: Math.max(1, count('TimePoints', 100_000)),
    // A projection is stored as a single plane.
    zSteps: yes('ZSeries') && !yes('ZProjection') ? Math.max(1, count('ZSteps', 100_000)) : 1,
    ...(values.get('Description')?.trim() ? { description: values.get('Description')!.trim() } : {}),
  };
}

export function wellName({ row, column }: { readonly row: number; readonly column: number }): string {
  const letters =
    row < 26 ? String.fromCharCode(65 + row) : String.fromCharCode(64 + Math.floor(row / 26), 65 + (row % 26));
  return letters + String(column + 1).padStart(2, '0');
}

export interface Place {
  readonly well: { readonly row: number; readonly column: number };
  /** From 1; 0: none in the name. */
  readonly site: number;
  /** From 0. */
  readonly wave: number;
  readonly time: number;
  readonly z: number;
}

/** Real file names by what they show; thumbnails are left out. */
export async function findImages(
  input: InputTree,
  base: string,
  plate: HtdPlate,
): Promise<(place: Place) => string | undefined> {
  const files = new Map<string, string>();
  const prefix = `${base.toLowerCase()}_`;
  const walk = async (folder: string, time: number, z: number): Promise<void> => {
    for (const { name, folder: isFolder } of await input.list(folder)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (isFolder) {
        const timePoint = /^TimePoint_(\d+)$/i.exec(name)?.[1];
        const step = /^ZStep_(\d+)$/i.exec(name)?.[1];
        if (timePoint) await walk(path, Number(timePoint) - 1, z);
        else if (step) await walk(path, time, Number(step) - 1);
        continue;
      }
      if (!name.toLowerCase().startsWith(prefix)) continue;
      const parts = /^([a-z]{1,2}\d{2})(?:_s(\d+))?(?:_w(\d))?(_thumb)?[^_]*\.tiff?$/i.exec(name.slice(prefix.length));
      if (!parts || parts[4]) continue;
      files.set([parts[1]!.toUpperCase(), parts[2] ?? 0, Number(parts[3] ?? 1) - 1, time, z].join(' '), path);
    }
  };
  // A single time point's own folder also has a copy of the .HTD file.
  await walk('', 0, 0);
  return ({ well, site, wave, time, z }) => {
    const key = (zNumber: number): string =>
      [wellName(well), site, plate.waveInName ? wave : 0, time, zNumber].join(' ');
    return files.get(key(z));
  };
}
