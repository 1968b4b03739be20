// Text files that the acquisition (NAME.dv.log) and the deconvolution (NAME_log.txt) leave beside the image.

import type { InputTree } from '../../src/core/contracts.js';

const MAX_LOG = 64 * 2 ** 20;

export interface DvLog {
  readonly files: readonly string[];
  /** In order, section titles as prefixes. */
  readonly values: readonly (readonly [key: string, value: string])[];
  readonly created?: string;
  readonly channelNames: readonly string[];
  readonly objective?: { readonly maker: string; readonly magnification?: number; readonly na?: number };
  readonly camera?: string;
  readonly binning?: string;
  readonly gain?: number;
  /** kHz. */
  readonly readOut?: number;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** 'Wed Nov  5 14:02:31 2008' to xsd:dateTime, zone unknown. */
export function parseDate(text: string): string | undefined {
  const match = /\b([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d{2}:\d{2}:\d{2})\s+(\d{4})/.exec(text);
  const month = match ? MONTHS.indexOf(match[1]!) / 3 + 1 : 0;
  if (!match || month < 1 || !Number.isInteger(month)) return undefined;
  return `${match[4]}-${String(month).padStart(2, '0')}-${match[2]!.padStart(2, '0')}T${match[3]}`;
}

function candidates(name: string): { readonly acquisition: string[]; readonly deconvolution: string[] } {
  const dot = name.lastIndexOf('.');
  const base = dot > 0 ? name.slice(0, dot) : name;
  const raw = /^(.*)_D3D$/i.exec(base)?.[1];
  return {
    acquisition: [`${name}.log`, `${base}.log`, ...(raw ? [`${raw}.dv.log`, `${raw}.log`] : [])],
    deconvolution: [`${base}_log.txt`],
  };
}

function number(text: string): number | undefined {
  const value = Number.parseFloat(text);
  return Number.isFinite(value) ? value : undefined;
}

/** 'Olympus, 100X/1.40, …' and 'Olympus 100X/1.40, …'. */
function parseObjective(text: string): DvLog['objective'] {
  const match = /^(\S+?),?\s+(?:(\d+(?:\.\d+)?)X)?(?:\/(\d+(?:\.\d+)?))?/.exec(text);
  if (!match) return undefined;
  return { maker: match[1]!, magnification: number(match[2] ?? ''), na: number(match[3] ?? '') };
}

/** What stands beside the image; empty where nothing does. */
export async function readLogs(input: InputTree): Promise<DvLog> {
  const { acquisition, deconvolution } = candidates(input.name);
  const beside = new Set((await input.list()).filter((entry) => !entry.folder).map((entry) => entry.name));
  const files: string[] = [];
  const values: [string, string][] = [];
  const read = async (names: readonly string[]): Promise<readonly string[]> => {
    const name = names.find((each) => beside.has(each) && each !== input.name);
    if (name === undefined) return [];
    const bytes = await input.readSmall(name, MAX_LOG);
    if (!bytes) return [];
    files.push(name);
    return Buffer.from(bytes)
      .toString('latin1')
      .split(/[\r\n]+/);
  };
  const channelNames: string[] = [];
  let created: string | undefined;
  let rest: Pick<DvLog, 'objective' | 'camera' | 'binning' | 'gain' | 'readOut'> = {};
  let section = '';
  for (const line of await read(acquisition)) {
    if (line.startsWith('Created')) {
      created = parseDate(line);
      values.push(['Created', line.slice(7).trim()]);
      continue;
    }
    const match = /^#?\s*(?:KEY\s+)?([^:]+):\s*(.*)$/.exec(line);
    if (!match) {
      if (/^Image\b/.test(line)) section = line.trim();
      continue;
    }
    const [key, value] = [match[1]!.trim(), match[2]!.trim()];
    if (!value) {
      section = key;
      continue;
    }
    values.push([section ? `${section} ${key}` : key, value]);
    if (key === 'EM filter' && !channelNames.includes(value)) channelNames.push(value);
    else if (key === 'Objective') rest = { ...rest, objective: parseObjective(value) };
    else if (key === 'Type') rest = { ...rest, camera: value };
    else if (key === 'Binning') rest = { ...rest, binning: value };
    else if (key === 'Gain') rest = { ...rest, gain: number(value) };
    else if (key === 'Speed') rest = { ...rest, readOut: number(value) };
  }
  for (const line of await read(deconvolution)) {
    const match = /^(.*?)\.+\t(.*)$/.exec(line);
    if (match?.[1]?.trim() && match[2]?.trim()) values.push([`Deconvolution ${match[1].trim()}`, match[2].trim()]);
  }
  return { files, values, created, channelNames, ...rest };
}
