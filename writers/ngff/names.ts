// Names of groups that every file system and every NGFF reader takes.

const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** Letters as in a spreadsheet: A … Z, AA … */
function letters(index: number): string {
  return (index >= 26 ? letters(Math.floor(index / 26) - 1) : '') + String.fromCharCode(65 + (index % 26));
}

/** Name of a plate's row or column, alphanumeric. Rows such as CON, which Windows keeps for devices, get a 0 appended. */
export function wellName(index: number, convention: 'letter' | 'number'): string {
  if (convention === 'number') return String(index + 1);
  const name = letters(index);
  return RESERVED.test(name) ? `${name}0` : name;
}

/**
 * Folder names for labels: letters, digits, `_`, `-` and `.` stay, other characters become `_`. Names that differ in case alone, or that
 * an operating system or Zarr reserves, are made distinct.
 */
export function labelNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let safe = name
      .normalize('NFC')
      .replace(/[^A-Za-z0-9_.-]/g, '_')
      .replace(/^[._]+|\.+$/g, '')
      .slice(0, 100);
    if (safe === '' || RESERVED.test(safe.split('.')[0]!) || /^zarr\.json$/i.test(safe))
      safe = `label${safe && `-${safe}`}`;
    let unique = safe;
    for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${safe}-${n}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}
