// FEI and Thermo Fisher: an INI text in tag 34682 (34680 of older instruments). Lengths are metres, times seconds.

import type { SemFacts } from './facts.js';

/** `section.key` to value, in order. */
export function parseIni(text: string): Map<string, string> {
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.split(/\r?\n|\r/)) {
    const head = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    const at = line.indexOf('=');
    if (head !== undefined) section = head;
    else if (at > 0) values.set(`${section}.${line.slice(0, at).trim()}`, line.slice(at + 1).trim());
  }
  return values;
}

function numberIn(values: ReadonlyMap<string, string>, ...keys: string[]): number | undefined {
  for (const key of keys) {
    const text = values.get(key);
    const value = text ? Number(text) : Number.NaN;
    if (Number.isFinite(value)) return value;
  }
  return undefined;
}

/** '10/27/2016' (month first, unless that cannot be) and '01:16:51 PM'. */
export function feiDate(date: string | undefined, time: string | undefined): string | undefined {
  const d = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(date?.trim() ?? '');
  const t = /^(\d{1,2}):(\d{2}):(\d{2})\s*(AM|PM)?$/i.exec(time?.trim() ?? '');
  if (!d || !t) return undefined;
  const [first, second] = [Number(d[1]), Number(d[2])];
  const [month, day] = first > 12 || date!.includes('.') ? [second, first] : [first, second];
  let hour = Number(t[1]);
  if (t[4] && hour <= 12) hour = (hour % 12) + (t[4].toUpperCase() === 'PM' ? 12 : 0);
  const two = (n: number): string => String(n).padStart(2, '0');
  const iso = `${d[3]}-${two(month)}-${two(day)}T${two(hour)}:${t[2]}:${t[3]}`;
  const parsed = new Date(`${iso}Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(iso) ? iso : undefined;
}

export function feiFacts(text: string): SemFacts {
  const values = parseIni(text);
  const beam = values.get('Beam.Beam') ?? 'EBeam';
  const scan = values.get('Beam.Scan') || 'Scan';
  const micro = (value: number | undefined): number | undefined => (value === undefined ? undefined : value * 1e6);
  const stage = ['X', 'Y', 'Z'].map((axis) => numberIn(values, `${beam}.Stage${axis}`, `Stage.Stage${axis}`));
  return {
    pixelX: micro(numberIn(values, `${scan}.PixelWidth`, 'Scan.PixelWidth', 'EScan.PixelWidth')),
    pixelY: micro(numberIn(values, `${scan}.PixelHeight`, 'Scan.PixelHeight', 'EScan.PixelHeight')),
    frameTime: numberIn(values, `${scan}.FrameTime`, 'Scan.FrameTime', 'EScan.FrameTime'),
    date: feiDate(values.get('User.Date'), values.get('User.Time')),
    person: values.get('User.User') || undefined,
    manufacturer: 'FEI',
    model: values.get('System.SystemType') || undefined,
    serial: values.get('System.Dnumber') || undefined,
    detector: values.get('Detectors.Name') || undefined,
    workingDistance: numberIn(values, `${beam}.WD`, 'Stage.WorkingDistance'),
    stage,
    entries: [...values].map(([key, value]) => [`FEI ${key.replace('.', ' ')}`, value]),
  };
}
