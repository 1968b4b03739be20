// Aperio's ImageDescription: a line with the writer's name, a line about sizes and compression, then `|key = value` pairs.

export interface AperioDescription {
  /** First line: 'Aperio Image Library v10.0.51'. */
  readonly software: string;
  /** Second line up to the first '|': sizes and compression, or 'label 387x463'. */
  readonly picture: string;
  /** In order of appearance; a key that comes twice keeps both entries. */
  readonly entries: readonly (readonly [key: string, value: string])[];
}

export function parseDescription(text: string): AperioDescription {
  const [head = '', ...pairs] = text.split('|');
  const lines = head.split(/\r?\n/);
  const entries = pairs.flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]];
  });
  return { software: lines[0]!.trim(), picture: lines.slice(1).join('\n').trim(), entries };
}

/** Value of the first entry of that name. */
export function entryOf({ entries }: AperioDescription, key: string): string | undefined {
  const value = entries.find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
  return value === '' ? undefined : value;
}

export function numberOf(description: AperioDescription, key: string): number | undefined {
  const text = entryOf(description, key);
  const value = text === undefined ? Number.NaN : Number(text.replace(',', '.').replace(/\s*[a-zµ%]+$/i, ''));
  return Number.isFinite(value) ? value : undefined;
}

/** `Date = 12/29/09` (month first) and `Time = 09:59:15` as xsd:dateTime, with `Time Zone = GMT-05:00` where it is given. */
export function dateOf(description: AperioDescription): string | undefined {
  const date = /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4})$/.exec(entryOf(description, 'Date') ?? '');
  const time = /^(\d{1,2}):(\d{2}):(\d{2})$/.exec(entryOf(description, 'Time') ?? '');
  if (!date || !time) return undefined;
  const year = date[3]!.length === 4 ? Number(date[3]) : Number(date[3]) + (Number(date[3]) < 70 ? 2000 : 1900);
  const two = (text: string): string => text.padStart(2, '0');
  const iso = `${year}-${two(date[1]!)}-${two(date[2]!)}T${two(time[1]!)}:${time[2]}:${time[3]}`;
  const parsed = new Date(`${iso}Z`);
  if (Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(iso)) return undefined;
  const zone = /^(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})$/.exec(entryOf(description, 'Time Zone') ?? '');
  return zone ? `${iso}${zone[1]}${two(zone[2]!)}:${zone[3]}` : iso;
}

const PER_SECOND: Readonly<Record<string, number>> = { s: 1, ms: 1e3, us: 1e6, µs: 1e6 };

/** `Exposure Time = 100` is in milliseconds unless a unit is named. */
export function exposureOf(description: AperioDescription): number | undefined {
  const match = /^([0-9.]+)\s*(ms|s|us|µs)?$/.exec(entryOf(description, 'Exposure Time') ?? '');
  if (!match) return undefined;
  const value = Number(match[1]) / (PER_SECOND[match[2] ?? 'ms'] ?? 1000);
  return Number.isFinite(value) ? value : undefined;
}
