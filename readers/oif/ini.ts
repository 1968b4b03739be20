// Settings files of FluoView: UTF-16 with a byte order mark, or one byte a character.

export type Section = ReadonlyMap<string, string>;
export type Ini = ReadonlyMap<string, Section>;

export function decodeText(bytes: Uint8Array): string {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(value);
  return quoted ? quoted[2]! : value;
}

/** In stored order, those of the same name apart. */
export function parseSections(bytes: Uint8Array): [title: string, section: Section][] {
  const sections: [string, Map<string, string>][] = [];
  for (const line of decodeText(bytes).split(/\r?\n/)) {
    const title = /^\s*\[([^\]]+)\]\s*$/.exec(line);
    if (title) {
      sections.push([title[1]!, new Map()]);
      continue;
    }
    const equals = line.indexOf('=');
    const current = sections.at(-1)?.[1];
    if (current && equals > 0) current.set(line.slice(0, equals).trim(), unquote(line.slice(equals + 1).trim()));
  }
  return sections;
}

/** Later sections and keys of the same name win. */
export function parseIni(bytes: Uint8Array): Ini {
  const merged = new Map<string, Map<string, string>>();
  for (const [title, section] of parseSections(bytes)) {
    const known = merged.get(title) ?? new Map<string, string>();
    merged.set(title, known);
    for (const [key, value] of section) known.set(key, value);
  }
  return merged;
}

export function text(ini: Ini, section: string, key: string): string | undefined {
  const value = ini.get(section)?.get(key)?.trim();
  return value === undefined || value === '' ? undefined : value;
}

export function number(ini: Ini, section: string, key: string): number | undefined {
  const value = text(ini, section, key);
  if (value === undefined) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}
