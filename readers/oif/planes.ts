// Which file is which plane. File names carry 1-based positions: s_C002Z010T003.tif; L is the wavelength of a spectral scan.

import { ImgconvError } from '../../src/core/errors.js';
import type { Limits } from '../../src/core/limits.js';
import type { FluoFiles } from './files.js';
import { type Ini, number, text } from './ini.js';

export interface FluoAxis {
  /** X, Y, C, Z, T, L (wavelength), A (angle), P (point) … */
  readonly code: string;
  /** Number in the names of sections: 'Axis 3 Parameters Common'. */
  readonly section: number;
  readonly size: number;
}

export interface PlaneFile {
  /** Name of the TIFF file; it may be missing. */
  readonly name: string;
  readonly pty: string;
  readonly present: boolean;
  readonly c: number;
  readonly z: number;
  readonly t: number;
  /** 0-based position in the spectrum; `channel` is the detector's number. */
  readonly channel: number;
  readonly lambda: number;
}

export interface PlaneList {
  /** First two: the axes of a plane. */
  readonly inPlane: readonly (FluoAxis | undefined)[];
  readonly axes: readonly FluoAxis[];
  readonly channels: number;
  readonly lambdas: number;
  readonly z: number;
  readonly t: number;
  /** In the order t, c, z, z fastest; c = channel · lambdas + lambda. */
  readonly planes: readonly PlaneFile[];
  /** Axes that were folded into time. */
  readonly folded: readonly string[];
}

const AXES = 9;

function readAxes(main: Ini): FluoAxis[] {
  const axes: FluoAxis[] = [];
  for (let i = 0; i < AXES; i++) {
    const section = `Axis ${i} Parameters Common`;
    const code = text(main, section, 'AxisCode');
    if (code) axes.push({ code, section: i, size: Math.max(0, Math.round(number(main, section, 'MaxSize') ?? 0)) });
  }
  return axes;
}

/** Letters and 1-based positions of a name; undefined for other files. */
function positions(name: string): ReadonlyMap<string, number> | undefined {
  const match = /_((?:[A-Z]\d+)+)\.tif$/i.exec(name);
  if (!match) return undefined;
  return new Map([...match[1]!.matchAll(/([A-Z])(\d+)/gi)].map((m) => [m[1]!.toUpperCase(), Number(m[2])]));
}

const NAMED = new Set(['C', 'Z', 'T', 'L']);

export function listPlanes(files: FluoFiles, main: Ini, limits: Limits): PlaneList {
  const axes = readAxes(main);
  const order = [...(text(main, 'Axis Parameter Common', 'AxisOrder') ?? 'XYCZT')];
  const byCode = new Map(axes.map((axis) => [axis.code, axis]));
  const found = new Map<string, string>();
  const sizes = new Map<string, number>();
  const grow = (code: string, size: number): void => void sizes.set(code, Math.max(sizes.get(code) ?? 1, size));
  const letters = new Set<string>();
  for (const name of files.names) {
    const at = positions(name);
    if (!at) continue;
    for (const code of at.keys()) letters.add(code);
  }
  // Positions beyond the declared size count, as long as they are no accident of naming.
  for (const name of files.names) {
    const at = positions(name);
    if (!at || at.size !== letters.size) continue;
    for (const [code, position] of at) grow(code, position);
    found.set([...letters].map((code) => at.get(code)).join(), name);
  }
  for (const code of order.slice(2))
    if (letters.size === 0 || letters.has(code)) grow(code, byCode.get(code)?.size ?? 1);
  const size = (code: string): number => sizes.get(code) ?? 1;
  const folded = [...sizes.keys()].filter((code) => !NAMED.has(code) && size(code) > 1);
  const more = folded.reduce((n, code) => n * size(code), 1);
  const counts = { channels: size('C'), lambdas: size('L'), z: size('Z'), t: size('T') * more };
  const total = counts.channels * counts.lambdas * counts.z * counts.t;
  if (!(total <= limits.directories)) {
    throw new ImgconvError('limit', 'DIRECTORIES', `${total} planes, more than the limit of ${limits.directories}`);
  }
  const planes: PlaneFile[] = [];
  for (let t = 0; t < counts.t; t++) {
    for (let c = 0; c < counts.channels * counts.lambdas; c++) {
      for (let z = 0; z < counts.z; z++) {
        const channel = Math.floor(c / counts.lambdas);
        const lambda = c % counts.lambdas;
        const at = new Map([
          ['C', channel + 1],
          ['L', lambda + 1],
          ['Z', z + 1],
          ['T', Math.floor(t / more) + 1],
        ]);
        let rest = t % more;
        for (const code of folded) {
          at.set(code, (rest % size(code)) + 1);
          rest = Math.floor(rest / size(code));
        }
        const codes = [...letters];
        const name = found.get(codes.map((code) => at.get(code) ?? 1).join());
        const usual = `s_${codes.map((code) => `${code}${String(at.get(code) ?? 1).padStart(3, '0')}`).join('')}.tif`;
        const file = name ?? usual;
        const pty = file.replace(/\.tif$/i, '.pty');
        planes.push({ name: file, pty, present: name !== undefined, c, z, t, channel, lambda });
      }
    }
  }
  const inPlane = [byCode.get(order[0] ?? 'X'), byCode.get(order[1] ?? 'Y')];
  return { ...counts, inPlane, axes, planes, folded };
}
