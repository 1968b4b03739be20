// ImageDescription of MetaMorph and MetaXpress: lines of `Key: value`, or XML with a `prop` for each fact of a plane.

import { descendants, type XmlElement } from '../../src/containers/xml/element.js';
import { parseXml } from '../../src/containers/xml/parse.js';
import { ImgconvError } from '../../src/core/errors.js';

/** Facts of one plane by name, in order. */
export type Properties = ReadonlyMap<string, string>;

const NONE: Properties = new Map();

/** `prop` and `custom-prop` of the XML; the lines of its own Description are added under their names. */
export function parseProperties(text: string | undefined, file: string): Properties {
  if (text === undefined) return NONE;
  if (!text.startsWith('<MetaData>')) return parseLines(text);
  let root: XmlElement;
  try {
    root = parseXml(text, { lenient: true, file });
  } catch (error) {
    if (error instanceof ImgconvError && error.blame === 'format') return NONE;
    throw error;
  }
  const map = new Map<string, string>();
  for (const name of ['prop', 'custom-prop']) {
    for (const each of descendants(root, name)) {
      const id = each.attribute('id');
      const value = each.attribute('value');
      if (id && value !== undefined && !map.has(id)) map.set(id, value);
    }
  }
  for (const [key, value] of parseLines(map.get('Description') ?? '')) if (!map.has(key)) map.set(key, value);
  return map;
}

/** Stacks repeat the lines for every plane: the first of a name counts. */
function parseLines(text: string): Properties {
  const map = new Map<string, string>();
  for (const line of text.split(/\r?\n|\r/)) {
    const at = line.indexOf(':');
    const key = line.slice(0, at).trim();
    if (at > 0 && !map.has(key)) map.set(key, line.slice(at + 1).trim());
  }
  return map;
}

export function numberOf(properties: Properties, key: string): number | undefined {
  const text = properties.get(key)?.trim();
  const value = text ? Number(text.replace(',', '.')) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const PER_SECOND: Readonly<Record<string, number>> = { s: 1, sec: 1, ms: 1e3, us: 1e6, µs: 1e6 };

/** Seconds of '200 ms', '0.2 s', '15 ms'; a value such as 'Exposure = 15 ms' counts by what follows the sign. */
export function exposureOf(properties: Properties): number | undefined {
  const text = properties.get('Exposure Time') ?? properties.get('Exposure');
  const match = /(?:^|=)\s*([0-9]+(?:[.,][0-9]+)?)\s*(ms|s|sec|us|µs)?\s*$/i.exec(text ?? '');
  if (!match) return undefined;
  return Number(match[1]!.replace(',', '.')) / (PER_SECOND[(match[2] ?? 'ms').toLowerCase()] ?? 1000);
}

/** '20230221 10:41:58.436' as milliseconds since 1970, local time, as if UTC. */
export function timeOf(text: string | undefined): number | undefined {
  const m = /^\s*(\d{4})(\d{2})(\d{2})\s+(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3}))?/.exec(text ?? '');
  if (!m) return undefined;
  const time = Date.parse(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}.${(m[7] ?? '0').padEnd(3, '0')}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** '2 x 2' or '2x2'. */
export function binningOf(properties: Properties): readonly [x: number, y: number] | undefined {
  const [x, y] = [numberOf(properties, 'camera-binning-x'), numberOf(properties, 'camera-binning-y')];
  if (x && y) return [x, y];
  const match = /^(\d+)\s*x\s*(\d+)$/i.exec(properties.get('Binning')?.trim() ?? '');
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}
